/* SPDX-License-Identifier: MIT */
/*
 * What both sides of the trace agree on: one X-macro list of events, each with its fields.
 *
 * From this list come, by the preprocessor alone:
 *   - struct fl_<event>            what a wrapper in shim/ fills in and the reader in tools/fenceline/ingest/ gets back
 *   - enum fl_event                the number of an event, FL_EV_<event>
 *   - the LTTng-UST tracepoints    tracepoints/
 *   - the reader's field table     tools/fenceline/ingest/fact_fields.c
 *   - tracepoints/EVENTS.md        generated; a test fails when it is stale
 *
 * Every event takes one pointer to its struct (LTTng allows ten arguments). Times are nanoseconds since the epoch
 * (CLOCK_REALTIME) unless a field says otherwise; durations are CLOCK_MONOTONIC differences. Strings are never NULL
 * when an event is emitted: the shim puts "" for what it does not know. No event carries guest data, keys, or monitor
 * commands other than blocklist ones.
 *
 * Adding a field: append it. A reader finds fields by name; one that a trace lacks reads as 0 or "".
 */
#ifndef FENCELINE_EVENTS_H
#define FENCELINE_EVENTS_H

#include <stdint.h>

#define FL_PROVIDER_NAME "fenceline"

/* Frames kept of a call stack; more are cut off at the outermost end. */
#define FL_STACK_MAX 48
/* Latency buckets of io_summary: bucket i counts I/Os with latency in [2^i, 2^(i+1)) microseconds; 0 also holds < 1 us,
 * the last one everything longer (2^23 us is 8.4 s). */
#define FL_LATENCY_BUCKETS 24

/* ---- Field types: F(type, name, unit, text) with type one of U8 U32 I32 U64 I64 STR LAT (uint32_t[FL_LATENCY_BUCKETS]) ---- */

/* Fields that begin every event: which process and which of its librados clients. */
#define FL_FIELDS_HEAD(F) \
	F(U32, pid, "", "process id, as the process itself sees it") \
	F(U64, global_id, "", "the librados client's global id (the N of client.N); 0 if not connected or not known")

/* Who a process is. Part of client_connect and of state, so that every trace names its VM. */
#define FL_FIELDS_IDENTITY(F) \
	F(STR, host, "", "host name") \
	F(STR, process, "", "base name of argv[0]; for an interpreter the base name of its script") \
	F(STR, vm_name, "", "QEMU's -name guest=; empty in a process that is no VM") \
	F(STR, vm_uuid, "", "QEMU's -uuid; empty in a process that is no VM") \
	F(STR, entity, "", "Ceph user that connects, such as client.cinder; empty if not known") \
	F(STR, address, "", "the client's address as Ceph writes it (rados_getaddrs), such as 10.0.0.2:0/123456789") \
	F(STR, fsid, "", "the cluster's fsid") \
	F(STR, ceph_version, "", "librados' version as in ceph_version_t or rados_version, such as 16.2.15 or 3.0.0")

#define FL_FIELDS_client_connect(F) FL_FIELDS_HEAD(F) FL_FIELDS_IDENTITY(F) \
	F(I32, result, "-errno", "0 or the error of rados_connect") \
	F(U64, latency_ns, "ns", "how long connecting took")

#define FL_FIELDS_client_shutdown(F) FL_FIELDS_HEAD(F) \
	F(STR, address, "", "the client's address")

#define FL_FIELDS_image_open(F) FL_FIELDS_HEAD(F) \
	F(U32, image, "", "serial number of the open image within the process, from 1") \
	F(STR, pool, "", "pool name") \
	F(STR, nspace, "", "RADOS namespace; empty for the default one") \
	F(STR, name, "", "image name") \
	F(STR, image_id, "", "image id, the ID of rbd_header.ID; empty for format 1 or on failure") \
	F(STR, snap, "", "snapshot it was opened at; empty for the head") \
	F(U8, read_only, "", "1 if opened read-only") \
	F(I32, result, "-errno", "0 or the error of the open call") \
	F(U64, latency_ns, "ns", "how long opening took")

#define FL_FIELDS_image_close(F) FL_FIELDS_HEAD(F) \
	F(U32, image, "", "serial number of the open image") \
	F(I32, result, "-errno", "0 or the error of the close call") \
	F(U32, inflight, "", "I/Os that had not completed when the close began") \
	F(U8, unknown, "", "1 if the result could not be asked: then it stands as 0")

