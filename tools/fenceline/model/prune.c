/* SPDX-License-Identifier: MIT */
/* The lists of the model forget what can matter to no incident. */
#include "model/prune.h"
#include "model/failures.h"
#include "model/identity.h"
#include "model/logged.h"
#include "model/memory.h"
#include "model/private.h"
#include "model/slow.h"
#include "model/snaps.h"

#include <errno.h>
#include <stdlib.h>

/* Lists shorter than this are left alone. */
#define PRUNE_AT 1024

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
