/* SPDX-License-Identifier: MIT */
/* Witnesses that disagree. None is dropped: what they say is told, and what rests on them is not proven. */
#include "correlate/disagree.h"
#include "correlate/findings.h"
#include "correlate/look.h"
#include "correlate/senders.h"

static bool refused_before_command(const struct findings *findings, const struct incident *incident)
{
	(void)incident;
	return findings->doubtful_clocks;
}

static bool command_apart(const struct findings *findings, const struct incident *incident)
{
	const struct blocklist_action *action = findings->episode->first;

	(void)incident;
	return action && command_is_apart(action);
}

static bool pings_were_processed(const struct findings *findings, const struct incident *incident)
{
	(void)incident;
	return findings->silence.contradicted;
}

static bool stall_was_busy(const struct findings *findings, const struct incident *incident)
{
	(void)incident;
	return findings->stall_contradicted;
}

static bool other_breaker(const struct findings *findings, const struct incident *incident)
{
	(void)incident;
	return findings->other_breaker != NULL;
}

static bool too_soon(const struct findings *findings, const struct incident *incident)
{
	return findings->too_soon && incident->chain[LINK_WATCH].status == STATUS_CONTRADICTED;
}

static bool list_holds_owner(const struct findings *findings, const struct incident *incident)
{
	return incident->chain[LINK_WATCH].status == STATUS_CONTRADICTED && findings->owner_listed;
}

static bool watch_answered_after_list(const struct findings *findings, const struct incident *incident)
{
	(void)incident;
	return answered_after_list(findings);
}

static bool list_is_cut(const struct findings *findings, const struct incident *incident)
{
	(void)incident;
	return findings->listing && !findings->listing_complete;
}

static bool answered_after(const struct findings *findings, const struct incident *incident)
{
	(void)incident;
	return findings->answered_after_ns != 0;
}

bool disagrees(const struct findings *findings, const struct incident *incident, enum disagreement which)
{
	static bool (*const tests[DISAGREEMENTS])(const struct findings *findings, const struct incident *incident) = {
		[REFUSED_BEFORE_COMMAND] = refused_before_command,
		[COMMAND_APART] = command_apart,
		[PINGS_WERE_PROCESSED] = pings_were_processed,
		[STALL_WAS_BUSY] = stall_was_busy,
		[OTHER_BREAKER] = other_breaker,
		[TOO_SOON] = too_soon,
		[LIST_HOLDS_OWNER] = list_holds_owner,
		[ANSWERED_AFTER_LIST] = watch_answered_after_list,
		[LIST_IS_CUT] = list_is_cut,
		[ANSWERED_AFTER] = answered_after,
	};

	return tests[which](findings, incident);
}