#define FL_FIELDS_watch_registered(F) FL_FIELDS_HEAD(F) \
	F(U64, cookie, "", "the watch's cookie: the handle that (aio_)watch gave back") \
	F(STR, oid, "", "object watched, such as rbd_header.ID") \
	F(STR, pool, "", "pool name") \
	F(STR, nspace, "", "RADOS namespace") \
	F(U32, timeout_s, "s", "timeout asked for; 0 means the OSD's osd_client_watch_timeout") \
	F(I32, result, "-errno", "0 or the error of the registration") \
	F(U64, latency_ns, "ns", "how long registering took")

#define FL_FIELDS_watch_unregistered(F) FL_FIELDS_HEAD(F) \
	F(U64, cookie, "", "the watch's cookie") \
	F(STR, oid, "", "object watched") \
	F(I32, result, "-errno", "0 or the error of the unwatch; 0 if it is not known yet")

#define FL_FIELDS_watch_error(F) FL_FIELDS_HEAD(F) \
	F(U64, cookie, "", "the watch's cookie") \
	F(STR, oid, "", "object watched") \
	F(I32, result, "-errno", "what WatchCtx2::handle_error was told: -107 the OSD no longer has it, -108 blocklisted")

#define FL_FIELDS_notify(F) FL_FIELDS_HEAD(F) \
	F(U64, cookie, "", "the watch's cookie") \
	F(STR, oid, "", "object watched") \
	F(U64, notify_id, "", "the notify's id") \
	F(U64, notifier_gid, "", "global id of the client that sent it") \
	F(I32, op, "", "librbd's NotifyOp (2 request lock, 8 snap create, 9 snap remove ...); -1 if the payload is not librbd's") \
	F(U32, payload_bytes, "bytes", "length of the payload, which itself is not recorded")

/* Pings seen on the wire (crc mode): exact. */
#define FL_FIELDS_ping_sent(F) FL_FIELDS_HEAD(F) \
	F(U64, cookie, "", "the watch's cookie") \
	F(U32, gen, "", "registration generation of the watch") \
	F(I64, sent_ns, "ns since epoch", "when the message was handed to the socket") \
	F(STR, osd, "", "the OSD's address (getpeername), ip:port")

#define FL_FIELDS_ping_reply(F) FL_FIELDS_HEAD(F) \
	F(U64, cookie, "", "the watch's cookie") \
	F(U32, gen, "", "registration generation of the watch") \
	F(I64, sent_ns, "ns since epoch", "when the ping it answers was sent; 0 if that was not seen") \
	F(U64, rtt_ns, "ns", "round trip; 0 if the ping was not seen") \
	F(I32, result, "-errno", "the OSD's answer: 0, -107 not watching any more, -108 blocklisted") \
	F(STR, osd, "", "the OSD's address, ip:port")

/* A watch that was registered goes on with another OSD, or over another connection: the OSD's timer of it begins anew. */
#define FL_FIELDS_watch_reconnect_sent(F) FL_FIELDS_ping_sent(F)
#define FL_FIELDS_watch_reconnect_reply(F) FL_FIELDS_ping_reply(F)

/* Pings by rados watch_check, once a second and watch: sampled; the only source in secure mode. */
#define FL_FIELDS_ping_sample(F) FL_FIELDS_HEAD(F) \
	F(U64, cookie, "", "the watch's cookie") \
	F(STR, oid, "", "object watched") \
	F(I64, age_ms, "ms", "what watch_check returned: 1 + ms since the send time of the last acknowledged ping, or -errno") \
	F(I64, acked_sent_ns, "ns since epoch", "implied send time of the last acknowledged ping; 0 on error") \
	F(U8, change, "", "1 new acknowledgement, 2 overdue (past tick + 2 s), 3 error; 0 none of them (first sample)")

#define FL_FIELDS_process_stalled(F) FL_FIELDS_HEAD(F) \
	F(I64, begin_ns, "ns since epoch", "when the sampler last ran before the gap") \
	F(U64, gap_ns, "ns", "how much longer than asked for it did not run: the process was stopped, migrated or starved")

/* What librbd does to an image's header object, by class method. */
#define FL_FIELDS_header_op(F) FL_FIELDS_HEAD(F) \
	F(STR, oid, "", "object, such as rbd_header.ID") \
	F(STR, pool, "", "pool name") \
	F(STR, nspace, "", "RADOS namespace") \
	F(STR, method, "", "class.method, such as lock.get_info, lock.lock, lock.break_lock, rbd.snapshot_add") \
	F(I32, result, "-errno", "0, a positive count, or an error") \
	F(U64, latency_ns, "ns", "from submission to completion")

