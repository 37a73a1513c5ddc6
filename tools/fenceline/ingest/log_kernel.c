/* SPDX-License-Identifier: MIT */
/* What a guest's kernel says of a disk that fails it: to a virtio disk every error is -5. The source: block/blk-core.c,
 * block/blk-mq.c, fs/buffer.c of Linux 2.6 to 6.x. A buffer's error is the same I/O once more. */
#include "ingest/log_row.h"

#define ONE_IO FACT_io_failure, LAYER_GUEST | ROW_ONE_IO

static const struct log_row rows[] = {
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

const struct log_table log_kernel_table = { FAMILY_KERNEL, rows, sizeof(rows) / sizeof(*rows) };
