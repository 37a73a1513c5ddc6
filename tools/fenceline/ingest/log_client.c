/* SPDX-License-Identifier: MIT */
/* What librbd and librados say in a client's own log, or on QEMU's stderr: most of the first rows at the default level, those
 * of the lock breaker and the objecter at 5 and 10, the messenger's at debug_ms 1. The source: src/librbd/ImageWatcher.cc,
 * Watcher.cc, watcher/RewatchRequest.cc, io/ObjectRequest.cc, managed_lock/, Operations.cc, src/osdc/Objecter.cc,
 * src/journal/JournalMetadata.cc. */
#include "ingest/log_row.h"

#define ESHUTDOWN_WORDS "Cannot send after transport endpoint shutdown"

static const struct log_row rows[] = {
	{ FACT_watch_logged, WATCH_FAILED,
	  "image watch failed: ", "librbd::ImageWatcher: {}image watch failed: {cookie}, {result} ",
	  "librbd::ImageWatcher: 0x7f3b14008a30 image watch failed: 139889903416784, (107) Transport endpoint is not connected" },

	{ FACT_io_failure, LAYER_CLIENT,
	  "failed to write object: ", "librbd::{}handle_write_object: {object} failed to write object: {result} ",
	  "librbd::io::ObjectRequest: 0x7f3af0003a40 handle_write_object: rbd_data.102cdd587203.0000000000000000 failed to write "
	  "object: (108) " ESHUTDOWN_WORDS },
	{ FACT_io_failure, LAYER_CLIENT,
	  "failed to write object: ", "librbd::{}handle_write_object: failed to write object: {result} ",
	  "librbd::io::ObjectRequest: 0x7f3af0003a40 handle_write_object: failed to write object: (108) " ESHUTDOWN_WORDS },
	{ FACT_io_failure, LAYER_CLIENT, "client blocklisted", "librbd::{}client blocklisted",
	  "librbd::watcher::RewatchRequest: 0x7f3af4006f90 handle_unwatch client blocklisted" },
	{ FACT_io_failure, LAYER_CLIENT, "client blacklisted", "librbd::{}client blacklisted", /* before 16 */
	  "librbd::watcher::RewatchRequest: 0x7f3af4006f90 handle_unwatch client blacklisted" },
	/* the journal of a mirrored image, of librbd's own client */
	{ FACT_io_failure, LAYER_CLIENT, "client blocklisted", "JournalMetadata: {}client blocklisted",
	  "JournalMetadata: 0x55d0c41b2a00 journal watch error: client blocklisted" },
	{ FACT_io_failure, LAYER_CLIENT, "client blacklisted", "JournalMetadata: {}client blacklisted", /* before 16 */
	  "JournalMetadata: 0x55d0c41b2a00 journal watch error: client blacklisted" },
	/* rbd-mirror, and the manager's module of rbd, each of its own client */
	{ FACT_io_failure, LAYER_CLIENT, "blocklisted detected", "rbd::mirror::{}blocklisted detected during image replay",
	  "rbd::mirror::InstanceReplayer: 0x55c7af185ef0 start_image_replayer: global_image_id=2f4da53b: blocklisted detected "
	  "during image replay" },
	{ FACT_io_failure, LAYER_CLIENT, "blacklisted detected", "rbd::mirror::{}blacklisted detected during image replay",
	  "rbd::mirror::InstanceReplayer: 0x55c7af185ef0 start_image_replayer: blacklisted detected during image replay" },
	{ FACT_io_failure, LAYER_CLIENT, "client blocklisted", "[rbd_support ERROR root] {}: client blocklisted",
	  "[rbd_support ERROR root] MirrorSnapshotScheduleHandler: client blocklisted" },
	/* an I/O of the guest's ends once, however many objects it was made of */
	{ FACT_io_failure, LAYER_CLIENT | ROW_ONE_IO, ESHUTDOWN_WORDS, "librbd::io::AioCompletion: {} fail: {result} ",
	  "librbd::io::AioCompletion: 0x55d0c8f5a5f0 fail: (108) " ESHUTDOWN_WORDS },
	{ FACT_io_failure, LAYER_CLIENT, ESHUTDOWN_WORDS, "librbd::{}: ({result}) " ESHUTDOWN_WORDS,
	  "librbd::managed_lock::ReleaseRequest: 0x7f4b28029000 handle_unlock: failed to unlock: (108) " ESHUTDOWN_WORDS },

	/* the lock breaker */
	{ FACT_lock_logged, LOCK_SEEN_BY_BREAKER,
	  "exclusive locker: ", "librbd::{}retrieved exclusive locker: {client}@{address}",
	  "librbd::managed_lock::GetLockerRequest: 0x7f78ac01a0e0 handle_get_lockers: retrieved exclusive locker: "
	  "client.4167@10.99.2.2:0/1489055483" },
	/* -22 where rbd_blocklist_expire_seconds is not 0 (Ceph 16 on), -13 where the caps lack it */
	{ FACT_lock_logged, LOCK_BREAKER_REFUSED, "failed to blocklist", "librbd::{}failed to blocklist lock owner: {result} ",
	  "librbd::managed_lock::BreakRequest: 0x55d1c8 handle_blocklist: failed to blocklist lock owner: (22) Invalid "
	  "argument" },
	{ FACT_lock_logged, LOCK_BREAKER_REFUSED, "failed to blacklist", "librbd::{}failed to blacklist lock owner: {result} ",
	  "librbd::managed_lock::BreakRequest: 0x55d1c8 handle_blacklist: failed to blacklist lock owner: (13) Permission "
	  "denied" },
	{ FACT_lock_logged, LOCK_BREAKER_BLOCKLISTS,
	  "locker entity=", "librbd::{}send_blocklist: local entity={by}, locker entity={client}",
	  "librbd::managed_lock::BreakRequest: 0x7f78ac017500 send_blocklist: local entity=client.4436, locker "
	  "entity=client.4167" },
	{ FACT_lock_logged, LOCK_BREAKER_BLOCKLISTS, "locker entity=", /* 14 and 15 */
	  "librbd::{}send_blacklist: local entity={by}, locker entity={client}",
	  "librbd::managed_lock::BreakRequest: 0x7f78ac017500 send_blacklist: local entity=client.4436, locker "
	  "entity=client.4167" },

	/* `what` is the place among the ops of fill_snapshot, log_fill.c */
	{ FACT_snapshot_logged, 0, "snap_name=", "librbd::Operations: {} snap_create: snap_name={snap}",
	  "librbd::Operations: 0x55ee1139d2d0 snap_create: snap_name=daily-6" },
	{ FACT_snapshot_logged, 1, "snap_name=", "librbd::Operations: {} snap_remove: snap_name={snap}",
	  "librbd::Operations: 0x55ee1139d2d0 snap_remove: snap_name=daily-1" },
	{ FACT_snapshot_logged, 2, "snap_name=", "librbd::Operations: {} snap_rollback: snap_name={snap}",
	  "librbd::Operations: 0x55ee1139d2d0 snap_rollback: snap_name=daily-1" },
	{ FACT_snapshot_logged, 3, "snap_name=", "librbd::Operations: {} snap_protect: snap_name={snap}",
	  "librbd::Operations: 0x55ee1139d2d0 snap_protect: snap_name=daily-1" },
	{ FACT_snapshot_logged, 4, "snap_name=", "librbd::Operations: {} snap_unprotect: snap_name={snap}",
	  "librbd::Operations: 0x55ee1139d2d0 snap_unprotect: snap_name=daily-1" },

	{ FACT_watch_logged, WATCH_NAMED, "linger_register info ",
	  "{client}.objecter linger_register info {} linger_id {linger} cookie {cookie}",
	  "client.4167.objecter linger_register info 0x7f3b1400c2f0 linger_id 1 cookie 139889903416784" },
	{ FACT_watch_logged, WATCH_PING_SENT, "_linger_ping ", "{client}.objecter _send_linger_ping {linger}",
	  "client.4167.objecter _send_linger_ping 1 now 895.905575s" },
	{ FACT_watch_logged, WATCH_PING_REPLY, "_linger_ping ", "{client}.objecter _linger_ping {linger} sent {} = {result} ",
	  "client.4167.objecter _linger_ping 1 sent 895.905575s gen 0 = system:0 (last_error system:0 register_gen 0)" },
	/* the same pings once more, at debug_ms 1 */
	{ FACT_watch_logged, WATCH_PING_SENT, "[watch ping cookie ", "-- {address} --> {osd} -- osd_op({request}",
	  "-- 10.99.2.2:0/1489055483 --> [v2:10.99.0.1:6800/189,v1:10.99.0.1:6801/189] -- osd_op(unknown.0.0:16 1.6 "
	  "1:6686f444:::rbd_header.102cdd587203:head [watch ping cookie 139889903416784] snapc 0=[] "
	  "ondisk+write+known_if_redirected e16) v8 -- 0x7f3b1400f0c0 con 0x7f3b1c0a3b80" },
	{ FACT_watch_logged, WATCH_PING_REPLY, "[watch ping cookie ",
	  "-- {address} <== {osd} {}osd_op_reply({} {object} [watch ping cookie {cookie}{} = {result} ",
	  "-- 10.99.2.2:0/1489055483 <== osd.0 v2:10.99.0.1:6800/189 16 ==== osd_op_reply(16 rbd_header.102cdd587203 [watch ping "
	  "cookie 139889903416784] v0'0 uv27 ondisk = 0) v8 ==== 167+0+0 (crc 0 0 0) 0x7f3b24009260 con 0x7f3b1c0a3b80" },
	{ FACT_io_failure, LAYER_CLIENT, "ondisk = -108", "-- {address} <== osd.{}osd_op_reply({} {object} [{}ondisk = {result} ",
	  "-- 10.99.2.2:0/1489055483 <== osd.0 v2:10.99.0.1:6800/189 1 ==== osd_op_reply(355 "
	  "rbd_data.102cdd587203.0000000000000000 [write 659456~4096] v0'0 uv0 ondisk = -108 ((108) " ESHUTDOWN_WORDS
	  ")) v8 ==== 182+0+0 (crc 0 0 0) 0x7f3b1c004e40 con 0x7f3b1c0a3b80" },
};

