/* SPDX-License-Identifier: MIT */
/* What happens to a VM, told to a real model event by event, and the verdict on it. */
#ifndef FENCELINE_TESTS_STORY_H
#define FENCELINE_TESTS_STORY_H

#include "correlate/correlate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define T0      (INT64_C(1795383660) * NS_PER_S)
#define ADDRESS "10.99.0.2:0/3655019494"
#define COOKIE  93825000001
#define OSD     "10.99.0.1:6802"

static const struct source source = { .path = "trace", .kind = "ctf", .host = "compute1" };
static const struct source fencers = { .path = "trace of the fencer", .kind = "ctf", .host = "storage1" };
static const struct source audit = { .path = "ceph.audit.log", .kind = "ceph-audit", .host = "" };

struct story {
	struct model *model;
	struct verdicts verdicts;
	bool judged;
};

static inline int64_t at(double seconds)
{
	return T0 + (int64_t)(seconds * NS_PER_S);
}

static inline struct event event_at(double seconds, enum fact fact)
{
	struct event event;

	memset(&event, 0, sizeof event);
	event.ts_ns = at(seconds);
	event.fact = fact;
	event.source = &source;
	return event;
}

static inline void add(struct story *story, const struct event *event)
{
	assert_int_equal(model_add(event, story->model), 0);
}

/* The VM's state, with how many I/Os of its image the shim has counted that failed with -108. */
static inline void vm_tells(struct story *story, double t, uint64_t failed)
{
	struct event event = event_at(t, FACT_state);
	struct fl_state *state = &event.trace.state;

	state->pid = 4711;
	state->global_id = 4123;
	state->image = 1;
	state->host = "compute1";
	state->process = "qemu-system-x86_64";
	state->vm_name = "vm1";
	state->vm_uuid = "uuid1";
	state->entity = "client.nova";
	state->address = ADDRESS;
	state->fsid = state->ceph_version = state->nspace = state->not_understood = "";
	state->pool = "rbd";
	state->name = "vm1";
	state->image_id = "1022";
	state->cookie = COOKIE;
	state->eshutdowns = failed;
	add(story, &event);
}

static inline void vm_connects(struct story *story, double t)
{
	vm_tells(story, t, 0);
}

/* The tracer discarded events of the VM's host. */
static inline void events_are_lost(struct story *story, double from, double to)
{
	struct event event = event_at(to, FACT_lost_events);

	event.lost.count = 7;
	event.lost.begin_ns = at(from);
	event.lost.end_ns = at(to);
	add(story, &event);
}

/* Another image that the same client has open. */
static inline void second_image(struct story *story, double t, uint64_t cookie)
{
	struct event event = event_at(t, FACT_image_open);

	event.trace.image_open = (struct fl_image_open){ .pid = 4711,
		                                         .global_id = 4123,
		                                         .image = 2,
		                                         .pool = "rbd",
		                                         .nspace = "",
		                                         .name = "vm1-disk1",
		                                         .snap = "",
		                                         .image_id = "2044" };
	add(story, &event);
	event = event_at(t, FACT_watch_registered);
	event.trace.watch_registered = (struct fl_watch_registered){
		.pid = 4711, .global_id = 4123, .cookie = cookie, .oid = "rbd_header.2044", .pool = "rbd", .nspace = ""
	};
	add(story, &event);
}

static inline void watch_asked_for(struct story *story, double t, uint64_t cookie, int32_t result)
{
	struct event event = event_at(t, FACT_watch_registered);

	event.trace.watch_registered = (struct fl_watch_registered){ .pid = 4711,
		                                                     .global_id = 4123,
		                                                     .cookie = cookie,
		                                                     .oid = "rbd_header.1022",
		                                                     .pool = "rbd",
		                                                     .nspace = "",
		                                                     .result = result };
	add(story, &event);
}

static inline void watch_begins(struct story *story, double t, uint64_t cookie)
{
	watch_asked_for(story, t, cookie, 0);
}

static inline void watch_is_refused(struct story *story, double t, uint64_t cookie)
{
	watch_asked_for(story, t, cookie, -ESHUTDOWN);
}

static inline void watch_of_fails(struct story *story, double t, uint64_t cookie, const char *oid, int32_t result)
{
	struct event event = event_at(t, FACT_watch_error);

	event.trace.watch_error =
	        (struct fl_watch_error){ .pid = 4711, .global_id = 4123, .cookie = cookie, .oid = oid, .result = result };
	add(story, &event);
}

static inline void watch_fails(struct story *story, double t, int32_t result)
{
	watch_of_fails(story, t, COOKIE, "rbd_header.1022", result);
}

