/* SPDX-License-Identifier: MIT */
/*
 * The open and close calls of librbd's C++ API. The first word of a librbd::Image is its rbd_image_t or NULL, that of a
 * librados::IoCtx its rados_ioctx_t. Opening into an Image that is open closes the old one first. The overloads without
 * a snapshot call those with one, through librbd's PLT (Debian's 14, 16, 18 and 20) or past it (Ubuntu's): told once.
 */
#include "calls.h"
#include "completion.h"
#include "follow/image_open.h"

#include <errno.h>
#include <stdlib.h>

typedef int open_fn(void *self, void **ioctx, void **image, const char *name, const char *snap);
typedef int open_head_fn(void *self, void **ioctx, void **image, const char *name);
typedef int aio_open_fn(void *self, void **ioctx, void **image, const char *name, const char *snap, void *c);

enum how { BY_NAME = 0, BY_ID = 1, READ_ONLY = 2 };

static void opening_how(struct image_opening *opening, enum how how, void **ioctx, const char *name, const char *snap)
{
	image_opening(opening, *ioctx, how & BY_ID ? NULL : name, how & BY_ID ? name : NULL, snap, how & READ_ONLY);
}

static __thread unsigned opens_told;

static void tell_open(const struct image_opening *opening, const struct image_closing *closing, const void *real, void *handle,
                      int result)
{
	image_closed(closing, 0);
	handle_made(LIB_RBD, result < 0 ? NULL : handle, real);
	image_opened(opening, result < 0 ? NULL : handle, result);
	opens_told++;
}

static int open_image(open_fn *real, enum how how, void *self, void **ioctx, void **image, const char *name, const char *snap)
{
	struct image_opening opening;
	struct image_closing closing;

	opening_how(&opening, how, ioctx, name, snap);
	image_closing(&closing, *image);
	int result = real(self, ioctx, image, name, snap);
	tell_open(&opening, &closing, real, *image, result);
	return result;
}

static int open_head(open_head_fn *real, enum how how, void *self, void **ioctx, void **image, const char *name)
{
	struct image_opening opening;
	struct image_closing closing;
	unsigned told = opens_told;

	opening_how(&opening, how, ioctx, name, NULL);
	image_closing(&closing, *image);
	int result = real(self, ioctx, image, name);
	if (opens_told == told)
		tell_open(&opening, &closing, real, *image, result);
	return result;
}

struct pending_open {
	struct image_opening opening;
	struct image_closing closing; /* of what the Image held before */
	void **image;
	aio_open_fn *real;
};

static void open_done(void *data, int64_t result)
{
	struct pending_open *pending = data;

	image_closed(&pending->closing, 0);
	if (result != RESULT_UNKNOWN) {
		handle_made(LIB_RBD, result < 0 ? NULL : *pending->image, pending->real);
		image_opened(&pending->opening, result < 0 ? NULL : *pending->image, (int)result);
	}
	free(pending);
}

static int aio_open_image(enum hook hook, aio_open_fn *real, enum how how, void *self, void **ioctx, void **image,
                          const char *name, const char *snap, void *c)
{
	struct pending_open *pending = malloc(sizeof *pending);
	struct completion *completion;

	if (pending) {
		opening_how(&pending->opening, how, ioctx, name, snap);
		image_closing(&pending->closing, *image);
		pending->image = image;
		pending->real = real;
	} else {
		hook_pass(hook, "no memory");
	}
	completion = completion_begin_call(hook, c, pending ? open_done : NULL, pending);
	int result = real(self, ioctx, image, name, snap, c);
	completion_submitted(completion, result);
	if (pending && (!completion || result < 0)) {
		image_closed(&pending->closing, 0);
		free(pending);
	}
	return result;
}

#define ROW(...)
#define OPEN_CPP_ROW(id, symbol, library, need, first, last, type, parameters, arguments, call) \
	WRAPPER_BY(id, type, parameters, arguments, call)
#include "base/table.h"

int Image_close(void **self)
{
	struct image_closing closing;

	REAL_OR_RETURN(Image_close, -ENOSYS, self);
	image_closing(&closing, *self);
	int result = real(self);
	image_closed(&closing, result);
	return result;
}

int Image_aio_close(void **self, void *c)
{
	REAL_OR_RETURN(Image_aio_close, -ENOSYS, self, c);
	struct image_closing *closing = image_aio_closing(*self);
	struct completion *completion =
	        completion_begin_call(HOOK_Image_aio_close, c, closing ? image_aio_closed : NULL, closing);
	int result = real(self, c);
	completion_submitted(completion, result);
	if (!completion || result < 0)
		image_aio_not_seen(closing, result);
	return result;
}

/* The destructor closes what is still open. */
static void destroy(void (*real)(void **), void **self)
{
	struct image_closing closing;

	image_closing(&closing, *self);
	real(self);
	image_closed(&closing, 0);
}

void Image_D1(void **self)
{
	REAL_OR_RETURN(Image_D1, , self);
	destroy(real, self);
}

void Image_D2(void **self)
{
	REAL_OR_RETURN(Image_D2, , self);
	destroy(real, self);
}
