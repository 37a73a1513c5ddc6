/* SPDX-License-Identifier: MIT */
/* The five links: what is seen of each, what follows, what is missing, what is contradicted. What a link needs is in the table of
 * rules.c; here stands only what carries it. */
#include "correlate/chain.h"
#include "correlate/episode.h"
#include "correlate/expiry.h"
#include "correlate/findings.h"
#include "correlate/gone.h"
#include "correlate/senders.h"
#include "correlate/watches.h"

#include <errno.h>
#include <string.h>

static bool is_by_lock_break(const struct findings *findings)
{
	return findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK || findings->entry == FL_ENTRY_BREAK_LOCK_API;
}

/* rbd_break_lock, and Image::break_lock: fences the holder that it is told. (rbd_lock_break lists the watchers, and goes on.) */
bool looks_at_no_watch(const struct findings *findings)
{
	return findings->break_call && strstr(findings->break_call->call, "break_lock");
}

bool is_lock_breaker(const struct findings *findings)
{
	if (findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK)
		return true;
	if (findings->entry == FL_ENTRY_BREAK_LOCK_API)
		return !looks_at_no_watch(findings) && list_lacks_owner(findings);
	return !findings->entry && findings->episode->first && watch_was_gone(findings);
}

/* The breaker's list holds the owner's address with the cookie of its only watch, and yet librbd fenced it. */
static bool list_holds_owner(const struct findings *findings)
{
	const struct watch *first = findings->image ? findings->image->watches : NULL;

	while (first && !watch_is_header(first))
		first = first->next;
	return findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK && findings->owner_listed && findings->watch &&
	       first == findings->watch && findings->owner_listed->cookie == findings->watch->cookie;
}

/* ---- one function per link ---- */

static enum link_status silence_status(const struct findings *findings)
{
	return findings->silence.status;
}

static enum link_status watch_status(const struct findings *findings)
{
	bool computed = findings->expired_from && !strcmp(findings->expired_from, "computed");

	if (findings->entry && !is_by_lock_break(findings))
		return STATUS_NONE; /* a command looks at no watch */
	if (list_holds_owner(findings) || (findings->too_soon && is_lock_breaker(findings)) ||
	    (findings->silence.contradicted && is_by_lock_break(findings)))
		return STATUS_CONTRADICTED;
	if (findings->expired_from && !computed)
		return STATUS_SEEN;
	if (findings->broken_before && findings->broken->error == -ENOTCONN)
		return STATUS_SEEN;
	if (findings->entry == FL_ENTRY_BREAK_LOCK_API && findings->owner_listed)
		return STATUS_NONE; /* forced */
	if (findings->broken_before)
		return STATUS_INFERRED; /* -110: the OSD has it still, and librbd gives it up */
	if (findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK)
		return STATUS_INFERRED;
	return computed && findings->timeout_known ? STATUS_INFERRED : STATUS_MISSING;
}

static enum link_status fencer_status(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	if (!action)
		return STATUS_MISSING;
	if (findings->other_breaker)
		return STATUS_CONTRADICTED;
	if ((action->trace_ns && action->entry) || findings->breaker)
		return STATUS_SEEN;
	return STATUS_INFERRED; /* who, by the audit log; through which call is not in it */
}

static bool said_108(const struct findings *findings)
{
	return findings->failed || findings->refused_after_ns || (findings->logged_failure && !findings->logged_by_time);
}

static enum link_status fence_status(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	if (findings->uncommitted || (findings->answered_after_ns && !said_108(findings)))
		return STATUS_CONTRADICTED;
	if ((action && blocklist_committed(findings->model, action)) || findings->episode->listed || said_108(findings))
		return STATUS_SEEN;
	return findings->logged_failure || findings->vm_failed ? STATUS_INFERRED : STATUS_MISSING;
}

/* I/O that is held back since the client's watch had failed, and before this command: a fence that no input holds may have come
 * first. (Of lost pings I/O waits before the watch fails.) So it may where the client's recording ends before this command. */
static bool waited_before(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	int64_t since_ns = findings->waiting->waiting.since_ns;

	return findings->waiting_cut ||
	       (action && findings->sign_ns && since_ns >= findings->sign_ns && since_ns + CLOCK_SLACK_NS < action->ts_ns);
}

static enum link_status harm_status(const struct findings *findings)
{
	if (findings->silence.kind == SILENCE_GONE)
		return STATUS_NONE;
	if (said_108(findings) || (findings->waiting && !waited_before(findings) && fence_status(findings) == STATUS_SEEN))
		return STATUS_SEEN;
	return findings->logged_failure || findings->vm_failed || findings->waiting ? STATUS_INFERRED : STATUS_MISSING;
}

static enum client_state state_of(const struct findings *findings)
{
	static const enum client_state states[] = {
		[SILENCE_UNKNOWN] = CLIENT_UNKNOWN, [SILENCE_LOST] = CLIENT_SILENT,  [SILENCE_STALLED] = CLIENT_STALLED,
		[SILENCE_ERROR] = CLIENT_ALIVE,     [SILENCE_GONE] = CLIENT_IS_GONE, [SILENCE_ALIVE] = CLIENT_ALIVE,
	};

	if (findings->silence.kind == SILENCE_UNKNOWN &&
	    (findings->expired_logged || (findings->life_ns && !findings->unrecorded && findings->sign_ns)))
		return CLIENT_SILENT; /* how, is not known */
	return states[findings->silence.kind];
}

void chain_judge(const struct findings *findings, struct incident *incident)
{
	static enum link_status (*const judges[LINKS])(const struct findings *findings) = {
		[LINK_SILENCE] = silence_status, [LINK_WATCH] = watch_status, [LINK_FENCER] = fencer_status,
		[LINK_FENCE] = fence_status,     [LINK_HARM] = harm_status,
	};

	for (enum link link = 0; link < LINKS; link++)
		incident->chain[link].status = judges[link](findings);
	incident->client_state = state_of(findings);
	incident->doubtful_clocks = findings->doubtful_clocks;
	incident->successor = findings->successor;
	incident->other_life = findings_other_life(findings);
	incident->ended = findings->silence.kind == SILENCE_GONE && !findings->successor;
}
