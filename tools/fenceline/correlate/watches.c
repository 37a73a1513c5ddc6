/* SPDX-License-Identifier: MIT */
/* A client's images, and the watches on their headers. */
#include "correlate/watches.h"
#include "correlate/findings.h"

#include <string.h>

#define HEADER_PREFIX "rbd_header."

bool is_on_image(const struct image *image, const char *pool, const char *name, const char *id)
{
	return image && ((*id && !strcmp(id, image->id)) || (*name && !strcmp(name, image->name) && !strcmp(pool, image->pool)));
}

/* A client's own log says that an image's watch failed, and names no object. */
static bool is_told_to_fail(const struct watch *watch)
{
	return (!watch->oid || !*watch->oid) && watch->error && watch->error_source && !watch->image->client->process;
}

bool watch_is_header(const struct watch *watch)
{
	size_t length = watch->oid ? strlen(watch->oid) : 0;

	return !length ? is_told_to_fail(watch)
	               : (!strncmp(watch->oid, HEADER_PREFIX, strlen(HEADER_PREFIX)) ||
	                  (length > 4 && !strcmp(watch->oid + length - 4, ".rbd")));
}

bool watch_is_registered(const struct watch *watch)
{
	return !watch->error_ns || watch->error_ns != watch->registered_ns;
}

bool is_header_of(const char *oid, const char *image_id)
{
	return *image_id && !strncmp(oid, HEADER_PREFIX, strlen(HEADER_PREFIX)) && !strcmp(oid + strlen(HEADER_PREFIX), image_id);
}

const struct image *image_of_header(const struct client *client, const char *oid)
{
	const struct image *found = NULL;

	/* The same image may have been closed and opened again: the one that is open, else the last. */
	for (const struct image *image = client ? client->images : NULL; image; image = image->next) {
		bool has = is_header_of(oid, image->id);
		for (const struct watch *watch = image->watches; watch && !has; watch = watch->next)
			has = watch_is_header(watch) && !strcmp(watch->oid, oid);
		if (has && (!found || found->close_ns))
			found = image;
	}
	return found;
}

const struct watch *next_watch(const struct watch *watch, const char *oid)
{
	while (watch && (!watch_is_header(watch) || (oid && strcmp(watch->oid, oid))))
		watch = watch->next;
	return watch;
}

const struct watch *findings_next_watch(const struct findings *findings, const struct watch *after)
{
	return next_watch(after ? after->next : findings->image ? findings->image->watches : NULL, findings->oid);
}

int64_t silent_since(const struct findings *findings)
{
	return later(findings->last_ack_sent_ns, findings->watch && findings->watch->registered_ns <= findings->until_ns
	                                                 ? findings->watch->registered_ns
	                                                 : 0);
}
