/* SPDX-License-Identifier: MIT */
/*
 * Whose lock the fencer wanted. librbd lists the watchers of a header, fences the lock's owner, and breaks the lock. A service
 * may take snapshots of many images at once over one connection: then the list before a command, and the broken lock after it,
 * may be another image's.
 */
#include "correlate/wanted.h"
#include "correlate/episode.h"
#include "correlate/senders.h"
#include "correlate/watches.h"

#include <stdlib.h>
#include <string.h>

bool is_open_at(const struct snapshot_call *call, int64_t at_ns)
{
	if (!call->process && call->begin_ns < at_ns - LOGGED_CALL_NS)
		return false;
	return call->begin_ns <= at_ns && (!call->end_ns || call->end_ns >= at_ns);
}

/* The first lock that the sender broke after its command, of an image of that client if one is named. */
static const struct header_op *first_break(const struct findings *findings, const struct blocklist_action *action,
                                           const struct client *of)
{
	for (const struct header_op *op = findings->model->header_ops; op; op = op->next)
		if (is_break_after(action, op) && (!of || image_of_header(of, op->oid)))
			return op;
	return NULL;
}

/* The same, if it broke no other one of theirs meanwhile. */
static const struct header_op *only_break(const struct findings *findings, const struct blocklist_action *action,
                                          const struct client *of)
{
	const struct header_op *first = first_break(findings, action, of);

	for (const struct header_op *op = first ? first->next : NULL; op; op = op->next)
		if (is_break_after(action, op) && strcmp(op->oid, first->oid) != 0 && image_of_header(of, op->oid))
			return NULL;
	return first;
}

/* It may as well be the end of another command of the same sender. */
static bool is_of_several(const struct findings *findings, const struct header_op *op)
{
	size_t count = 0;

	for (const struct blocklist_action *each = findings->model->blocklists; each; each = each->next)
		count += !strcmp(each->op, "add") && first_break(findings, each, NULL) == op;
	return count > 1;
}

static bool was_listed_before(const struct findings *findings, const struct blocklist_action *action, const char *oid)
{
	for (const struct watchers_listing *listing = findings->model->listings; listing; listing = listing->next)
		if (is_look_before(action, listing) && !strcmp(listing->oid, oid))
			return true;
	return false;
}

static bool is_being_snapshotted(const struct findings *findings, const char *oid)
{
	const struct blocklist_action *action = findings->episode->first;

	for (const struct snapshot_call *call = findings->model->snapshots; call; call = call->next)
		if (is_sender(action, call->process, call->gid) && is_open_at(call, action->ts_ns) &&
		    is_header_of(oid, call->image_id))
			return true;
	return false;
}

/* The last one that it listed before; of several whose snapshots are under way none. */
static const char *last_listed(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	const char *last = NULL, *busy = NULL;
	bool several = false;

	for (const struct watchers_listing *listing = findings->model->listings; listing; listing = listing->next) {
		if (listing->result < 0 || !is_look_before(action, listing))
			continue;
		last = listing->oid;
		if (!is_being_snapshotted(findings, listing->oid))
			continue;
		several |= busy && strcmp(busy, listing->oid) != 0;
		busy = listing->oid;
	}
	return several ? NULL : last;
}

/* It had listed the watchers of several headers before, and broke more locks after it than it sent commands: which of them this
 * command was for is not known. */
static bool wants_several(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	const struct header_op *first = action ? first_break(findings, action, NULL) : NULL;
	size_t locks = 0, commands = 0;
	int64_t last_ns = 0;

	for (const struct header_op *op = first; op; op = op->next)
		if (is_break_after(action, op) && was_listed_before(findings, action, op->oid)) {
			locks++;
			last_ns = op->ts_ns;
		}
	for (const struct blocklist_action *each = findings->model->blocklists; each && locks > 1; each = each->next)
		commands += !strcmp(each->op, "add") && is_sender(each, first->process, first->gid) &&
		            each->trace_ns <= last_ns && each->trace_ns >= action->trace_ns - BREAKER_LOOKBACK_NS;
	return locks > 1 && locks > commands;
}

static const char *wanted_header(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	const struct header_op *op = action ? first_break(findings, action, NULL) : NULL;

	if (!action || findings->wants_several)
		return NULL;
	if (op && is_of_several(findings, op))
		op = findings->client && findings->client->images ? only_break(findings, action, findings->client) : NULL;
	return op ? op->oid : last_listed(findings);
}

void findings_wanted(struct findings *findings)
{
	findings->wants_several = wants_several(findings);
	findings->wanted = wanted_header(findings);
}