/* What the lock breaker saw: one watchers_listed, then a watcher_listed for each. */
#define FL_FIELDS_watchers_listed(F) FL_FIELDS_HEAD(F) \
	F(U64, list, "", "serial number of this listing within the process") \
	F(STR, oid, "", "object asked about") \
	F(I32, result, "-errno", "0 or an error") \
	F(U32, watchers, "", "how many there were")

#define FL_FIELDS_watcher_listed(F) FL_FIELDS_HEAD(F) \
	F(U64, list, "", "the listing it belongs to") \
	F(STR, oid, "", "object asked about") \
	F(STR, watcher_address, "", "address of the watching client") \
	F(U64, watcher_gid, "", "global id of the watching client") \
	F(U64, cookie, "", "cookie of its watch") \
	F(U32, timeout_s, "s", "timeout of its watch")

/* A break_lock call of librbd's API, rbd_break_lock or rbd_lock_break and their C++ twins: begin and end. */
#define FL_FIELDS_lock_break_begin(F) FL_FIELDS_HEAD(F) \
	F(U64, action, "", "serial number within the process, the same in lock_break_end") \
	F(U32, image, "", "serial number of the open image; 0 if not known") \
	F(STR, call, "", "the API call: rbd_break_lock, rbd_lock_break, librbd::Image::break_lock, librbd::Image::lock_break") \
	F(STR, locker, "", "the locker as the caller named it: client.N for break_lock, the lock owner (client.N or an address) for lock_break") \
	F(STR, cookie, "", "the lock's cookie as the caller named it; empty for lock_break")

#define FL_FIELDS_lock_break_end(F) FL_FIELDS_HEAD(F) \
	F(U64, action, "", "as in lock_break_begin") \
	F(I32, result, "-errno", "0 or the error of the call")

/* A blocklist command on its way to the monitors; sent before the result is known. */
#define FL_FIELDS_blocklist(F) FL_FIELDS_HEAD(F) \
	F(U64, action, "", "serial number within the process: joins stack_frame and blocklist_result") \
	F(STR, op, "", "add, rm or clear") \
	F(U8, range, "", "1 for `blocklist range`: target is a CIDR") \
	F(STR, target, "", "address to fence, ip:port/nonce, or a CIDR") \
	F(I64, expire_s, "s", "expiry asked for; 0 = the cluster's default (3600); -1 if none was named") \
	F(U8, entry, "", "how it came in, enum fl_blocklist_entry") \
	F(STR, call, "", "the wrapped call that saw it") \
	F(STR, thread, "", "name of the sending thread") \
	F(STR, by_address, "", "the sending client's own address") \
	F(STR, by_entity, "", "the sending client's Ceph user; empty if not known")

#define FL_FIELDS_blocklist_result(F) FL_FIELDS_HEAD(F) \
	F(U64, action, "", "as in blocklist") \
	F(I32, result, "-errno", "0 or the error of the command")

#define FL_FIELDS_stack_frame(F) FL_FIELDS_HEAD(F) \
	F(U64, action, "", "the action whose call stack this is part of") \
	F(U32, index, "", "0 is the innermost frame") \
	F(U32, frames, "", "how many frames the stack has") \
	F(STR, module, "", "base name of the library or program") \
	F(U64, offset, "bytes", "of the return address within the module") \
	F(STR, build_id, "", "GNU build id of the module in hex; empty if it has none") \
	F(STR, symbol, "", "nearest exported symbol, mangled as it is; empty if there is none")

#define FL_FIELDS_snapshot_begin(F) FL_FIELDS_HEAD(F) \
	F(U64, action, "", "serial number within the process, the same in snapshot_end") \
	F(U32, image, "", "serial number of the open image; 0 if not known") \
	F(STR, op, "", "create, remove, rename, protect, unprotect or rollback") \
	F(STR, snap, "", "snapshot name") \
	F(STR, pool, "", "pool name") \
	F(STR, nspace, "", "RADOS namespace") \
	F(STR, name, "", "image name") \
	F(STR, image_id, "", "image id")

#define FL_FIELDS_snapshot_end(F) FL_FIELDS_HEAD(F) \
	F(U64, action, "", "as in snapshot_begin") \
	F(I32, result, "-errno", "0 or the error of the call")

/* Fields of io, io_slow, io_error and io_eshutdown. */
#define FL_FIELDS_IO(F) FL_FIELDS_HEAD(F) \
	F(U32, image, "", "serial number of the open image") \
	F(U8, op, "", "enum fl_io_op") \
	F(U64, offset, "bytes", "start within the image; 0 for flush") \
	F(U64, length, "bytes", "how much was asked for; 0 for flush") \
	F(I64, result, "bytes or -errno", "what the completion returned") \
	F(U64, latency_ns, "ns", "from submission to completion; 0: not timed, it was submitted before the recording began")
