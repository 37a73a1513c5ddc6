/* SPDX-License-Identifier: MIT */
/*
 * The rules of the verdict: one table. Its rows are asked in order, and the first that fits is the cause. Columns: the least
 * status that each link must have for *proven*, and whether who sent the command, and through which call, must have a witness.
 *
 *   client-gone         the client was gone before the fence: told, not alarmed about
 *   client-stalled, lost-pings, watch-lost
 *                       a lock breaker found the owner without a watch, and this is how it lost it
 *   fenced-while-alive  answered within a tick and slack before the fence's first sign, and no witness shows librbd's own break;
 *                       proven only where the call is known or follows: librbd's own looks alike in an audit line
 *   fenced-by-command   a command, an API call, a range, a whole host or a forced break: nobody looked at a watch; also where
 *                       this is proven and that the client was alive is not
 *   unknown             none of these can be shown; never proven
 *
 *   proven    every link that the row needs, none contradicted, and no gap where the decisive witness would have been
 *   likely    who, fence and harm at least inferred, another link inferred or missing
 *   possible  less than that
 *
 * -5 and -110 are no fence, nor is what a guest's kernel says: it knows no -108. A line without a time proves nothing about when.
 */
#include "correlate/rules.h"
#include "correlate/chain.h"
#include "correlate/episode.h"
#include "correlate/findings.h"
#include "correlate/look.h"
#include "correlate/senders.h"
#include "correlate/watches.h"
#include "model/clocks.h"

#include <string.h>

static bool was_gone(const struct findings *findings)
{
	return findings->silence.kind == SILENCE_GONE;
}

static bool broke(const struct findings *findings, enum silence_kind kind)
{
	return findings->silence.kind == kind && is_lock_breaker(findings);
}

static bool stood_still(const struct findings *findings)
{
	return broke(findings, SILENCE_STALLED);
}

static bool lost_pings(const struct findings *findings)
{
	return broke(findings, SILENCE_LOST);
}

static bool lost_its_watch(const struct findings *findings)
{
	return broke(findings, SILENCE_ERROR);
}

static bool was_commanded(const struct findings *findings)
{
	return findings->entry && findings->entry != FL_ENTRY_EXCLUSIVE_LOCK_BREAK && !findings->uncommitted;
}

/* A client whose watch had failed was alive, too; but whoever fenced it through a call that is not known may have been a lock
 * breaker who found no watch. */
static bool was_alive(const struct findings *findings)
{
	bool alive = findings->silence.kind == SILENCE_ALIVE || (findings->silence.kind == SILENCE_ERROR && findings->entry);

	/* Its watch had failed long before it was refused. A command fences such a client, too, and says nothing about the
	 * watch. */
	if (was_commanded(findings) && findings->refused_from_ns && !sign_is_near_refusal(findings))
		return false;
	return alive && findings->episode->first && !findings->uncommitted && findings->entry != FL_ENTRY_EXCLUSIVE_LOCK_BREAK;
}

static bool nothing_can_be_shown(const struct findings *findings)
{
	(void)findings;
	return true;
}

#define ANY STATUS_MISSING

static const struct rule {
	enum cause cause;
	bool (*fits)(const struct findings *findings);
	bool provable, who, call;
	enum link_status least[LINKS]; /* silence, watch, fencer, fence, harm */
} rules[] = {
	{ CAUSE_CLIENT_GONE, was_gone, true, false, false, { STATUS_SEEN, ANY, ANY, STATUS_SEEN, ANY } },
	{ CAUSE_CLIENT_STALLED,
	  stood_still,
	  true,
	  true,
	  true,
	  { STATUS_SEEN, STATUS_INFERRED, STATUS_SEEN, STATUS_SEEN, STATUS_SEEN } },
	{ CAUSE_LOST_PINGS,
	  lost_pings,
	  true,
	  true,
	  true,
	  { STATUS_SEEN, STATUS_INFERRED, STATUS_SEEN, STATUS_SEEN, STATUS_SEEN } },
	{ CAUSE_WATCH_LOST,
	  lost_its_watch,
	  true,
	  true,
	  true,
	  { STATUS_SEEN, STATUS_INFERRED, STATUS_SEEN, STATUS_SEEN, STATUS_SEEN } },
	{ CAUSE_FENCED_WHILE_ALIVE, was_alive, true, true, false, { STATUS_SEEN, ANY, ANY, STATUS_SEEN, STATUS_SEEN } },
	{ CAUSE_FENCED_BY_COMMAND, was_commanded, true, true, true, { ANY, ANY, ANY, STATUS_SEEN, STATUS_SEEN } },
	{ CAUSE_UNKNOWN, nothing_can_be_shown, false, false, false, { ANY, ANY, ANY, ANY, ANY } },
};

static const struct rule *rule_that_fits(const struct findings *findings)
{
	const struct rule *rule = rules;

	while (!rule->fits(findings))
		rule++;
	return rule;
}

static bool who_is_seen(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	return action && (action->trace_ns || *action->entity);
}

static bool is_of_a_watch(const struct rule *rule)
{
	return rule->cause == CAUSE_CLIENT_STALLED || rule->cause == CAUSE_LOST_PINGS || rule->cause == CAUSE_WATCH_LOST;
}

