/* SPDX-License-Identifier: MIT */
/* What a timeline says of each kind of entry, and how bad it is. */
#include "render/entry_words.h"
#include "render/severity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MS NS_PER_MS

static struct process rbd = { .host = "storage1", .pid = 4711, .name = "rbd" };
static struct process unnamed = { .host = "", .pid = 12, .name = "" };
static const struct client cinder = { .process = &rbd, .entity = "client.cinder" };

static void says_of(const struct timeline_entry *entry, enum severity severity, const char *expected)
{
	char *words = entry_words(entry);

	assert_non_null(words);
	assert_string_equal(words, expected);
	assert_string_equal(severity_name(severity_of(entry)), severity_name(severity));
	free(words);
}
#define SAYS(severity, expected, kind_, ...) says_of(&(struct timeline_entry){ .kind = kind_, __VA_ARGS__ }, severity, expected)

static void an_image_is_opened_and_closed(void **state)
{
	(void)state;
	SAYS(SEV_INFO, "image opened", TL_IMAGE_OPEN, .open = { .snap = "" });
	SAYS(SEV_INFO, "image opened at snapshot s1, read only", TL_IMAGE_OPEN, .open = { .snap = "s1", .read_only = true });
	SAYS(SEV_ERROR, "image not opened: -2 No such file or directory", TL_IMAGE_OPEN, .open = { .snap = "", .result = -2 });
	SAYS(SEV_INFO, "QEMU was started with it as a drive", TL_IMAGE_OPEN, .open = { .device = "", .user = "" });
	SAYS(SEV_INFO, "QEMU was started with it as vda, client.nova", TL_IMAGE_OPEN,
	     .open = { .device = "vda", .user = "nova" });
	SAYS(SEV_INFO, "image closed", TL_IMAGE_CLOSE, .close = { 0 });
	SAYS(SEV_INFO, "image closed, with which result is not known", TL_IMAGE_CLOSE, .close = { .unknown = true });
	SAYS(SEV_WARNING, "image closed: -108 Cannot send after transport endpoint shutdown", TL_IMAGE_CLOSE,
	     .close = { .result = -108 });
	SAYS(SEV_INFO, "QEMU ended", TL_IMAGE_CLOSE, .close = { .vm_ended = true });
}

static void a_watch_as_a_trace_tells_it(void **state)
{
	(void)state;
	SAYS(SEV_INFO, "watch on rbd_header.a registered, cookie 7", TL_WATCH_REGISTERED,
	     .watch = { .oid = "rbd_header.a", .cookie = 7, .by = WATCH_BY_REGISTERING });
	SAYS(SEV_ERROR, "watch on rbd_header.a not registered: -108 Cannot send after transport endpoint shutdown",
	     TL_WATCH_ERROR, .watch = { .oid = "rbd_header.a", .result = -108, .by = WATCH_BY_REGISTERING });
	SAYS(SEV_INFO, "watch on rbd_header.a goes on at 10.0.0.1:6800: its reconnect was answered", TL_WATCH_REGISTERED,
	     .watch = { .oid = "rbd_header.a", .osd = "10.0.0.1:6800", .by = WATCH_BY_RECONNECT });
	SAYS(SEV_WARNING,
	     "reconnect of the watch on rbd_header.a refused by 10.0.0.1:6800: -107 Transport endpoint is not connected",
	     TL_WATCH_ERROR,
	     .watch = { .oid = "rbd_header.a", .osd = "10.0.0.1:6800", .result = -107, .by = WATCH_BY_RECONNECT });
	SAYS(SEV_INFO, "watch on rbd_header.a given up, cookie 7", TL_WATCH_UNREGISTERED,
	     .watch = { .oid = "rbd_header.a", .cookie = 7 });
	SAYS(SEV_ERROR, "watch on rbd_header.a failed: -107 Transport endpoint is not connected: the OSD no longer has it",
	     TL_WATCH_ERROR, .watch = { .oid = "rbd_header.a", .result = -107 });
	SAYS(SEV_ERROR, "the watch must have been dropped", TL_WATCH_EXPIRED,
	     .watch = { .found = "the watch must have been dropped" });
}

