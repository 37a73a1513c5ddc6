/* SPDX-License-Identifier: MIT */
/*
 * fenceline/timeline/1, and the same events as NDJSON. The frame is written by hand and each event as soon as it is made:
 * a timeline can hold millions of them.
 */
#ifndef FENCELINE_RENDER_JSON_TIMELINE_H
#define FENCELINE_RENDER_JSON_TIMELINE_H

#include "render/view.h"

/* One event with its vm, image and client, and the newline. */
int ndjson_line(const struct view_vm *vm, const struct view_image *image, const struct timeline_entry *entry, FILE *out);
/* Every event of the view, in order of time over all images. Stops early if `each` returns nonzero, and returns that. */
int ndjson_walk(const struct view *view,
                int (*each)(const struct view_vm *vm, const struct view_image *image, const struct timeline_entry *entry,
                            void *arg),
                void *arg);

#endif
