/* SPDX-License-Identifier: MIT */
/*
 * emit PROVIDER: opens the trace provider as the shim does and emits the events that stdin names, one JSON object a line:
 *
 *     {"event": "ping_sent", "pid": 7, "cookie": 93825, "osd": "10.0.0.1:6802"}
 *
 * A field left out is 0 or "". Besides the event's own fields: "repeat": N emits it N times; an object without "event" may
 * hold "sleep_ms": N, "print": TEXT (to stdout), or "backtrace": true, which prints the call stack's symbols to stdout.
 */
#include "fenceline/provider.h"
#include "fenceline/status.h"

#include <dlfcn.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum type { TYPE_U8, TYPE_U32, TYPE_I32, TYPE_U64, TYPE_I64, TYPE_STR, TYPE_LAT };

union any_event {
#define MEMBER(event, level, when) struct fl_##event event;
	FL_EVENTS(MEMBER)
};

static void put(json_t *object, const char *name, enum type type, void *to)
{
	json_t *value = json_object_get(object, name);

	switch (type) {
	case TYPE_U8:
		*(uint8_t *)to = json_integer_value(value);
		break;
	case TYPE_U32:
	case TYPE_I32:
		*(uint32_t *)to = json_integer_value(value);
		break;
	case TYPE_U64:
	case TYPE_I64:
		*(uint64_t *)to = json_integer_value(value);
		break;
	case TYPE_STR:
		*(const char **)to = json_is_string(value) ? json_string_value(value) : "";
		break;
	case TYPE_LAT:
		for (size_t i = 0; i < FL_LATENCY_BUCKETS; i++)
			((uint32_t *)to)[i] = json_integer_value(json_array_get(value, i));
	}
	json_object_del(object, name);
}

#define PUT(type, name, unit, text) put(copy, #name, TYPE_##type, &e->name);
#define FILL(event, level, when) \
	static void fill_##event(json_t *copy, void *to) \
	{ \
		struct fl_##event *e = to; \
\
		FL_FIELDS_##event(PUT) \
	}
FL_EVENTS(FILL)

static const struct event {
	const char *name;
	void (*fill)(json_t *copy, void *to);
} events[] = {
#define EVENT(event, level, when) { #event, fill_##event },
	FL_EVENTS(EVENT)
};

static void print_backtrace(const struct fl_provider *provider)
{
	uintptr_t addresses[FL_STACK_MAX];
	int count = provider->backtrace(addresses, FL_STACK_MAX);
	Dl_info info;

	for (int i = 0; i < count; i++)
		printf("%s\n", dladdr((void *)(addresses[i] - 1), &info) && info.dli_sname ? info.dli_sname : "?");
	fflush(stdout);
}

/* Images of the client, with a watch each, whose pings went to as many OSDs. */
static void keep_images(struct fl_status *page, unsigned count, bool lock_requested)
{
	struct fl_status_image *images = (void *)((char *)(page + 1) + sizeof(struct fl_status_client));
	struct fl_status_watch *watches = (void *)(images + count);
	struct fl_status_osd *osds = (void *)(watches + count);

	for (unsigned i = 0; i < count; i++) {
		images[i] = (struct fl_status_image){ .global_id = 4711, .serial = i + 1, .opened_ns = page->written_ns };
		snprintf(images[i].pool, sizeof images[i].pool, "volumes");
		snprintf(images[i].name, sizeof images[i].name, "volume-%u-%u", page->pid, i);
		snprintf(images[i].id, sizeof images[i].id, "%x%x", page->pid, i);
		watches[i] = (struct fl_status_watch){ .global_id = 4711,
			                               .cookie = i + 1,
			                               .image = i + 1,
			                               .registered_ns = page->written_ns,
			                               .last_ack_sent_ns = page->written_ns,
			                               .pings_sent = 9,
			                               .pings_answered = 9 };
		snprintf(watches[i].oid, sizeof watches[i].oid, "rbd_header.%s", images[i].id);
		osds[i] =
		        (struct fl_status_osd){ .answered = 9, .rtt_sum_ns = 9000000, .last_ns = page->written_ns, .rtt[10] = 9 };
		snprintf(osds[i].address, sizeof osds[i].address, "10.1.%u.%u:6800", page->pid % 250, i);
		snprintf(watches[i].osd, sizeof watches[i].osd, "%s", osds[i].address);
	}
	if (count && lock_requested)
		watches[0].lock_request_ns = page->written_ns;
	page->images = (struct fl_status_part){ (uint32_t)((char *)images - (char *)page), count, sizeof *images, 0 };
	page->watches = (struct fl_status_part){ (uint32_t)((char *)watches - (char *)page), count, sizeof *watches, 0 };
	page->osds = (struct fl_status_part){ (uint32_t)((char *)osds - (char *)page), count, sizeof *osds, 0 };
	page->used = (uint32_t)((char *)(osds + count) - (char *)page);
}