static void a_watch_as_a_log_tells_it(void **state)
{
	(void)state;
	SAYS(SEV_ERROR, "watch on rbd_header.a expired at osd.3: no ping of it came in time, cookie 7", TL_WATCH_EXPIRED,
	     .watch = { .oid = "rbd_header.a", .osd = "osd.3", .cookie = 7, .by = WATCH_BY_LOG });
	SAYS(SEV_INFO, "watch registered at the OSD, cookie 7", TL_WATCH_REGISTERED,
	     .watch = { .oid = "", .cookie = 7, .by = WATCH_BY_LOG });
	SAYS(SEV_INFO, "watch given up, cookie 7", TL_WATCH_UNREGISTERED,
	     .watch = { .oid = "", .cookie = 7, .by = WATCH_BY_LOG });
	SAYS(SEV_ERROR, "watch on rbd_header.a failed: -107 Transport endpoint is not connected, cookie 7", TL_WATCH_ERROR,
	     .watch = { .oid = "rbd_header.a", .cookie = 7, .result = -107, .by = WATCH_BY_LOG });
}

static void a_ping_by_each_witness(void **state)
{
	(void)state;
	SAYS(SEV_INFO, "ping answered by osd.3 in 0.5 ms", TL_PING_ACK,
	     .ping = { .rtt_ns = MS / 2, .osd = "osd.3", .seen = PING_WIRE });
	SAYS(SEV_WARNING, "ping answered by the OSD only after 5.2 s", TL_PING_LATE,
	     .ping = { .rtt_ns = 5200 * MS, .seen = PING_WIRE });
	SAYS(SEV_INFO, "ping answered (sampled)", TL_PING_ACK, .ping = { .rtt_ns = -1, .seen = PING_SAMPLED });
	SAYS(SEV_WARNING, "ping answered late (sampled)", TL_PING_LATE, .ping = { .rtt_ns = -1, .seen = PING_SAMPLED });
	SAYS(SEV_INFO, "ping processed by osd.3", TL_PING_ACK, .ping = { .rtt_ns = -1, .osd = "osd.3", .seen = PING_OSD_LOG });
	SAYS(SEV_ERROR, "ping sent to osd.3 never answered", TL_PING_LOST,
	     .ping = { .rtt_ns = -1, .osd = "osd.3", .seen = PING_CLIENT_LOG });
	SAYS(SEV_ERROR, "ping sent to the OSD never answered (sampled)", TL_PING_LOST,
	     .ping = { .rtt_ns = -1, .seen = PING_SAMPLED });
	SAYS(SEV_ERROR, "ping refused by osd.3 after 120 ms: -107 Transport endpoint is not connected", TL_PING_LOST,
	     .ping = { .rtt_ns = 120 * MS, .osd = "osd.3", .result = -107, .seen = PING_WIRE });
}

static void a_lock_by_its_own_client_and_by_another(void **state)
{
	(void)state;
	SAYS(SEV_INFO, "exclusive lock acquired", TL_LOCK_ACQUIRED, .lock = { .method = "lock.lock" });
	SAYS(SEV_INFO, "exclusive lock not acquired: -16 Device or resource busy", TL_LOCK_CHECKED,
	     .lock = { .method = "lock.lock", .result = -16 });
	SAYS(SEV_INFO, "exclusive lock released", TL_LOCK_LOST, .lock = { .method = "lock.unlock" });
	SAYS(SEV_INFO, "exclusive lock looked at", TL_LOCK_CHECKED, .lock = { .method = "lock.get_info" });
	SAYS(SEV_WARNING, "exclusive lock of another client broken", TL_LOCK_BROKEN, .lock = { .method = "lock.break_lock" });
	SAYS(SEV_WARNING, "exclusive lock of another client not broken: -2 No such file or directory", TL_LOCK_CHECKED,
	     .lock = { .method = "lock.break_lock", .result = -2 });
	SAYS(SEV_CRITICAL, "exclusive lock broken by rbd (pid 4711, client.cinder)", TL_LOCK_BROKEN,
	     .lock = { .method = "lock.break_lock", .by = &rbd, .by_entity = "client.cinder" });
	SAYS(SEV_CRITICAL, "exclusive lock broken by a process (pid 12)", TL_LOCK_BROKEN,
	     .lock = { .method = "lock.break_lock", .by = &unnamed, .by_entity = "" });
	SAYS(SEV_CRITICAL, "exclusive lock broken by an unknown client", TL_LOCK_BROKEN,
	     .lock = { .method = "lock.break_lock", .by_entity = "" });
}