static inline void ping_of(struct story *story, double t, uint64_t cookie, bool answered)
{
	struct event sent = event_at(t, FACT_ping_sent), reply = event_at(t + 0.001, FACT_ping_reply);

	sent.trace.ping_sent =
	        (struct fl_ping_sent){ .pid = 4711, .global_id = 4123, .cookie = cookie, .gen = 1, .sent_ns = at(t), .osd = OSD };
	add(story, &sent);
	reply.trace.ping_reply = (struct fl_ping_reply){
		.pid = 4711, .global_id = 4123, .cookie = cookie, .gen = 1, .sent_ns = at(t), .rtt_ns = NS_PER_MS, .osd = OSD
	};
	if (answered)
		add(story, &reply);
}

static inline void ping(struct story *story, double t, bool answered)
{
	ping_of(story, t, COOKIE, answered);
}

static inline void pings(struct story *story, double from, double to, bool answered)
{
	for (double t = from; t <= to; t += 5)
		ping(story, t, answered);
}

/* librados' own word for how old its last acknowledged ping is, as the shim samples it. */
static inline void overdue(struct story *story, double t, double acked)
{
	struct event event = event_at(t, FACT_ping_sample);

	event.trace.ping_sample = (struct fl_ping_sample){ .pid = 4711,
		                                           .global_id = 4123,
		                                           .cookie = COOKIE,
		                                           .oid = "rbd_header.1022",
		                                           .age_ms = (int64_t)((t - acked) * 1000) + 1,
		                                           .acked_sent_ns = at(acked),
		                                           .change = 2 };
	add(story, &event);
}

static inline void pings_are_lost(struct story *story, double from, double to)
{
	pings(story, from, to, false);
	overdue(story, to + 1, from - 5);
}

static inline void stands_still(struct story *story, double from, double to)
{
	struct event event = event_at(to, FACT_process_stalled);

	event.trace.process_stalled =
	        (struct fl_process_stalled){ .pid = 4711, .begin_ns = at(from), .gap_ns = (uint64_t)(at(to) - at(from)) };
	add(story, &event);
}

static inline void write_fails(struct story *story, double t)
{
	struct event event = event_at(t, FACT_io_eshutdown);

	event.trace.io_eshutdown = (struct fl_io_eshutdown){ .pid = 4711,
		                                             .global_id = 4123,
		                                             .image = 1,
		                                             .op = FL_IO_WRITE,
		                                             .offset = 8192,
		                                             .length = 4096,
		                                             .result = -ESHUTDOWN };
	add(story, &event);
}

static inline void shuts_down(struct story *story, double t)
{
	struct event event = event_at(t, FACT_client_shutdown);

	event.trace.client_shutdown = (struct fl_client_shutdown){ .pid = 4711, .global_id = 4123, .address = ADDRESS };
	add(story, &event);
}

static inline void audited_in(struct story *story, const struct source *log, double t, enum audit_phase phase, const char *op,
                              const char *target, bool range, const char *entity)
{
	struct event event = event_at(t, FACT_audit_blocklist);

	event.source = log;
	event.audit = (struct audit_blocklist){ .op = op,
		                                .range = range,
		                                .target = target,
		                                .expire_s = -1,
		                                .from_address = "10.99.0.1:0/7",
		                                .from_gid = 4400,
		                                .entity = entity,
		                                .phase = phase,
		                                .result_text = "" };
	add(story, &event);
}

static inline void command_in(struct story *story, const struct source *log, double t, const char *op, const char *target,
                              bool range, const char *entity)
{
	audited_in(story, log, t, AUDIT_DISPATCH, op, target, range, entity);
}

static inline void command(struct story *story, double t, const char *op, const char *target, bool range, const char *entity)
{
	command_in(story, &audit, t, op, target, range, entity);
}

static inline void finished(struct story *story, double t, const char *entity)
{
	audited_in(story, &audit, t, AUDIT_FINISHED, "add", ADDRESS, false, entity);
}

static inline void denied(struct story *story, double t, const char *entity)
{
	audited_in(story, &audit, t, AUDIT_DENIED, "add", ADDRESS, false, entity);
}

/* The command as a trace of whoever sent it has it. */
static inline void sends_in(struct story *story, const struct source *trace, double t, enum fl_blocklist_entry entry,
                            const char *entity)
{
	struct event event = event_at(t, FACT_blocklist);

	event.source = trace;
	event.trace.blocklist = (struct fl_blocklist){ .pid = 9021,
		                                       .global_id = 4307,
		                                       .action = 2,
		                                       .op = "add",
		                                       .target = ADDRESS,
		                                       .expire_s = -1,
		                                       .entry = entry,
		                                       .call = "",
		                                       .thread = "",
		                                       .by_address = "10.99.0.1:0/9",
		                                       .by_entity = entity };
	add(story, &event);
}

/* On another host. */
static inline void sends(struct story *story, double t, enum fl_blocklist_entry entry, const char *entity)
{
	sends_in(story, &fencers, t, entry, entity);
}

