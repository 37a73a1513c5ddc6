/* SPDX-License-Identifier: MIT */
#include "status.h"

#include "base/emit.h"
#include "base/hook.h"
#include "image.h"
#include "io.h"
#include "base/layout.h"
#include "noted.h"
#include "base/process.h"
#include "status_page.h"
#include "base/ticker.h"
#include "watch.h"

#include "fenceline/status.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RETRY_TICKS 60

_Static_assert(sizeof((struct fl_status *)0)->not_understood == LAYOUTS_TEXT, "what is not understood fits");

struct writing {
	struct fl_status *head;
	uint32_t used;
};

/* Room for one more entry of this part, which is the last one begun. NULL: counted as left out. */
static void *next_entry(struct writing *writing, struct fl_status_part *part, uint32_t most)
{
	void *entry = (char *)writing->head + writing->used;

	if (part->count == most) {
		part->left_out++;
		return NULL;
	}
	memset(entry, 0, part->entry_bytes);
	part->count++;
	writing->used += part->entry_bytes;
	return entry;
}

static void begin_part(struct writing *writing, struct fl_status_part *part, size_t entry_bytes)
{
	*part = (struct fl_status_part){ .offset = writing->used, .entry_bytes = (uint32_t)entry_bytes };
}

#define COPY(to, from) snprintf(to, sizeof(to), "%.*s", (int)sizeof(to) - 1, from)

static void write_client(struct client *client, void *arg)
{
	struct writing *writing = arg;
	struct fl_status_client *entry;
	struct client_names names;
	uint64_t global_id;

	if (!client_read(client, &names, &global_id) ||
	    !(entry = next_entry(writing, &writing->head->clients, FL_STATUS_CLIENTS)))
		return;
	entry->global_id = global_id;
	COPY(entry->address, names.address);
	COPY(entry->entity, names.entity);
	COPY(entry->fsid, names.fsid);
	COPY(entry->version, names.version);
	entry->fenced_ns = atomic_load(&client->fenced_ns);
}

static void write_image(struct image *image, void *arg)
{
	struct writing *writing = arg;
	struct fl_status_image *entry;
	struct image_names names;
	struct io_totals totals;
	uint32_t serial;
	int64_t never = 0;

	if (!image_read(image, &names, &serial) || !(entry = next_entry(writing, &writing->head->images, FL_STATUS_IMAGES)))
		return;
	io_totals(image, &totals);
	if (totals.eshutdowns) {
		atomic_compare_exchange_strong(&image->eshutdown_ns, &never, now_realtime_ns());
		noted_fenced(image_client(image));
	}
	entry->global_id = client_id(image_client(image));
	entry->serial = serial;
	entry->inflight = (uint32_t)(totals.begun - totals.ios);
	COPY(entry->pool, names.pool);
	COPY(entry->nspace, names.nspace);
	COPY(entry->name, names.name);
	COPY(entry->id, names.id);
	entry->opened_ns = atomic_load(&image->opened_ns);
	entry->eshutdown_ns = atomic_load(&image->eshutdown_ns);
	entry->ios = totals.ios;
	entry->errors = totals.errors;
	entry->eshutdowns = totals.eshutdowns;
	entry->reads = totals.ops[FL_IO_READ];
	entry->writes = totals.ops[FL_IO_WRITE] + totals.ops[FL_IO_WRITESAME] + totals.ops[FL_IO_COMPARE_AND_WRITE];
	entry->read_bytes = totals.read_bytes;
	entry->write_bytes = totals.write_bytes;
	memcpy(entry->latency, totals.latency, sizeof entry->latency);
}

static void write_watch(struct watch *watch, void *arg)
{
	struct writing *writing = arg;
	struct fl_status_watch *entry = next_entry(writing, &writing->head->watches, FL_STATUS_WATCHES);

	if (!entry)
		return;
	entry->global_id = watch->global_id;
	entry->cookie = atomic_load(&watch->cookie);
	entry->image = watch_image_serial(watch);
	entry->timeout_s = watch->timeout_s;
	COPY(entry->oid, watch->oid);
	entry->registered_ns = atomic_load(&watch->registered_ns);
	entry->lock_request_ns = atomic_load(&watch->lock_request_ns);
	entry->snapshot_ns = atomic_load(&watch->snapshot_ns);
	watch_sampled(watch, entry);
	pings_told(&watch->pings, entry);
}

static void write_osd(const struct fl_status_osd *osd, void *arg)
{
	struct writing *writing = arg;
	struct fl_status_osd *entry = next_entry(writing, &writing->head->osds, FL_STATUS_OSDS);

	if (entry)
		*entry = *osd;
}

static void write_head(struct fl_status *head)
{
	const struct process_identity *process = process_identity();

	head->pid = (uint32_t)getpid();
	head->writes++;
	head->written_ns = now_realtime_ns();
	head->written_mono_ns = (int64_t)now_monotonic_ns();
	COPY(head->host, process->host);
	COPY(head->process, process->name);
	COPY(head->vm_name, process->vm_name);
	COPY(head->vm_uuid, process->vm_uuid);
	head->passed_through = hook_passed();
	layouts_not_understood(head->not_understood);
	head->stalled_ms = atomic_load(&ticker_stalled_ms);
}

static void write_parts(struct writing *writing)
{
	struct fl_status *head = writing->head;

	begin_part(writing, &head->images, sizeof(struct fl_status_image)); /* first: it notices who was fenced */
	image_each(write_image, writing);
	begin_part(writing, &head->clients, sizeof(struct fl_status_client));
	client_each(write_client, writing);
	begin_part(writing, &head->watches, sizeof(struct fl_status_watch));
	watch_each(write_watch, writing);
	begin_part(writing, &head->osds, sizeof(struct fl_status_osd));
	head->osds.left_out += noted_osds(write_osd, writing);
	noted_write(head);
	head->used = writing->used;
}

void status_tick(void)
{
	static unsigned wait;
	struct writing writing = { .used = sizeof(struct fl_status) };

	if (wait && --wait)
		return;
	writing.head = status_page_begin();
	if (!writing.head) {
		wait = RETRY_TICKS;
		hook_pass(HOOK_rados_watch3, "no status page: memfd or mapping refused");
		return;
	}
	write_head(writing.head);
	write_parts(&writing);
	status_page_end();
}

void status_after_fork_child(void)
{
	status_page_forget();
}