static void a_snapshot_call(void **state)
{
	struct snapshot_call call = { .begin_ns = 1, .end_ns = 1 + 1500 * MS, .process = &rbd, .op = "create", .snap = "s1" };

	(void)state;
	SAYS(SEV_NOTICE, "snapshot create of s1 begun by rbd (pid 4711, client.cinder)", TL_SNAPSHOT_BEGIN,
	     .snapshot = { &call, &cinder });
	SAYS(SEV_NOTICE, "snapshot create of s1 begun by rbd (pid 4711)", TL_SNAPSHOT_BEGIN, .snapshot = { &call, NULL });
	SAYS(SEV_NOTICE, "snapshot create of s1 done after 1.5 s", TL_SNAPSHOT_END, .snapshot = { &call, &cinder });
	call.result = -17;
	SAYS(SEV_WARNING, "snapshot create of s1 failed after 1.5 s: -17 File exists", TL_SNAPSHOT_END,
	     .snapshot = { &call, &cinder });
}

static void a_blocklist_command_by_each_route(void **state)
{
	struct blocklist_action add = { .op = "add",
		                        .target = "10.0.0.2:0/1",
		                        .call = "",
		                        .entity = "client.cinder",
		                        .by_address = "10.0.0.9:0/2",
		                        .process = &rbd,
		                        .entry = FL_ENTRY_EXCLUSIVE_LOCK_BREAK };

	(void)state;
	SAYS(SEV_CRITICAL,
	     "osd blocklist add 10.0.0.2:0/1 sent by rbd (pid 4711, client.cinder) while breaking the exclusive lock",
	     TL_BLOCKLIST_ADD, .blocklist = &add);
	add.process = NULL;
	add.entry = FL_ENTRY_BLOCKLIST_API;
	SAYS(SEV_CRITICAL, "osd blocklist add 10.0.0.2:0/1 sent by client.cinder through librados' API", TL_BLOCKLIST_ADD,
	     .blocklist = &add);
	add.entity = "";
	add.entry = FL_ENTRY_MONITOR_COMMAND;
	add.range = true;
	SAYS(SEV_CRITICAL, "osd blocklist range add 10.0.0.2:0/1 sent by 10.0.0.9:0/2 as a monitor command", TL_BLOCKLIST_ADD,
	     .blocklist = &add);
	add.entry = FL_ENTRY_UNKNOWN;
	add.range = false;
	add.has_result = true;
	add.result = -13;
	SAYS(SEV_NOTICE, "osd blocklist add 10.0.0.2:0/1 sent by 10.0.0.9:0/2, refused: -13 Permission denied", TL_BLOCKLIST_ADD,
	     .blocklist = &add);
	add.op = "clear";
	add.target = "";
	add.result = 0;
	SAYS(SEV_NOTICE, "osd blocklist clear sent by 10.0.0.9:0/2", TL_BLOCKLIST_RM, .blocklist = &add);
}

static void io_that_went_well_slowly_or_not_at_all(void **state)
{
	const struct io_second second = { .reads = 1, .writes = 2, .flushes = 3, .max_latency_ns = 4 * MS };
	const struct io_second bad = { .errors = 1, .max_latency_ns = 4 * MS };

	(void)state;
	SAYS(SEV_DEBUG, "write at 4096, 512 bytes, in 0.5 ms", TL_IO, .io = { FL_IO_WRITE, 4096, 512, 0, MS / 2 });
	SAYS(SEV_DEBUG, "flush, failed: -5 Input/output error", TL_IO, .io = { FL_IO_FLUSH, 0, 0, -5, MS });
	SAYS(SEV_WARNING, "read at 0, 512 bytes, took 12.3 s", TL_IO_SLOW, .io = { FL_IO_READ, 0, 512, 0, 12300 * MS });
	SAYS(SEV_ERROR, "I/O at 0, 512 bytes, failed: -5 Input/output error", TL_IO_ERROR, .io = { FL_IO_OPS, 0, 512, -5, MS });
	SAYS(SEV_CRITICAL, "write at 70438912, 4096 bytes, failed: -108 Cannot send after transport endpoint shutdown",
	     TL_IO_ESHUTDOWN, .io = { FL_IO_WRITE, 70438912, 4096, -108, MS });
	SAYS(SEV_DEBUG, "1 reads, 2 writes, 0 discards, 3 flushes, 0 failed, longest 4.0 ms", TL_IO_SUMMARY, .summary = &second);
	SAYS(SEV_WARNING, "0 reads, 0 writes, 0 discards, 0 flushes, 1 failed, longest 4.0 ms", TL_IO_SUMMARY, .summary = &bad);
	SAYS(SEV_CRITICAL, "the guest: Buffer I/O error", TL_GUEST_ERROR,
	     .guest = { .device = "vda", .text = "Buffer I/O error", .result = -108, .layer = LAYER_GUEST });
	SAYS(SEV_ERROR, "QEMU: block i/o error", TL_GUEST_ERROR,
	     .guest = { .device = "", .text = "block i/o error", .layer = LAYER_QEMU });
}