/* The fencer's call to create a snapshot. */
static inline void snapshot_begins(struct story *story, double t, uint64_t action, const char *snap, const char *image,
                                   const char *id)
{
	struct event event = event_at(t, FACT_snapshot_begin);

	event.trace.snapshot_begin = (struct fl_snapshot_begin){ .pid = 9021,
		                                                 .global_id = 4307,
		                                                 .action = action,
		                                                 .image = (uint32_t)action,
		                                                 .op = "create",
		                                                 .snap = snap,
		                                                 .pool = "rbd",
		                                                 .nspace = "",
		                                                 .name = image,
		                                                 .image_id = id };
	add(story, &event);
}

static inline void snapshot_ends(struct story *story, double t, uint64_t action)
{
	struct event event = event_at(t, FACT_snapshot_end);

	event.trace.snapshot_end = (struct fl_snapshot_end){ .pid = 9021, .global_id = 4307, .action = action };
	add(story, &event);
}

/* rbd, as client.cinder, finds no watcher but itself and fences the VM while it makes a snapshot. */
static inline void lock_breaker(struct story *story, double t, bool lists_watchers)
{
	struct event event;

	snapshot_begins(story, t - 0.2, 1, "s6", "vm1", "1022");
	event = event_at(t - 0.1, FACT_watchers_listed);
	event.trace.watchers_listed =
	        (struct fl_watchers_listed){ .pid = 9021, .global_id = 4307, .list = 1, .oid = "rbd_header.1022", .watchers = 0 };
	if (lists_watchers)
		add(story, &event);
	sends_in(story, &source, t, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	snapshot_ends(story, t + 1, 1);
}

static inline const struct verdicts *judge(struct story *story, uint32_t watch_timeout_s)
{
	struct correlate_options options = { watch_timeout_s };

	model_finish(story->model);
	assert_int_equal(correlate(story->model, &options, &story->verdicts), 0);
	story->judged = true;
	return &story->verdicts;
}

static inline const struct incident *only_incident(struct story *story, uint32_t watch_timeout_s)
{
	const struct verdicts *verdicts = judge(story, watch_timeout_s);

	assert_int_equal(verdicts->incident_count, 1);
	return &verdicts->incidents[0];
}

static inline int begin(void **state)
{
	static const struct model_options options;
	struct story *story = calloc(1, sizeof *story);

	story->model = model_new(&options);
	*state = story;
	return story->model ? 0 : -1;
}

static inline int end(void **state)
{
	struct story *story = *state;

	if (story->judged)
		verdicts_free(&story->verdicts);
	model_free(story->model);
	free(story);
	return 0;
}

/* A QEMU with a VM called vm1, whatever its UUID. */
static inline void qemu_connects(struct story *story, const struct source *trace, double t, uint32_t pid, uint64_t gid,
                                 const char *uuid, const char *address)
{
	struct event event = event_at(t, FACT_client_connect);

	event.source = trace;
	event.trace.client_connect = (struct fl_client_connect){ .pid = pid,
		                                                 .global_id = gid,
		                                                 .host = "",
		                                                 .process = "qemu-system-x86_64",
		                                                 .vm_name = "vm1",
		                                                 .vm_uuid = uuid,
		                                                 .entity = "",
		                                                 .address = address,
		                                                 .fsid = "",
		                                                 .ceph_version = "" };
	add(story, &event);
}

static inline void qemu_opens(struct story *story, const struct source *trace, double t, uint32_t pid, uint64_t gid,
                              const char *image_id)
{
	struct event event = event_at(t, FACT_image_open);

	event.source = trace;
	event.trace.image_open = (struct fl_image_open){ .pid = pid,
		                                         .global_id = gid,
		                                         .image = 9,
		                                         .pool = "rbd",
		                                         .nspace = "",
		                                         .name = "disk",
		                                         .snap = "",
		                                         .image_id = image_id };
	add(story, &event);
}

/* A client of the cluster with that fsid; 4123 is the VM's. */
static inline void a_client_of(struct story *story, uint64_t gid, const char *fsid, const char *address)
{
	struct event event = event_at(0, FACT_client_connect);
	struct fl_client_connect *client = &event.trace.client_connect;

	client->pid = gid == 4123 ? 4711 : (uint32_t)gid;
	client->global_id = gid;
	client->fsid = fsid;
	client->address = address;
	client->host = client->process = client->vm_name = client->vm_uuid = client->entity = client->ceph_version = "";
	add(story, &event);
}

static inline void a_vm_is_there(struct story *story)
{
	vm_connects(story, 0);
	watch_begins(story, 0.1, COOKIE);
}

/* Its pings are answered up to 20 s, and not from 25 s on. */
static inline void a_vm_falls_silent(struct story *story)
{
	a_vm_is_there(story);
	pings(story, 5, 20, true);
	pings(story, 25, 50, false);
	overdue(story, 51, 20);
}

#endif
