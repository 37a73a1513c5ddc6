/* SPDX-License-Identifier: MIT */
/* The open and close calls of librbd's C API. */
#include "calls.h"
#include "completion.h"
#include "follow/image_open.h"

#include <errno.h>
#include <stdlib.h>

typedef int open_fn(void *ioctx, const char *name, void **image, const char *snap);
typedef int aio_open_fn(void *ioctx, const char *name, void **image, const char *snap, void *c);

enum how { BY_NAME = 0, BY_ID = 1, READ_ONLY = 2 };

static void opening_how(struct image_opening *opening, enum how how, void *ioctx, const char *name, const char *snap)
{
	image_opening(opening, ioctx, how & BY_ID ? NULL : name, how & BY_ID ? name : NULL, snap, how & READ_ONLY);
}

static int open_image(open_fn *real, enum how how, void *ioctx, const char *name, void **image, const char *snap)
{
	struct image_opening opening;

	opening_how(&opening, how, ioctx, name, snap);
	int result = real(ioctx, name, image, snap);
	handle_made(LIB_RBD, result < 0 ? NULL : *image, real);
	image_opened(&opening, result < 0 ? NULL : *image, result);
	return result;
}

/* An asynchronous open between its call and its completion. */
struct pending_open {
	struct image_opening opening;
	void **image; /* where librbd puts the handle before it completes */
	aio_open_fn *real;
};

static void open_done(void *data, int64_t result)
{
	struct pending_open *pending = data;

	if (result == RESULT_UNKNOWN) {
		free(pending);
		return;
	}
	handle_made(LIB_RBD, result < 0 ? NULL : *pending->image, pending->real);
	image_opened(&pending->opening, result < 0 ? NULL : *pending->image, (int)result);
	free(pending);
}

static int aio_open_image(enum hook hook, aio_open_fn *real, enum how how, void *ioctx, const char *name, void **image,
                          const char *snap, void *c)
{
	struct pending_open *pending = malloc(sizeof *pending);
	struct completion *completion;

	if (pending) {
		opening_how(&pending->opening, how, ioctx, name, snap);
		pending->image = image;
		pending->real = real;
	} else {
		hook_pass(hook, "no memory");
	}
	completion = completion_begin_call(hook, c, pending ? open_done : NULL, pending);
	int result = real(ioctx, name, image, snap, c);
	completion_submitted(completion, result);
	if (!completion || result < 0)
		free(pending);
	return result;
}

#define ROW(...)
#define OPEN_ROW(id, symbol, library, need, first, last, type, parameters, arguments, call) \
	WRAPPER_BY(id, type, parameters, arguments, call)
#include "base/table.h"

int rbd_close(void *image)
{
	struct image_closing closing;

	REAL_OR_RETURN(rbd_close, -ENOSYS, image);
	image_closing(&closing, image);
	int result = real(image);
	image_closed(&closing, result);
	return result;
}

int rbd_aio_close(void *image, void *c)
{
	REAL_OR_RETURN(rbd_aio_close, -ENOSYS, image, c);
	struct image_closing *closing = image_aio_closing(image);
	struct completion *completion = completion_begin_call(HOOK_rbd_aio_close, c, closing ? image_aio_closed : NULL, closing);
	int result = real(image, c);
	completion_submitted(completion, result);
	if (!completion || result < 0)
		image_aio_not_seen(closing, result);
	return result;
}
