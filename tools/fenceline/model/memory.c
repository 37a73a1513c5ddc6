/* SPDX-License-Identifier: MIT */
#include "model/memory.h"
#include "model/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *model_alloc(struct model *model, size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		model->private->no_memory = true;
	return memory;
}

char *model_strdup(struct model *model, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		model->private->no_memory = true;
	return copy;
}

void model_set(struct model *model, char **text, const char *value)
{
	char *copy;

	if (!*value || (*text && !strcmp(*text, value)))
		return;
	copy = model_strdup(model, value);
	if (!copy)
		return;
	free(*text);
	*text = copy;
}

void open_calls_add(struct model *model, struct open_calls *open, void *call)
{
	if (open->count == open->capacity) {
		size_t capacity = open->capacity ? 2 * open->capacity : 8;
		void **calls = reallocarray(open->calls, capacity, sizeof(*calls));
		if (!calls) {
			model->private->no_memory = true;
			return;
		}
		open->calls = calls;
		open->capacity = capacity;
	}
	open->calls[open->count++] = call;
}

void open_calls_remove(struct open_calls *open, const void *call)
{
	for (size_t i = 0; i < open->count; i++)
		if (open->calls[i] == call) {
			open->calls[i] = open->calls[--open->count];
			return;
		}
}

void snapshot_free(struct snapshot_call *call)
{
	free(call->op);
	free(call->snap);
	free(call->pool);
	free(call->nspace);
	free(call->image_name);
	free(call->image_id);
	free(call);
}

void header_op_free(struct header_op *op)
{
	free(op->oid);
	free(op->pool);
	free(op->nspace);
	free(op->method);
	free(op);
}

void listing_free(struct watchers_listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->watchers[i].address_text);
	free(listing->watchers);
	free(listing->oid);
	free(listing);
}

/* A blocklist command yet to come may look back this far; one that came, in both directions. */
bool may_matter(const struct model *model, int64_t ts_ns)
{
	if (ts_ns >= model->last_ns - STORY_NS)
		return true;
	for (const struct blocklist_action *action = model->blocklists; action; action = action->next)
		if (ts_ns >= action->ts_ns - STORY_NS && ts_ns <= action->ts_ns + STORY_NS)
			return true;
	return false;
}