#define FL_FIELDS_io(F) FL_FIELDS_IO(F)
#define FL_FIELDS_io_slow(F) FL_FIELDS_IO(F)
#define FL_FIELDS_io_error(F) FL_FIELDS_IO(F)
#define FL_FIELDS_io_eshutdown(F) FL_FIELDS_IO(F)

#define FL_FIELDS_io_summary(F) FL_FIELDS_HEAD(F) \
	F(U32, image, "", "serial number of the open image") \
	F(U64, span_ns, "ns", "the time that this summary covers, ending at the event") \
	F(U32, reads, "", "reads completed") \
	F(U32, writes, "", "writes completed (write, writesame, compare-and-write)") \
	F(U32, discards, "", "discards and write-zeroes completed") \
	F(U32, flushes, "", "flushes completed") \
	F(U32, errors, "", "of all of them, those that failed") \
	F(U64, read_bytes, "bytes", "read") \
	F(U64, write_bytes, "bytes", "written") \
	F(U64, max_latency_ns, "ns", "the longest") \
	F(U32, inflight, "", "submitted and not completed at the end of the span") \
	F(LAT, latency, "", "I/Os per latency bucket, those that were timed: bucket i is [2^i, 2^(i+1)) us")

#define FL_FIELDS_state(F) FL_FIELDS_HEAD(F) FL_FIELDS_IDENTITY(F) \
	F(U32, image, "", "serial number of the open image; 0: a client with no open image") \
	F(STR, pool, "", "pool name") \
	F(STR, nspace, "", "RADOS namespace") \
	F(STR, name, "", "image name") \
	F(STR, image_id, "", "image id") \
	F(U64, cookie, "", "cookie of the watch on the image's header; 0 if there is none") \
	F(I64, last_ack_sent_ns, "ns since epoch", "send time of the last acknowledged ping; 0 if not known") \
	F(U32, inflight, "", "I/Os submitted and not completed") \
	F(U64, ios, "", "I/Os completed since the image was opened") \
	F(U64, errors, "", "of these, failed") \
	F(U64, eshutdowns, "", "of these, failed with -108") \
	F(U64, passed_through, "", "calls passed through uninstrumented in this process, all hooks; see passthrough") \
	F(I64, opened_ns, "ns since epoch", "when the image was opened") \
	F(STR, not_understood, "", "what the shim finds no known layout in and so does not record, such as `release 21.1.0` or `MonCommand`; empty: nothing")

/* Re-emitted with state, one per hook and reason that ever passed a call through uninstrumented. */
#define FL_FIELDS_passthrough(F) FL_FIELDS_HEAD(F) \
	F(STR, hook, "", "the exported name") \
	F(STR, reason, "", "why: missing symbol, no memory, unknown layout, table full ...") \
	F(U64, count, "", "how often, since the process began")

/* From fenceline's own programs: a time that somebody said would matter, and one that nobody recorded. */
#define FL_FIELDS_window_opened(F) FL_FIELDS_HEAD(F) \
	F(U64, window, "", "serial number within the process, the same in window_closed") \
	F(U8, full, "", "1 if every I/O of this host is recorded from here on; 0 if that was only asked for") \
	F(STR, why, "", "what it was opened for: a command, a peer's request, a snapshot call")

#define FL_FIELDS_window_closed(F) FL_FIELDS_HEAD(F) \
	F(U64, window, "", "as in window_opened") \
	F(U8, full, "", "as in window_opened") \
	F(I64, opened_ns, "ns since epoch", "when it was opened")

#define FL_FIELDS_recording_gap(F) FL_FIELDS_HEAD(F) \
	F(I64, begin_ns, "ns since epoch", "until when the recording was known to go on; it ends at the event") \
	F(STR, why, "", "what ended it")

