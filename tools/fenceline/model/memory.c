/* SPDX-License-Identifier: MIT */
#include "model/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Lists shorter than this are left alone. */
#define PRUNE_AT 1024

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

/* Unlinks and frees the elements that cannot matter; `tail` and the count of what is left follow. */
#define PRUNE(type, head, tail, time, keep, release) \
	do { \
		type **at = &(head), *left = NULL; \
		while (*at) { \
			type *each = *at; \
			if ((keep) || may_matter(model, each->time)) { \
				left = each; \
				at = &each->next; \
				kept++; \
			} else { \
				*at = each->next; \
				release(each); \
			} \
		} \
		(tail) = left; \
	} while (0)

void model_prune(struct model *model)
{
	struct model_private *private = model->private;
	size_t kept = 0;

	if (private->options.keep_entries || private->prunable < PRUNE_AT)
		return;
	PRUNE(struct header_op, model->header_ops, private->header_op_tail, ts_ns, false, header_op_free);
	PRUNE(struct watchers_listing, model->listings, private->listing_tail, ts_ns, false, listing_free);
	PRUNE(struct snapshot_call, model->snapshots, private->snapshot_tail, begin_ns, !each->end_ns && each->process,
	      snapshot_free);
	PRUNE(struct snaps_change, model->snaps_changes, private->snaps_tail, ts_ns, false, snaps_change_free);
	private->snaps_recent = NULL;
	PRUNE(struct failure_run, model->failures, private->failure_tail, end_ns, each->result == -ESHUTDOWN, failure_free);
	PRUNE(struct slow_run, model->slow_runs, private->slow_tail, last_ns, false, slow_free);
	private->open_failures.count = private->open_slow.count = 0;
	clients_remove(model, logged_is_over);
	PRUNE(struct stall, model->stalls, private->stall_tail, begin_ns, false, free);
	/* What is left may be all that matters: look again only after as much again has come. */
	private->prunable = kept < PRUNE_AT / 2 ? kept : 0;
}
