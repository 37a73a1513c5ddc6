/* SPDX-License-Identifier: MIT */
#include "state.h"

#include "base/emit.h"
#include "base/hook.h"
#include "io.h"
#include "base/layout.h"
#include "base/process.h"
#include "watch.h"

#include <pthread.h>
#include <stdlib.h>

void state_emit(const struct client *client, const struct image *image)
{
	const struct process_identity *process = process_identity();
	struct image_names names = { "" };
	struct io_totals totals = { 0 };
	struct image *of = (struct image *)image; /* its atomics are only read */
	struct client_names who;
	char not_understood[LAYOUTS_TEXT];
	uint64_t global_id;
	uint32_t serial = 0;

	if (!emit_wanted(FL_EV_state) || (image && !image_read(image, &names, &serial)))
		return;
	if (image)
		io_totals(image, &totals);
	client_read(client, &who, &global_id);
	EMIT(state, .pid = process_id(), .global_id = global_id, .host = process->host, .process = process->name,
	     .vm_name = process->vm_name, .vm_uuid = process->vm_uuid, .entity = who.entity, .address = who.address,
	     .fsid = who.fsid, .ceph_version = who.version, .image = serial, .pool = names.pool, .nspace = names.nspace,
	     .name = names.name, .image_id = names.id, .cookie = of ? atomic_load(&of->cookie) : 0,
	     .last_ack_sent_ns = of ? atomic_load(&of->last_ack_sent_ns) : 0, .inflight = (uint32_t)(totals.begun - totals.ios),
	     .ios = totals.ios, .errors = totals.errors, .eshutdowns = totals.eshutdowns, .passed_through = hook_passed(),
	     .opened_ns = of ? atomic_load(&of->opened_ns) : 0, .not_understood = layouts_not_understood(not_understood));
}

static void emit_image(struct image *image, void *arg)
{
	(void)arg;
	state_emit(image_client(image), image);
}

struct search {
	const struct client *client;
	bool found;
};

static void compare_client(struct image *image, void *arg)
{
	struct search *search = arg;

	search->found |= image_client(image) == search->client;
}

static void emit_client_without_image(struct client *client, void *arg)
{
	struct search search = { .client = client };

	(void)arg;
	image_each(compare_client, &search);
	if (!search.found)
		state_emit(client, NULL);
}

void state_emit_all(void)
{
	if (emit_wanted(FL_EV_state)) {
		image_each(emit_image, NULL);
		client_each(emit_client_without_image, NULL);
	}
	state_emit_losses(client_id(client_only()));
}

void state_emit_losses(uint64_t global_id)
{
	if (emit_wanted(FL_EV_passthrough))
		hook_emit_passed(process_id(), global_id);
}

static void tell_at_exit(void)
{
	if (hook_passed())
		state_emit_losses(client_id(client_only()));
}

static void register_exit(void)
{
	atexit(tell_at_exit);
}

void state_tell_at_exit(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, register_exit);
}

static void forget_client(struct image *image, void *arg)
{
	if (image_client(image) == arg)
		atomic_store_explicit(&image->client, NULL, memory_order_relaxed);
}

void state_client_shutdown(struct client *client)
{
	watch_client_shutdown(client);
	image_each(forget_client, client); /* its slot may become another client's */
}
