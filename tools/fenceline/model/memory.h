/* SPDX-License-Identifier: MIT */
/* Memory of the model, and calls that have begun and not ended. */
#ifndef FENCELINE_MODEL_MEMORY_H
#define FENCELINE_MODEL_MEMORY_H

#include "model/records.h"

struct open_calls;

void *model_alloc(struct model *model, size_t size); /* zeroed */
char *model_strdup(struct model *model, const char *text);
/* Replaces *text by value unless value is "". */
void model_set(struct model *model, char **text, const char *value);
void open_calls_add(struct model *model, struct open_calls *open, void *call);
void open_calls_remove(struct open_calls *open, const void *call);
/* Can what happened then be part of a blocklist command's story, also of one yet to come? */
bool may_matter(const struct model *model, int64_t ts_ns);
void snapshot_free(struct snapshot_call *call);
void header_op_free(struct header_op *op);
void listing_free(struct watchers_listing *listing);

#endif
