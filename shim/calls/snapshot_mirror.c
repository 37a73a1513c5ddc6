/* SPDX-License-Identifier: MIT */
/*
 * Snapshots that mirroring makes: `rbd mirror image snapshot`, and the manager's schedule of them, which uses the
 * asynchronous call through python-rbd. librbd names such a snapshot itself; its id is known when the call has ended.
 */
#include "calls.h"
#include "completion.h"
#include "follow/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#define SNAP_NAME "(mirror)"

static void snapshot_done(void *data, int64_t result)
{
	struct snapshot_call *call = data;

	if (result != RESULT_UNKNOWN)
		snapshot_end(call, (int)result);
	free(call);
}

/* Before an asynchronous call: begins what snapshot_done ends. NULL, counted, if there is no memory for it. */
static struct snapshot_call *begin_aio(enum hook hook, void *handle)
{
	struct snapshot_call *call = malloc(sizeof *call);

	if (call)
		snapshot_begin(call, handle, "create", SNAP_NAME);
	else
		hook_pass(hook, "no memory");
	return call;
}

/* After it: a call that failed at once gets no callback, and of a completion that is not ours we learn nothing more. */
static void submitted(struct completion *completion, struct snapshot_call *call, int result)
{
	completion_submitted(completion, result);
	if (call && (!completion || result < 0))
		snapshot_done(call, result < 0 ? result : RESULT_UNKNOWN);
}

int rbd_aio_mirror_image_create_snapshot(void *image, uint32_t flags, uint64_t *snap_id, void *c)
{
	REAL_OR_RETURN(rbd_aio_mirror_image_create_snapshot, -ENOSYS, image, flags, snap_id, c);
	struct snapshot_call *call = begin_aio(HOOK_rbd_aio_mirror_image_create_snapshot, image);
	struct completion *completion =
	        completion_begin_call(HOOK_rbd_aio_mirror_image_create_snapshot, c, call ? snapshot_done : NULL, call);
	int result = real(image, flags, snap_id, c);
	submitted(completion, call, result);
	return result;
}

int Image_aio_mirror_image_create_snapshot(void **self, uint32_t flags, uint64_t *snap_id, void *c)
{
	REAL_OR_RETURN(Image_aio_mirror_image_create_snapshot, -ENOSYS, self, flags, snap_id, c);
	struct snapshot_call *call = begin_aio(HOOK_Image_aio_mirror_image_create_snapshot, *self);
	struct completion *completion =
	        completion_begin_call(HOOK_Image_aio_mirror_image_create_snapshot, c, call ? snapshot_done : NULL, call);
	int result = real(self, flags, snap_id, c);
	submitted(completion, call, result);
	return result;
}