static void what_osds_say(void **state)
{
	const struct slow_run ops = { .ts_ns = 1,
		                      .last_ns = 1 + 80 * NS_PER_S,
		                      .osd = "osd.3",
		                      .object = "",
		                      .most = 44,
		                      .lines = 9,
		                      .blocked_ns = 49900 * MS };
	const struct slow_run ping = { .osd = "", .object = "rbd_header.a", .cookie = 7, .lines = 1 };
	const struct snaps_change added = { .osd = "osd.0", .pool = 1, .intervals = 3, .removed = 2 };
	const struct snaps_change without = { .osd = "", .pool = UINT64_MAX, .removed = 1 };
	const struct snaps_change trim = { .osd = "osd.0", .pool = 1, .trim = true };

	(void)state;
	SAYS(SEV_WARNING, "osd.3: 44 slow requests, the oldest blocked for 49.9 s, reported for 80.0 s", TL_SLOW_REQUEST,
	     .slow = &ops);
	SAYS(SEV_WARNING, "the cluster: slow request: a watch ping or another operation on a watch on rbd_header.a",
	     TL_SLOW_REQUEST, .slow = &ping);
	SAYS(SEV_NOTICE, "osd.0 took over newly removed snapshots in pool 1: 2 ids new, 3 intervals in all", TL_REMOVED_SNAPS,
	     .snaps = &added);
	SAYS(SEV_NOTICE, "an OSD took over newly removed snapshots: 1 id new", TL_REMOVED_SNAPS, .snaps = &without);
	SAYS(SEV_NOTICE, "osd.0 trims removed snapshots in pool 1", TL_SNAPTRIM, .snaps = &trim);
}

static void what_is_said_of_a_process_a_client_and_a_host(void **state)
{
	const struct fence_listed listed = { .expires_ns = 1700000000 * NS_PER_S, .lifted = true };

	(void)state;
	SAYS(SEV_WARNING, "the process stood still for 12.0 s", TL_PROCESS_STALLED, .stall = { 1, 12 * NS_PER_S, NULL });
	SAYS(SEV_WARNING, "this host's recording has a gap of 12.0 s: the daemon was stopped", TL_RECORDING_GAP,
	     .stall = { 1, 12 * NS_PER_S, "the daemon was stopped" });
	SAYS(SEV_NOTICE, "snapshot window opened, every I/O is recorded: nightly", TL_WINDOW_BEGIN,
	     .window = { .why = "nightly", .full = true });
	SAYS(SEV_INFO, "snapshot window closed after 60.0 s", TL_WINDOW_END, .window = { .lasted_ns = 60 * NS_PER_S });
	SAYS(SEV_INFO, "client.12 (itself) asks for the exclusive lock", TL_NOTIFY,
	     .notify = { .notifier_gid = 12, .op = 2, .own = true });
	SAYS(SEV_INFO, "client.12 notifies", TL_NOTIFY, .notify = { .notifier_gid = 12, .op = 99 });
	SAYS(SEV_DEBUG, "9 I/Os done, 1 failed, 2 in flight", TL_STATE,
	     .state = { .said = STATE_COUNTS, .inflight = 2, .ios = 9, .errors = 1 });
	SAYS(SEV_WARNING, "not all is recorded here: libfenceline.so does not understand release 21.1.0", TL_STATE,
	     .state = { .said = STATE_NOT_UNDERSTOOD, .not_understood = "release 21.1.0" });
	SAYS(SEV_WARNING, "uid 64055 and uid 0 both say that they are this VM; this is uid 0's (--uid keeps one of them)",
	     TL_STATE, .state = { .said = STATE_CLAIMED_TWICE, .owner = 0, .other = 64055 });
	SAYS(SEV_NOTICE, "on the cluster's blocklist until 2023-11-14 22:13:20 UTC, and taken off it", TL_STATE,
	     .state = { .said = STATE_LISTED, .listed = &listed });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_is_opened_and_closed),
		cmocka_unit_test(a_watch_as_a_trace_tells_it),
		cmocka_unit_test(a_watch_as_a_log_tells_it),
		cmocka_unit_test(a_ping_by_each_witness),
		cmocka_unit_test(a_lock_by_its_own_client_and_by_another),
		cmocka_unit_test(a_snapshot_call),
		cmocka_unit_test(a_blocklist_command_by_each_route),
		cmocka_unit_test(io_that_went_well_slowly_or_not_at_all),
		cmocka_unit_test(what_osds_say),
		cmocka_unit_test(what_is_said_of_a_process_a_client_and_a_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
