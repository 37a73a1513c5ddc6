/* SPDX-License-Identifier: MIT */
/* What is said of witnesses that disagree. */
#include "correlate/words_disagree.h"
#include "correlate/disagree.h"
#include "correlate/episode.h"
#include "correlate/evidence_line.h"
#include "correlate/findings.h"
#include "correlate/look.h"
#include "correlate/words_chain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static double in_seconds(int64_t ns)
{
	return (double)ns / NS_PER_S;
}

static int say_clocks_in_doubt(const struct findings *findings, enum disagreement which, char **text)
{
	const struct blocklist_action *action = findings->episode->first;

	if (which == REFUSED_BEFORE_COMMAND && findings->clock_off_ns > STORY_NS)
		return words_say(
		        text,
		        "clocks in doubt: the client was refused %.1f s before the command that fenced it; the log that holds the "
		        "command names no zone, and its times need not be UTC (--tz ZONE puts them right), or an earlier fence is in "
		        "no input",
		        in_seconds(findings->clock_off_ns));
	if (which == REFUSED_BEFORE_COMMAND)
		return words_say(
		        text,
		        "clocks in doubt: the client was refused %.1f s before the command that fenced it, so its clock is at "
		        "least "
		        "that much behind, or an earlier fence is in no input (--clock-offset puts a clock right)",
		        in_seconds(findings->clock_off_ns));
	return words_say(text, "clocks in doubt: the fencer's host and the monitors have one command %.1f s apart",
	                 in_seconds(llabs(action->dispatch_ns - action->trace_ns)));
}

static int say_list_disagrees(const struct findings *findings, enum disagreement which, char **text)
{
	char buf[256];

	if (which == LIST_HOLDS_OWNER)
		return words_say(text, "%s listed the owner among the watchers, and fenced it all the same",
		                 process_text(findings->listing->process, buf, sizeof buf));
	return words_say(text, "%s counted %zu watchers, but the trace holds only %zu of them",
	                 process_text(findings->listing->process, buf, sizeof buf), findings->listing->expected,
	                 findings->listing->count);
}

static int say_disagreement(const struct findings *findings, enum disagreement which, char **text)
{
	const struct blocklist_action *action = findings->episode->first;
	char buf[256];

	switch (which) {
	case REFUSED_BEFORE_COMMAND:
	case COMMAND_APART:
		return say_clocks_in_doubt(findings, which, text);
	case PINGS_WERE_PROCESSED:
		return words_say(
		        text,
		        "the client calls pings lost that the OSD processed: its log has one %.1f s before the fence, less "
		        "than the "
		        "watch's timeout of %" PRIu32 " s",
		        in_seconds((findings->osd_sign_ns ? findings->osd_sign_ns : findings->fence_ns) - findings->osd_last_ns),
		        findings->timeout_s);
	case STALL_WAS_BUSY:
		return words_say(
		        text,
		        "the sampler of its process did not run for %.1f s, but the process was busy meanwhile: only that thread "
		        "was starved",
		        in_seconds(findings->stall->gap_ns));
	case OTHER_BREAKER:
		return words_say(
		        text,
		        findings->other_breaker->result < 0
		                ? "%s sent a command, but found the lock broken already: another one may have fenced first"
		                : "%s broke the lock, too, and no input holds a command of it: it may have fenced first",
		        process_text(findings->other_breaker->process, buf, sizeof buf));
	case TOO_SOON:
		return words_say(text,
		                 "the watch was gone %.1f s after its last acknowledged ping, and lives for %" PRIu32
		                 " s: the lost pings do not explain it",
		                 in_seconds(findings->until_ns - findings->last_ack_sent_ns), findings->timeout_s);
	case ANSWERED_AFTER_LIST:
		return words_say(text,
		                 "the fencer's list lacks the owner, yet a ping of its watch was answered with 0 that it sent "
		                 "%.1f s later",
		                 in_seconds(answered_after_list(findings)->sent_ns - findings->listing->ts_ns));
	case LIST_HOLDS_OWNER:
	case LIST_IS_CUT:
		return say_list_disagrees(findings, which, text);
	case ANSWERED_AFTER:
		return words_say(text, "a ping was answered with 0 %.1f s after the command: a fenced client gets none",
		                 in_seconds(findings->answered_after_ns - (action ? action->ts_ns : findings->fence_ns)));
	case DISAGREEMENTS:
		break;
	}
	return 0;
}

int words_contradictions(const struct findings *findings, struct incident *incident)
{
	for (enum disagreement which = 0; which < DISAGREEMENTS; which++)
		if (disagrees(findings, incident, which) &&
		    say_disagreement(findings, which, &incident->contradictions[incident->contradiction_count++]))
			return -ENOMEM;
	return 0;
}
