/* SPDX-License-Identifier: MIT */
/* What QEMU says of an image that it may no longer write to; the command line in libvirt's logs is log_vm.c's. The source:
 * block/rbd.c; "block I/O error in device" is in the QEMU of RHEL 6 and 7 and what was made from it. */
#include "ingest/log_row.h"

#define QEMU_IO FACT_io_failure, LAYER_QEMU | ROW_ONE_IO

static const struct log_row rows[] = {
	{ QEMU_IO, "rbd request failed",
	  "rbd request failed: cmd {cmd} offset {offset} bytes {length} flags {} task.ret {result} ",
	  "rbd request failed: cmd 1 offset 17436672 bytes 4096 flags 8 task.ret -108 (Cannot send after transport endpoint "
	  "shutdown)" },
	{ QEMU_IO, "rbd request failed",
	  "rbd request failed early: cmd {cmd} offset {offset} bytes {length} flags {} r {result} ",
	  "rbd request failed early: cmd 1 offset 17436672 bytes 4096 flags 8 r -108 (Cannot send after transport endpoint "
	  "shutdown)" },
	{ QEMU_IO, "O error in device '", "block I/O error in device '{device}': {} ({result})",
	  "block I/O error in device 'drive-virtio-disk0': Cannot send after transport endpoint shutdown (108)" },
	{ QEMU_IO, "block i/o error", "block i/o error in device '{device}': {} ({result})",
	  "block i/o error in device 'drive-virtio-disk0': Cannot send after transport endpoint shutdown (108)" },
	{ FACT_vm_logged, VM_ENDED, "shutting down", "shutting down", "shutting down, reason=crashed" },
};

const struct log_table log_qemu_table = { FAMILY_QEMU, rows, sizeof(rows) / sizeof(*rows) };
