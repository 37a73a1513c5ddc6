/* SPDX-License-Identifier: MIT */
/* Failed I/O as a log tells of it. */
#ifndef FENCELINE_TESTS_IO_FAILURES_H
#define FENCELINE_TESTS_IO_FAILURES_H

#include "ingest/event.h"

#include <errno.h>

static inline struct io_failure failure(enum io_layer layer, int32_t result)
{
	return (struct io_failure){ .layer = layer,
		                    .io = true,
		                    .vm_name = "",
		                    .vm_uuid = "",
		                    .device = "drive-virtio-disk0",
		                    .pool = "",
		                    .image = "",
		                    .op = FL_IO_OPS,
		                    .result = result,
		                    .image_id = "",
		                    .address = "",
		                    .text = "block i/o error in device 'drive-virtio-disk0'" };
}

/* An OSD's own log: it refuses that client. */
static inline struct io_failure osd_refuses(const char *address)
{
	struct io_failure refused = failure(LAYER_OSD, -ESHUTDOWN);

	refused.device = "";
	refused.address = address;
	refused.text = "do_op is blocklisted";
	return refused;
}

#endif
