/* SPDX-License-Identifier: MIT */
/* For the wrappers of the open and close calls; image.c keeps the registry. */
#ifndef FENCELINE_SHIM_IMAGE_OPEN_H
#define FENCELINE_SHIM_IMAGE_OPEN_H

#include "image.h"

#include <stdbool.h>

/* An open call on its way. */
struct image_opening {
	struct image_names names;
	char snap[256];
	struct client *client;
	bool read_only;
	uint64_t begun_ns;
};

/* Before the real call: name or id, and snap, may be NULL. Asks librados who and where. */
void image_opening(struct image_opening *opening, void *ioctx, const char *name, const char *id, const char *snap,
                   bool read_only);
/* After it: registers the image and tells. `handle` is the rbd_image_t, NULL on failure. Asks librbd for the id. */
void image_opened(const struct image_opening *opening, void *handle, int result);

/* A close call on its way. librbd frees an image whose close has begun, whatever the result. */
struct image_closing {
	struct image *image; /* NULL: not known */
	uint32_t serial, inflight;
	uint64_t global_id;
};
void image_closing(struct image_closing *closing, void *handle);
void image_closed(const struct image_closing *closing, int64_t result); /* RESULT_UNKNOWN: it could not be asked */

/* The same for asynchronous close calls, on the heap; NULL: no memory. image_aio_closed is the completion's `done`;
 * image_aio_not_seen stands in for it if the call failed, or if its completion is not ours. */
struct image_closing *image_aio_closing(void *handle);
void image_aio_closed(void *closing, int64_t result);
void image_aio_not_seen(struct image_closing *closing, int result);

#endif