static bool looked_too_early(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	int64_t timeout_ns = (int64_t)findings->timeout_s * NS_PER_S;

	return action && findings->life_ns && action->trace_ns > findings->life_ns &&
	       action->trace_ns - findings->life_ns < timeout_ns - CLOCK_SLACK_NS;
}

static bool is_refused_before(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	return action && action->trace_ns && findings->sign_ns && findings->sign_ns + CLOCK_SLACK_NS < action->trace_ns;
}

/* By two clocks that nothing ties, and with no audit log: had the client come back when the fencer looked, somebody whom no input
 * shows had fenced it already. */
static bool may_have_looked_later(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	return action && action->trace_ns && !action->audit_source && findings->client && findings->client->first_source &&
	       !model_clocks_tied(findings->model, action->trace_source, findings->client->first_source);
}

/* Would the decisive witness have been where nothing could be seen? */
static bool has_gap(const struct findings *findings, const struct rule *rule)
{
	bool list_is_cut = !findings->listing || !findings->listing_complete;

	/* The client was answered with 0 long after its fence: the clocks are wrong, or another command fenced it. */
	if (findings->doubtful_clocks || findings->answered_after_ns || cluster_is_open(findings))
		return true;
	if (rule->who && (other_may_have_fenced(findings) || result_may_be_discarded(findings)))
		return true;
	/* The first of several commands counts. Which one that was is open where sender and monitors disagree about the time. */
	if (findings->episode->adds > 1 && findings->episode->first && command_is_apart(findings->episode->first))
		return true;
	/* Another add came before it. Its end may only have been left out of the log, and then it was the first; or the first
	 * one's is missing where another's is known. */
	if (findings->episode->unfinished || findings->episode->first_is_open)
		return true;
	/* The client was still answered after the first: another of them may have fenced it (two clusters can share an address).
	 */
	if (findings->answered_between)
		return true;
	/* It was refused before the command: a clock is wrong, or a command that no input holds had fenced it already. */
	if (findings->came_back && (is_refused_before(findings) || may_have_looked_later(findings)))
		return true;
	/* The client has several images, and the fencer does not say whose lock it wanted: their watches may have fallen silent
	 * at different times. */
	if (is_of_a_watch(rule) && !findings->image_from_breaker && images_named(findings) > 1)
		return true;
	/* When the fencer looked, the watch's timeout was not over since the last answer: a clock is wrong, or a command that no
	 * input holds had taken the watch away. */
	if (rule->cause == CAUSE_LOST_PINGS && looked_too_early(findings))
		return true;
	/* The fencer's list lacks a watch that was answered after it. */
	if (is_of_a_watch(rule) && answered_after_list(findings))
		return true;
	/* The call is not known: librbd may have found the watch gone, by an error that no input shows. */
	if (rule->cause == CAUSE_FENCED_WHILE_ALIVE && !findings->entry)
		return true;
	/* The list of watchers is cut: with the owner in it the fence was forced, without it a lock breaker did it. */
	return rule->cause == CAUSE_FENCED_BY_COMMAND && findings->entry == FL_ENTRY_BREAK_LOCK_API &&
	       !looks_at_no_watch(findings) && list_is_cut;
}

static bool is_proven(const struct findings *findings, const struct rule *rule, const struct chain_link chain[LINKS])
{
	if (!rule->provable || has_gap(findings, rule))
		return false;
	if ((rule->who && !who_is_seen(findings)) || (rule->call && (!findings->entry || findings->entry_inferred)))
		return false;
	for (enum link link = 0; link < LINKS; link++) {
		/* A link that the cause does not need may be contradicted. That is told, and changes nothing. */
		bool needed = rule->least[link] != ANY;
		if (needed && (chain[link].status < rule->least[link] || chain[link].status == STATUS_CONTRADICTED))
			return false;
	}
	return !findings->silence.contradicted || rule->cause == CAUSE_FENCED_BY_COMMAND;
}

static enum confidence confidence_of(const struct findings *findings, const struct rule *rule,
                                     const struct chain_link chain[LINKS])
{
	enum link_status harm = chain[LINK_HARM].status;

	if (is_proven(findings, rule, chain))
		return CONF_PROVEN;
	if ((who_is_seen(findings) || findings->episode->listed) && chain[LINK_FENCE].status >= STATUS_INFERRED &&
	    (harm >= STATUS_INFERRED || harm == STATUS_NONE))
		return CONF_LIKELY;
	return CONF_POSSIBLE;
}

static const struct rule *rule_of(enum cause cause)
{
	const struct rule *rule = rules;

	while (rule->cause != cause)
		rule++;
	return rule;
}

/* That it was fenced by a command is true of every client that was alive as well. Where this is not shown and that is, that is
 * told. */
static const struct rule *rule_to_tell(const struct findings *findings, const struct chain_link chain[LINKS])
{
	const struct rule *rule = rule_that_fits(findings), *says_less = rule_of(CAUSE_FENCED_BY_COMMAND);
	bool alive = rule->cause == CAUSE_FENCED_WHILE_ALIVE && !is_proven(findings, rule, chain);

	return alive && says_less->fits(findings) && is_proven(findings, says_less, chain) ? says_less : rule;
}

void rules_apply(const struct findings *findings, struct incident *incident)
{
	const struct rule *rule = rule_to_tell(findings, incident->chain);

	incident->cause = rule->cause;
	incident->confidence = confidence_of(findings, rule, incident->chain);
}
