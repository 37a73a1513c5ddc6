/* SPDX-License-Identifier: MIT */
/* The timeline. */
#ifndef FENCELINE_MODEL_ENTRIES_H
#define FENCELINE_MODEL_ENTRIES_H

#include "model/records.h"

/* Takes a copy of the entry, its strings included, if the model keeps entries; image NULL: nothing. */
void entry_add(struct model *model, struct image *image, const struct timeline_entry *entry);
/* Those of a watch, from one image to another. */
void entries_move(struct model *model, struct image *from, struct image *to, uint64_t cookie);
/* All of them; `to` may be NULL if there are none. */
void entries_move_all(struct model *model, struct image *from, struct image *to);
void entries_sort(struct model *model, struct image *image);
void entries_free(struct image *image);

#endif