/* ---- The list: E(event, log level, when it fires) ---- */
#define FL_EVENTS(E) \
	E(client_connect,     INFO,    "when rados_connect (C or C++) returns") \
	E(client_shutdown,    INFO,    "when rados_shutdown begins") \
	E(image_open,         INFO,    "when an image has been opened, or failed to") \
	E(image_close,        INFO,    "when an image has been closed") \
	E(watch_registered,   INFO,    "when the registration of a watch completes") \
	E(watch_unregistered, INFO,    "when an unwatch begins") \
	E(watch_error,        ERR,     "when librados calls WatchCtx2::handle_error") \
	E(notify,             INFO,    "when librados calls WatchCtx2::handle_notify") \
	E(ping_sent,          INFO,    "when a watch ping leaves on an OSD connection (crc mode)") \
	E(ping_reply,         INFO,    "when the OSD's answer to a watch ping is read (crc mode)") \
	E(watch_reconnect_sent,  INFO, "when a registered watch's reconnect leaves on an OSD connection (crc mode)") \
	E(watch_reconnect_reply, INFO, "when the OSD's answer to it is read (crc mode)") \
	E(ping_sample,        INFO,    "when watch_check shows a new acknowledgement, an overdue one, or an error") \
	E(process_stalled,    WARNING, "when the sampler finds that it did not run for longer than it should") \
	E(header_op,          INFO,    "when a class method on an image header completes: locks and snapshots") \
	E(watchers_listed,    NOTICE,  "when librados has filled a list of watchers") \
	E(watcher_listed,     NOTICE,  "for each watcher of that list") \
	E(lock_break_begin,   NOTICE,  "when a break_lock call of librbd's API begins") \
	E(lock_break_end,     NOTICE,  "when it returns") \
	E(blocklist,          CRIT,    "when a blocklist command is sent, by every route, once per action") \
	E(blocklist_result,   NOTICE,  "when its result is known (not for librbd's internal route)") \
	E(stack_frame,        NOTICE,  "right after blocklist, one per frame of the call stack") \
	E(snapshot_begin,     NOTICE,  "when a snapshot call of librbd's API begins") \
	E(snapshot_end,       NOTICE,  "when it returns") \
	E(io,                 DEBUG,   "full profile: once for every completed API I/O") \
	E(io_slow,            WARNING, "when an I/O took longer than the threshold (FENCELINE_SLOW_MS, 1000)") \
	E(io_error,           ERR,     "when an I/O failed, -108 included") \
	E(io_eshutdown,       ALERT,   "when an I/O failed with -108, in addition to io_error") \
	E(io_summary,         INFO,    "once a second and image, while it has I/O") \
	E(state,              INFO,    "every few seconds per image, and once when an image is opened") \
	E(passthrough,        WARNING, "with state, for each hook and reason that calls were passed through uninstrumented") \
	E(window_opened,      NOTICE,  "when record window or the record daemon opens a snapshot window") \
	E(window_closed,      NOTICE,  "when it is closed") \
	E(recording_gap,      WARNING, "when the record daemon records again after something ended its recording")

enum fl_io_op { FL_IO_READ, FL_IO_WRITE, FL_IO_DISCARD, FL_IO_WRITE_ZEROES, FL_IO_WRITESAME, FL_IO_COMPARE_AND_WRITE, FL_IO_FLUSH, FL_IO_OPS };
#define FL_IO_OP_NAMES { "read", "write", "discard", "write-zeroes", "writesame", "compare-and-write", "flush" }

/* The value 0 is for a reader that does not know. */
enum fl_blocklist_entry { FL_ENTRY_UNKNOWN, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, FL_ENTRY_BREAK_LOCK_API, FL_ENTRY_BLOCKLIST_API, FL_ENTRY_MONITOR_COMMAND, FL_ENTRIES };
#define FL_BLOCKLIST_ENTRY_NAMES { "", "exclusive-lock-break", "break-lock-api", "blocklist-api", "monitor-command" }

/* ---- What follows is made from the list ---- */

#define FL_MEMBER_U8(name) uint8_t name;
#define FL_MEMBER_U32(name) uint32_t name;
#define FL_MEMBER_I32(name) int32_t name;
#define FL_MEMBER_U64(name) uint64_t name;
#define FL_MEMBER_I64(name) int64_t name;
#define FL_MEMBER_STR(name) const char *name;
#define FL_MEMBER_LAT(name) uint32_t name[FL_LATENCY_BUCKETS];

#define FL_MEMBER(type, name, unit, text) FL_MEMBER_##type(name)
#define FL_STRUCT(event, level, when) struct fl_##event { FL_FIELDS_##event(FL_MEMBER) };
FL_EVENTS(FL_STRUCT)
#undef FL_STRUCT

/* What every struct fl_<event> begins with. */
struct fl_head { FL_FIELDS_HEAD(FL_MEMBER) };
#undef FL_MEMBER

#define FL_NUMBER(event, level, when) FL_EV_##event,
enum fl_event { FL_EVENTS(FL_NUMBER) FL_EV_COUNT };
#undef FL_NUMBER

#endif
