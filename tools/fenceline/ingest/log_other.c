/* SPDX-License-Identifier: MIT */
/* Other clients than QEMU's: the kernel's own (krbd), and what any program of librados says when it is refused. A host's
 * /dev/rbdN is no guest's disk. The source: drivers/block/rbd.c, net/ceph/osd_client.c of Linux 4.9 to 6.x, tcmu-runner's rbd.c,
 * the Python bindings' rbd.pyx and rados.pyx. */
#include "ingest/log_row.h"

#define HOST            FACT_io_failure, LAYER_HOST
#define ONE_IO          FACT_io_failure, LAYER_GUEST | ROW_ONE_IO
#define ESHUTDOWN_WORDS "Cannot send after transport endpoint shutdown"

static const struct log_row kernel_rows[] = {
	/* an object of an I/O, with the place within that object, then the I/O */
	{ HOST, "rbd: rbd", "rbd: {device}: {op} at objno {} {}~{} result {result}",
	  "rbd: rbd2: write at objno 0 0~4096 result -108" },
	{ HOST | ROW_ONE_IO, "rbd: rbd", "rbd: {device}: {op} result {result}", "rbd: rbd2: write result -108" },
	{ HOST | ROW_ONE_IO, "rbd: rbd", "rbd: {device}: {op} {} at {} result {result}", /* before 5.3 */
	  "rbd: rbd0: write 1000 at 8000 result -108" },
	{ HOST, "rbd: rbd", "rbd: {device}: result {result} xferred ", "rbd: rbd0:   result -108 xferred 1000" },
	{ HOST, "encountered watch error: ", "rbd: {device}: encountered watch error: {result}",
	  "rbd: rbd0: encountered watch error: -107" },
	{ HOST, "encountered watch error: ", "rbd: image {device}: encountered watch error: {result}",
	  "rbd: image volume-1: encountered watch error: -107" },
	/* a mail program broke the line behind the device */
	{ HOST, "encountered watch error: ", "encountered watch error: {result}", "encountered watch error: -107" },
	{ FACT_lock_logged, LOCK_BREAKER_REFUSED, "failed to blocklist", "rbd: {device}: failed to blocklist {kclient}: {result}",
	  "rbd: rbd1: failed to blocklist client4167: -13" },
	{ FACT_lock_logged, LOCK_BREAKER_REFUSED, "failed to blacklist", "rbd: {device}: failed to blacklist {kclient}: {result}",
	  "rbd: rbd1: failed to blacklist client4167: -13" },
	{ FACT_lock_logged, LOCK_BREAKER_BLOCKLISTS, "header lock owned by",
	  "rbd: {device}: breaking header lock owned by {kclient}", "rbd: rbd1: breaking header lock owned by client4167" },
	{ HOST, "rbd: rbd", "rbd: {device}: failed to {}: {result}", "rbd: rbd0: failed to reregister watch: -108" },
	/* rbd-nbd answers the kernel with librbd's error; others use the device, too */
	{ HOST | ROW_ONE_IO, "Other side returned error (108)", "block {device}: Other side returned error {result}",
	  "block nbd0: Other side returned error (108)" },
	/* a file system on it, where the kernel hands errors on as they are (before 4.13) */
	{ HOST, "I/O error -108", "XFS ({rbd_device}): {}I/O error {result}", "XFS (rbd0): log I/O error -108" },
	{ FACT_COUNT, 0, "rbd: rbd", "rbd: {device}: ", "rbd: rbd0: capacity 17179869184 features 0xbd" },
	{ FACT_COUNT, 0, "libceph: ", "libceph: ", "libceph: osd3 down" },
	{ FACT_COUNT, 0, "libceph (", "libceph (", "libceph (2a882841-48a3-11f1-838c-d00d99b60350 e70): osd6 down" },
	/* before the guest's rows: those of a disk that is the host's */
	{ HOST, "I/O error, dev ", "{}I/O error, dev {rbd_device}, sector {sector} op {op} flags ",
	  "blk_update_request: I/O error, dev rbd2, sector 0 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0" },
	{ HOST, "I/O error, dev ", "{}I/O error, dev {rbd_device}, sector {sector}",
	  "print_req_error: I/O error, dev rbd2, sector 4195072" },
	{ HOST, "Buffer I/O error", "Buffer I/O error on dev {rbd_device}, logical block {block}",
	  "Buffer I/O error on dev rbd2, logical block 0, lost sync page write" },

	/* What a guest's kernel says of a disk that fails it: to a virtio disk every error is -5. The source: block/blk-core.c,
	 * block/blk-mq.c, fs/buffer.c of Linux 2.6 to 6.x. A buffer's error is the same I/O once more. */
	/* from 5.16 on */
	{ ONE_IO, "I/O error, dev ", "I/O error, dev {device}, sector {sector} op {op} flags ",
	  "I/O error, dev vda, sector 34080 op 0x1:(WRITE) flags 0x8800 phys_seg 1 prio class 2" },
	{ ONE_IO, "I/O error, dev ", "blk_update_request: I/O error, dev {device}, sector {sector} op {op} flags ",
	  "blk_update_request: I/O error, dev vda, sector 8 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0" },
	{ ONE_IO, "I/O error, dev ", "blk_update_request: I/O error, dev {device}, sector {sector}",
	  "blk_update_request: I/O error, dev vda, sector 4195072" },
	{ ONE_IO, "I/O error, dev ", "print_req_error: I/O error, dev {device}, sector {sector}",
	  "print_req_error: I/O error, dev vda, sector 4195072 flags 801" },
	{ ONE_IO, "I/O error, dev ", "end_request: I/O error, dev {device}, sector {sector}",
	  "end_request: I/O error, dev vda, sector 4195072" },
	{ FACT_io_failure, LAYER_GUEST, "Buffer I/O error", "Buffer I/O error on dev {device}, logical block {block}",
	  "Buffer I/O error on dev vda1, logical block 1548, lost async page write" },
	{ FACT_io_failure, LAYER_GUEST, "Buffer I/O error", "Buffer I/O error on device {device}, logical block {block}",
	  "Buffer I/O error on device vda1, logical block 1548" },
};