const struct log_table log_client_table = { FAMILY_CLIENT, rows, sizeof(rows) / sizeof(*rows) };

/* What QEMU says of an image that it may no longer write to; the command line in libvirt's logs is log_vm.c's. The source:
 * block/rbd.c; "block I/O error in device" is in the QEMU of RHEL 6 and 7 and what was made from it. */
#define QEMU_IO FACT_io_failure, LAYER_QEMU | ROW_ONE_IO

static const struct log_row qemu_rows[] = {
	{ QEMU_IO, "rbd request failed",
	  "rbd request failed: cmd {cmd} offset {offset} bytes {length} flags {} task.ret {result} ",
	  "rbd request failed: cmd 1 offset 17436672 bytes 4096 flags 8 task.ret -108 (" ESHUTDOWN_WORDS ")" },
	{ QEMU_IO, "rbd request failed",
	  "rbd request failed early: cmd {cmd} offset {offset} bytes {length} flags {} r {result} ",
	  "rbd request failed early: cmd 1 offset 17436672 bytes 4096 flags 8 r -108 (" ESHUTDOWN_WORDS ")" },
	{ QEMU_IO, "O error in device '", "block I/O error in device '{device}': {} ({result})",
	  "block I/O error in device 'drive-virtio-disk0': " ESHUTDOWN_WORDS " (108)" },
	{ QEMU_IO, "block i/o error", "block i/o error in device '{device}': {} ({result})",
	  "block i/o error in device 'drive-virtio-disk0': " ESHUTDOWN_WORDS " (108)" },
	{ FACT_vm_logged, VM_ENDED, "shutting down", "shutting down", "shutting down, reason=crashed" },
};

const struct log_table log_qemu_table = { FAMILY_QEMU, qemu_rows, sizeof(qemu_rows) / sizeof(*qemu_rows) };
