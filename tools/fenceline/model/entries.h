/* SPDX-License-Identifier: MIT */
/* The timeline. */
#ifndef FENCELINE_MODEL_ENTRIES_H
#define FENCELINE_MODEL_ENTRIES_H

#include "model/records.h"

/* Appends an entry with that text; NULL if the model keeps none. Valid until the image's next one. */
struct timeline_entry *entry_add(struct model *model, struct image *image, int64_t ts_ns, enum timeline_kind kind,
                                 enum severity severity, const struct source *source, const char *format, ...)
        __attribute__((format(printf, 7, 8)));
/* "-108 Cannot send after transport endpoint shutdown"; thread-local buffer. */
const char *error_words(int64_t result);
/* "0.5 ms", "12.3 s"; thread-local buffer. */
const char *duration_words(int64_t ns);
/* Those of a watch, from one image to another. */
void entries_move(struct model *model, struct image *from, struct image *to, uint64_t cookie);
/* All of them; `to` may be NULL if there are none. */
void entries_move_all(struct model *model, struct image *from, struct image *to);
void entries_sort(struct model *model, struct image *image);
void entries_free(struct image *image);

#endif