const struct log_table log_kernel_table = { FAMILY_KERNEL, kernel_rows, sizeof(kernel_rows) / sizeof(*kernel_rows) };

static const struct log_row service_rows[] = {
	{ FACT_lock_logged, LOCK_BREAKER_REFUSED, "Could not break lock from ",
	  "{}Could not break lock from {address}. (Err {result})",
	  "tcmu_rbd_lock_break:580 rbd/rbd.disk1: Could not break lock from 10.0.0.15:0/2742851101. (Err -13)" },
	/* ceph-csi: a NetworkFence, and its end */
	{ FACT_audit_blocklist, ROW_ADD, "blocklisted IP", "{}blocklisted IP \"{range}\" successfully",
	  "ID: 2 Req-ID: 0001 blocklisted IP \"10.0.0.9/32\" successfully" },
	{ FACT_audit_blocklist, ROW_RM, "unblocked IP", "{}unblocked IP \"{range}\" successfully",
	  "ID: 3 Req-ID: 0001 unblocked IP \"10.0.0.9/32\" successfully" },
	/* ceph-iscsi lifts the fence of its own host when it starts */
	{ FACT_audit_blocklist, ROW_RM, "Removing blocklisted entry", "{}Removing blocklisted entry for this host : {address}",
	  "[gateway.py:79:ceph_rm_blocklist()] - Removing blocklisted entry for this host : 10.0.0.15:0/2742851101" },
	{ FACT_audit_blocklist, ROW_RM, "Removing blacklisted entry", "{}Removing blacklisted entry for this host : {address}",
	  "[gateway.py:79:ceph_rm_blacklist()] - Removing blacklisted entry for this host : 10.0.0.15:0/2742851101" },
};

const struct log_table log_service_table = { FAMILY_SERVICE, service_rows, sizeof(service_rows) / sizeof(*service_rows) };

/* Whoever it is and whatever it did: it is fenced. Behind all others, since these fit most of their lines. */
static const struct log_row refused_rows[] = {
	/* other file systems and devices know that error, too */
	{ FACT_COUNT, 0, ESHUTDOWN_WORDS, "Can't init device hci", "Can't init device hci0: " ESHUTDOWN_WORDS " (108)" },
	{ FACT_COUNT, 0, ESHUTDOWN_WORDS,
	  "{}lfs check: ", "lfs check: error: check 'MGC10.0.0.1@tcp': " ESHUTDOWN_WORDS " (108)" },
	{ FACT_COUNT, 0, ESHUTDOWN_WORDS, "{}Lustre", "LustreError: 11-0: an error occurred: " ESHUTDOWN_WORDS },
	{ FACT_COUNT, 0, ESHUTDOWN_WORDS, ESHUTDOWN_WORDS " (108)",
	  ESHUTDOWN_WORDS " (108)" }, /* of whom, the line before tells */
	{ FACT_io_failure, LAYER_CLIENT, "[Errno 108]", "{}[Errno 108]", "OSError: [Errno 108] " ESHUTDOWN_WORDS },
	{ FACT_io_failure, LAYER_CLIENT, ESHUTDOWN_WORDS, "{}({result}) " ESHUTDOWN_WORDS,
	  "rbd::mirror::ClusterWatcher:0x55c7af185ef0 read_pool_peers: could not tell whether mirroring was enabled for pool1 : "
	  "(108) " ESHUTDOWN_WORDS },
	{ FACT_io_failure, LAYER_CLIENT, ESHUTDOWN_WORDS, "{}" ESHUTDOWN_WORDS,
	  "tcmu_rbd_has_lock:516 rbd/rbd.disk1: Could not check lock ownership. Error: " ESHUTDOWN_WORDS "." },
	{ FACT_io_failure, LAYER_CLIENT, "[errno 108]", "{}[errno 108]",
	  "rbd.ConnectionShutdown: [errno 108] RBD connection was shutdown (error opening image b'disk' at snapshot None)" },
	{ FACT_io_failure, LAYER_CLIENT, "exit status 108", "{}rbd: map failed{}exit status 108",
	  "rbd: map failed with error an error (exit status 108) occurred while running rbd args" },
};

const struct log_table log_refused_table = { FAMILY_CLIENT, refused_rows, sizeof(refused_rows) / sizeof(*refused_rows) };
