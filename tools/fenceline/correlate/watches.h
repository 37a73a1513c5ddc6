/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_WATCHES_H
#define FENCELINE_CORRELATE_WATCHES_H

#include "correlate/findings.h"

/* Is it the watch on an image's header (rbd_header.ID, or NAME.rbd in format 1)? */
bool watch_is_header(const struct watch *watch);
/* The next watch on that header from here on, this one included; oid NULL: on any header. NULL: none. */
const struct watch *next_watch(const struct watch *watch, const char *oid);
/* The fenced image's watches on its header, oldest first; after NULL: the first. */
const struct watch *findings_next_watch(const struct findings *findings, const struct watch *after);
/* Did its registration succeed, as far as is known? The model keeps failed ones, too. */
bool watch_is_registered(const struct watch *watch);
/* Whose image is the header object? NULL if the client has none of that id. */
const struct image *image_of_header(const struct client *client, const char *oid);
/* Is the object the header of the image with that id? */
bool is_header_of(const char *oid, const char *image_id);
/* Does a call with that image belong to the fenced one? */
bool is_on_image(const struct image *image, const char *pool, const char *name, const char *id);
/* Since when nothing is known to have reached the OSD: the last acknowledged ping, or a registration after it; 0: not known. */
int64_t silent_since(const struct findings *findings);

#endif
