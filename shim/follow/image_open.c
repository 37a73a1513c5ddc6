/* SPDX-License-Identifier: MIT */
/* An image is opened, and closed: what is asked, registered, told. */
#include "image_open.h"

#include "base/emit.h"
#include "base/hook.h"
#include "io.h"
#include "ioctx.h"
#include "base/process.h"
#include "base/provider_open.h"
#include "state.h"
#include "base/ticker.h"
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void ask_pool(void *ioctx, struct image_names *names)
{
	struct ioctx_names asked;

	ioctx_names(ioctx, &asked);
	snprintf(names->pool, sizeof names->pool, "%s", asked.pool);
	snprintf(names->nspace, sizeof names->nspace, "%s", asked.nspace);
}

static void ask_image(void *handle, struct image_names *names)
{
	int (*get_id)(void *, char *, size_t) =
	        (int (*)(void *, char *, size_t))library_symbol_for(LIB_RBD, "rbd_get_id", handle);
	int (*get_name)(void *, char *, size_t *) =
	        (int (*)(void *, char *, size_t *))library_symbol_for(LIB_RBD, "rbd_get_name", handle);
	size_t size = sizeof names->name;

	if (!get_id || get_id(handle, names->id, sizeof names->id) < 0) /* -EINVAL: format 1 has none */
		names->id[0] = '\0';
	if (!names->name[0] && (!get_name || get_name(handle, names->name, &size) < 0))
		names->name[0] = '\0';
}

void image_opening(struct image_opening *opening, void *ioctx, const char *name, const char *id, const char *snap, bool read_only)
{
	int saved = errno;

	libraries_refresh();
	provider_open();
	memset(opening, 0, sizeof *opening);
	snprintf(opening->names.name, sizeof opening->names.name, "%s", text_or_empty(name));
	snprintf(opening->names.id, sizeof opening->names.id, "%s", text_or_empty(id));
	snprintf(opening->snap, sizeof opening->snap, "%s", text_or_empty(snap));
	opening->read_only = read_only;
	/* Now: an asynchronous open may outlive the caller's ioctx. */
	ask_pool(ioctx, &opening->names);
	opening->client = client_of_ioctx(ioctx);
	opening->begun_ns = now_monotonic_ns();
	errno = saved;
}

void image_opened(const struct image_opening *opening, void *handle, int result)
{
	struct image_names names = opening->names;
	struct image *image = NULL;
	int saved = errno;

	if (result >= 0 && handle) {
		ask_image(handle, &names);
		image = image_add(handle, &names, opening->client);
		if (image)
			watch_image_opened(image);
		else
			hook_pass(HOOK_rbd_open, "too many images, or no memory: its I/O is not counted");
	}
	EMIT(image_open, .pid = process_id(), .global_id = client_id(opening->client), .image = image_serial(image),
	     .pool = names.pool, .nspace = names.nspace, .name = names.name, .image_id = names.id, .snap = opening->snap,
	     .read_only = opening->read_only, .result = result, .latency_ns = now_monotonic_ns() - opening->begun_ns);
	if (image) {
		state_emit(opening->client, image);
		if (emit_wanted(FL_EV_state))
			ticker_start();
	}
	errno = saved;
}

void image_closing(struct image_closing *closing, void *handle)
{
	closing->image = image_find(handle);
	closing->serial = image_serial(closing->image);
	closing->global_id = client_id(image_client(closing->image));
	closing->inflight = closing->image ? io_inflight(closing->image) : 0;
	handle_gone(handle); /* from here on it may be another image's */
}

void image_closed(const struct image_closing *closing, int64_t result)
{
	bool unknown = result == RESULT_UNKNOWN;

	int saved = errno;

	if (closing->image && image_serial(closing->image) == closing->serial) {
		io_summary_emit(closing->image);
		/* A destructor that calls a close of ours inside must not tell it twice. */
		if (image_remove(closing->image, closing->serial))
			EMIT(image_close, .pid = process_id(), .global_id = closing->global_id, .image = closing->serial,
			     .result = unknown ? 0 : (int32_t)result, .inflight = closing->inflight, .unknown = unknown);
	}
	errno = saved;
}

struct image_closing *image_aio_closing(void *handle)
{
	struct image_closing *closing = malloc(sizeof *closing), now;

	image_closing(closing ? closing : &now, handle);
	if (!closing) { /* nobody could tell when it has closed: it is told at once */
		hook_pass(HOOK_rbd_aio_close, "no memory: told when it began");
		image_closed(&now, RESULT_UNKNOWN);
	}
	return closing;
}

void image_aio_closed(void *closing, int64_t result)
{
	image_closed(closing, result); /* librbd frees it, whatever the result */
	free(closing);
}

void image_aio_not_seen(struct image_closing *closing, int result)
{
	if (closing && result >= 0)
		image_closed(closing, RESULT_UNKNOWN);
	free(closing);
}
