/* SPDX-License-Identifier: MIT */
/* The five links: what is seen of each, what follows, what is missing, what is contradicted. What a link needs is in the table of
 * rules.c; here stands only what carries it. */
#include "correlate/chain.h"
#include "correlate/episode.h"
#include "correlate/expiry.h"
#include "correlate/facts.h"
#include "correlate/watches.h"

#include <string.h>

static bool is_by_lock_break(const struct facts *facts)
{
	return facts->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK || facts->entry == FL_ENTRY_BREAK_LOCK_API;
}

static bool list_lacks_owner(const struct facts *facts)
{
	return facts->listing && facts->listing_complete && !facts->owner_listed;
}

/* rbd_break_lock, and Image::break_lock: fences the holder that it is told. (rbd_lock_break lists the watchers, and goes on.) */
bool looks_at_no_watch(const struct facts *facts)
{
	return facts->break_call && strstr(facts->break_call->call, "break_lock");
}

bool is_lock_breaker(const struct facts *facts)
{
	if (facts->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK)
		return true;
	if (facts->entry == FL_ENTRY_BREAK_LOCK_API)
		return !looks_at_no_watch(facts) && list_lacks_owner(facts);
	return !facts->entry && facts->episode->first && watch_was_gone(facts);
}

/* The breaker's list holds the owner's address with the cookie of its only watch, and yet librbd fenced it. */
static bool list_holds_owner(const struct facts *facts)
{
	const struct watch *first = facts->image ? facts->image->watches : NULL;

	while (first && !watch_is_header(first))
		first = first->next;
	return facts->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK && facts->owner_listed && facts->watch && first == facts->watch &&
	       facts->owner_listed->cookie == facts->watch->cookie;
}

/* ---- one function per link ---- */

static enum link_status silence_status(const struct facts *facts)
{
	return facts->silence.status;
}

static enum link_status watch_status(const struct facts *facts)
{
	bool computed = facts->expired_from && !strcmp(facts->expired_from, "computed");

	if (facts->entry && !is_by_lock_break(facts))
		return STATUS_NONE; /* a command looks at no watch */
	if (list_holds_owner(facts) || (facts->too_soon && is_lock_breaker(facts)) ||
	    (facts->silence.contradicted && is_by_lock_break(facts)))
		return STATUS_CONTRADICTED;
	if (facts->expired_from && !computed)
		return STATUS_SEEN;
	if (facts->broken_before)
		return STATUS_SEEN;
	if (facts->entry == FL_ENTRY_BREAK_LOCK_API && facts->owner_listed)
		return STATUS_NONE; /* forced */
	if (facts->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK)
		return STATUS_INFERRED;
	return computed && facts->timeout_told ? STATUS_INFERRED : STATUS_MISSING;
}

static enum link_status fencer_status(const struct facts *facts)
{
	const struct blocklist_action *action = facts->episode->first;

	if (!action)
		return STATUS_MISSING;
	if (facts->other_breaker)
		return STATUS_CONTRADICTED;
	if ((action->trace_ns && action->entry) || facts->breaker)
		return STATUS_SEEN;
	return STATUS_INFERRED; /* who, by the audit log; through which call is not in it */
}

static bool said_108(const struct facts *facts)
{
	return facts->failed || facts->refused_after_ns || (facts->told && !facts->told_by_time);
}

static enum link_status fence_status(const struct facts *facts)
{
	const struct blocklist_action *action = facts->episode->first;

	if (facts->uncommitted || (facts->answered_after_ns && !said_108(facts)))
		return STATUS_CONTRADICTED;
	if ((action && blocklist_committed(facts->model, action)) || facts->episode->listed || said_108(facts))
		return STATUS_SEEN;
	return facts->told || facts->vm_failed ? STATUS_INFERRED : STATUS_MISSING;
}

/* I/O that is held back since the client's watch had failed, and before this command: a fence that no input holds may have come
 * first. (Of lost pings I/O waits before the watch fails.) */
static bool waited_before(const struct facts *facts)
{
	const struct blocklist_action *action = facts->episode->first;
	int64_t since_ns = facts->waiting ? facts->waiting->waiting.since_ns : 0;

	return action && facts->sign_ns && since_ns >= facts->sign_ns && since_ns + CLOCK_SLACK_NS < action->ts_ns;
}

static enum link_status harm_status(const struct facts *facts)
{
	if (facts->silence.kind == SILENCE_GONE)
		return STATUS_NONE;
	if (said_108(facts) || (facts->waiting && !waited_before(facts) && fence_status(facts) == STATUS_SEEN))
		return STATUS_SEEN;
	return facts->told || facts->vm_failed || facts->waiting ? STATUS_INFERRED : STATUS_MISSING;
}

static enum client_state state_of(const struct facts *facts)
{
	static const enum client_state states[] = {
		[SILENCE_UNKNOWN] = CLIENT_UNKNOWN, [SILENCE_LOST] = CLIENT_SILENT,  [SILENCE_STALLED] = CLIENT_STALLED,
		[SILENCE_ERROR] = CLIENT_ALIVE,     [SILENCE_GONE] = CLIENT_IS_GONE, [SILENCE_ALIVE] = CLIENT_ALIVE,
	};

	if (facts->silence.kind == SILENCE_UNKNOWN &&
	    (facts->expired_logged || (facts->life_ns && !facts->unrecorded && facts->sign_ns)))
		return CLIENT_SILENT; /* how, is not known */
	return states[facts->silence.kind];
}

void chain_judge(const struct facts *facts, struct incident *incident)
{
	static enum link_status (*const judges[LINKS])(const struct facts *facts) = {
		[LINK_SILENCE] = silence_status, [LINK_WATCH] = watch_status, [LINK_FENCER] = fencer_status,
		[LINK_FENCE] = fence_status,     [LINK_HARM] = harm_status,
	};

	for (enum link link = 0; link < LINKS; link++)
		incident->chain[link].status = judges[link](facts);
	incident->client_state = state_of(facts);
	incident->doubtful_clocks = facts->doubtful_clocks;
	incident->successor = facts->successor;
	incident->ended = facts->silence.kind == SILENCE_GONE && !facts->successor;
}