/* A status page with one client, as the shim would keep it: {"page": "10.0.0.2:0/1", "vm": "vm1", "fenced": true}; "snapshot":
 * true: it has begun a snapshot call; "images": N: as many, up to 20; "lock_requested": true: a peer asks for the first one's
 * lock. */
static void keep_page(const json_t *object, const char *address)
{
	static struct fl_status *page;
	struct fl_status_client *client;
	struct timespec now;

	if (!page) {
		int fd = memfd_create(FL_STATUS_NAME, MFD_ALLOW_SEALING);
		if (ftruncate(fd, FL_STATUS_BYTES))
			exit(1);
		page = mmap(NULL, FL_STATUS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	client = (struct fl_status_client *)(page + 1);
	page->sequence |= 1;
	page->magic = FL_STATUS_MAGIC;
	page->version = FL_STATUS_VERSION;
	page->head_bytes = sizeof *page;
	page->pid = (uint32_t)getpid();
	page->written_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	page->clients = (struct fl_status_part){ sizeof *page, 1, sizeof *client, 0 };
	page->used = sizeof *page + sizeof *client;
	snprintf(page->vm_name, sizeof page->vm_name, "%s", json_string_value(json_object_get(object, "vm")));
	if (json_is_true(json_object_get(object, "snapshot"))) {
		page->snapshots_begun++;
		page->snapshot_ns = page->written_ns;
	}
	client->global_id = 4711;
	snprintf(client->address, sizeof client->address, "%s", address);
	if (json_object_get(object, "images"))
		keep_images(page, (unsigned)json_integer_value(json_object_get(object, "images")) % 21,
		            json_is_true(json_object_get(object, "lock_requested")));
	if (json_is_true(json_object_get(object, "fenced")) && !client->fenced_ns) {
		client->fenced_ns = page->written_ns;
		page->fences++;
	}
	page->sequence++;
}

static void obey(const struct fl_provider *provider, json_t *object)
{
	json_int_t ms = json_integer_value(json_object_get(object, "sleep_ms"));
	const char *text = json_string_value(json_object_get(object, "print"));

	if (text) {
		puts(text);
		fflush(stdout);
	}
	if (json_object_get(object, "page"))
		keep_page(object, json_string_value(json_object_get(object, "page")));
	if (json_is_true(json_object_get(object, "backtrace")))
		print_backtrace(provider);
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Returns 0, or -1 if the line names no event, or a field that the event does not have. */
static int emit(const struct fl_provider *provider, json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "event"));
	json_t *repeat = json_object_get(object, "repeat"), *copy;
	json_int_t times = repeat ? json_integer_value(repeat) : 1;
	union any_event event;
	size_t i;

	for (i = 0; i < FL_EV_COUNT && strcmp(events[i].name, name); i++)
		;
	if (i == FL_EV_COUNT)
		return -1;
	copy = json_copy(object);
	json_object_del(copy, "event");
	json_object_del(copy, "repeat");
	events[i].fill(copy, &event);
	if (json_object_size(copy))
		return -1;
	json_decref(copy);
	while (times-- > 0)
		if (*provider->enabled[i])
			provider->emit[i](&event);
	return 0;
}

int main(int argc, char **argv)
{
	void *handle = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
	fl_provider_fn *get = handle ? (fl_provider_fn *)dlsym(handle, FL_PROVIDER_SYMBOL) : NULL;
	const struct fl_provider *provider = get ? get(FL_PROVIDER_ABI, FL_EV_COUNT) : NULL;
	char *line = NULL;
	size_t size = 0;

	if (!provider) {
		fprintf(stderr, "emit: no provider: %s\n", argc == 2 ? dlerror() : "usage: emit PROVIDER < LINES");
		return 2;
	}
	if (get(FL_PROVIDER_ABI + 1, FL_EV_COUNT) || get(FL_PROVIDER_ABI, FL_EV_COUNT + 1)) {
		fprintf(stderr, "emit: the provider accepts a shim of another build\n");
		return 1;
	}
	while (getline(&line, &size, stdin) > 0) {
		json_t *object = json_loads(line, 0, NULL);

		if (!json_is_object(object) || (json_object_get(object, "event") && emit(provider, object))) {
			fprintf(stderr, "emit: cannot emit: %s", line);
			return 1;
		}
		if (!json_object_get(object, "event"))
			obey(provider, object);
		json_decref(object);
	}
	free(line);
	return 0;
}
