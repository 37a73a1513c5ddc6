/* SPDX-License-Identifier: MIT */
/* What is said of each link, and of the side where pings were lost. */
#include "correlate/words_chain.h"
#include "correlate/episode.h"
#include "correlate/evidence_line.h"
#include "correlate/expiry.h"
#include "correlate/findings.h"
#include "correlate/sign.h"
#include "correlate/standstill.h"
#include "correlate/watches.h"
#include "correlate/where.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int words_say(char **text, const char *format, ...)
{
	va_list args;
	char *words;
	int length;

	va_start(args, format);
	length = vasprintf(&words, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	free(*text);
	*text = words;
	return 0;
}

static double words_seconds(int64_t ns)
{
	return (double)ns / NS_PER_S;
}

static const char *words_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static const char *osd_of(const struct incident *incident)
{
	return incident->header_osd ? incident->header_osd : "its OSD";
}

/* ---- silence ---- */

/* Why it is not proof: what would have shown it was not recorded. */
static const char *doubt_of_silence(const struct findings *findings)
{
	if (findings->silence.contradicted)
		return "; but the OSD's own log says otherwise";
	if (findings->silence.status == STATUS_SEEN)
		return "";
	if (findings->clock_set)
		return "; but its host's clock was set meanwhile, and times by two clocks are put together here";
	if (!findings->sign_ns || !findings->one_clock)
		return "; the fence leaves no sign in the client's own clock, so this rests on two clocks";
	if (findings->silence.kind == SILENCE_ALIVE)
		return "; but whether its watch stood when the fencer looked is not sure";
	if (findings->silence.kind == SILENCE_STALLED)
		return wire_shows(findings) ? "; but it had been silent before" : "; that it sent none, the wire does not show";
	if (findings->hole)
		return "; but for part of it the client left no event at all";
	if (findings->discarded)
		return "; but the tracer discarded events meanwhile";
	return "; nothing but the missing answers says so";
}

static int say_lost(const struct findings *findings, struct incident *incident)
{
	char how_long[48] = ""; /* not known where the recording holds neither an answer nor the registration */

	if (findings->stuck_ping && !findings->lost_count)
		return words_say(&incident->chain[LINK_SILENCE].text, "%s had a watch ping and was slow to answer it%s",
		                 *findings->stuck_ping->osd ? findings->stuck_ping->osd : "the OSD", doubt_of_silence(findings));
	if (silent_since(findings))
		snprintf(how_long, sizeof how_long,
		         "silent for %.1f s: ", words_seconds(findings->until_ns - silent_since(findings)));
	if (incident->lost_elsewhere)
		return words_say(&incident->chain[LINK_SILENCE].text,
		                 "%s%" PRId64 " watch pings unanswered, %" PRId64 " of them to %s%s", how_long,
		                 incident->lost_pings, incident->lost_pings - incident->lost_elsewhere, osd_of(incident),
		                 doubt_of_silence(findings));
	return words_say(&incident->chain[LINK_SILENCE].text, "%s%" PRId64 " watch ping%s to %s unanswered%s", how_long,
	                 incident->lost_pings, words_plural((uint64_t)incident->lost_pings), osd_of(incident),
	                 doubt_of_silence(findings));
}

static int say_unknown(const struct findings *findings, struct incident *incident)
{
	char **text = &incident->chain[LINK_SILENCE].text;

	if (findings->silence.osd_only && findings->life_ns)
		return words_say(text, "%s heard nothing of it for %.1f s; no input tells whether it sent pings",
		                 osd_of(incident), words_seconds(findings->until_ns - findings->life_ns));
	if (cut_off_before(findings))
		return words_say(text, "not known: an earlier fence had cut it off, and it was not heard of since");
	if (findings->pause)
		return words_say(text, "not known: the cluster was paused, and a client sends no watch pings then");
	if (findings->stall_contradicted)
		return words_say(text, "unclear: its sampler did not run for %.1f s, yet the process was busy meanwhile",
		                 words_seconds(findings->stall->gap_ns));
	if (findings->unrecorded && findings->life_ns)
		return words_say(text, "not known: what is recorded of the client ends %.1f s before the fence",
		                 words_seconds(findings->until_ns - findings->client->last_ns));
	if (findings->hole)
		return words_say(
		        text,
		        "not known: for %.1f s before the fence%s the client left no event (stopped, dead, or not recorded)",
		        words_seconds(findings->hole->end_ns - findings->hole->begin_ns),
		        findings->sign_ns > findings->fence_ns + CLOCK_SLACK_NS ? "'s first sign at it" : "");
	if (findings->discarded)
		return words_say(text, "not known: the tracer discarded events when answers would have come");
	if (findings->life_ns)
		return words_say(text, "silent for %.1f s, but no input shows how",
		                 words_seconds(findings->until_ns - findings->life_ns));
	return words_say(text, "not known: no input shows the client's watch before the fence");
}

static int say_gone(const struct findings *findings, struct incident *incident)
{
	char **text = &incident->chain[LINK_SILENCE].text;
	char buf[256];

	if (findings->client->shutdown_ns && findings->client->shutdown_ns <= findings->fence_ns)
		return words_say(text, "the client had shut down, %.1f s before the fence",
		                 words_seconds(findings->fence_ns - findings->client->shutdown_ns));
	if (findings->successor)
		return words_say(text, "its process was gone: the same VM had been started again, as %s",
		                 process_text(findings->successor->process, buf, sizeof buf));
	return words_say(text, "its process had ended, by the VM's own log");
}

static int say_kind_of_silence(const struct findings *findings, struct incident *incident)
{
	char **text = &incident->chain[LINK_SILENCE].text;

	switch (findings->silence.kind) {
	case SILENCE_LOST:
		return say_lost(findings, incident);
	case SILENCE_STALLED:
		return words_say(text, "its process stood still for %.1f of %.1f s, and sent nothing meanwhile%s",
		                 words_seconds(findings->stalled_ns), words_seconds(findings->until_ns - silent_since(findings)),
		                 doubt_of_silence(findings));
	case SILENCE_ERROR:
		return words_say(text, "its watch ended with error %" PRId32 ", %.1f s after a sign of life",
		                 findings->broken->error, words_seconds(findings->broken->error_ns - findings->life_ns));
	case SILENCE_GONE:
		return say_gone(findings, incident);
	case SILENCE_ALIVE:
		if (findings->silence.contradicted)
			return words_say(
			        text,
			        "alive by the OSD's log, which processed its pings until %.1f s before the fence; its own "
			        "trace has them unanswered",
			        words_seconds(findings->osd_sign_ns - findings->osd_last_ns));
		if (!findings->life_ns || findings->until_ns - findings->life_ns > WATCH_OVERDUE_NS)
			return words_say(text, "alive: the OSD processed a ping %.1f s before the fence's first sign in its log",
			                 words_seconds(findings->osd_sign_ns - findings->osd_last_ns));
		return words_say(text, "alive: its last sign of life came %.1f s before the fence's first sign%s",
		                 words_seconds(findings->until_ns - findings->life_ns), doubt_of_silence(findings));
	case SILENCE_UNKNOWN:
		break;
	}
	return say_unknown(findings, incident);
}

static int say_silence(const struct findings *findings, struct incident *incident)
{
	char **text = &incident->chain[LINK_SILENCE].text;
	char *whole;

	if (say_kind_of_silence(findings, incident))
		return -ENOMEM;
	if (!findings->came_back)
		return 0;
	if (asprintf(&whole, "%s; it was back %.1f s before the fence reached it", *text,
	             words_seconds(findings->sign_ns - findings->came_back->registered_ns)) < 0)
		return -ENOMEM;
	free(*text);
	*text = whole;
	return 0;
}

/* ---- watch ---- */

static int say_gone_watch(const struct findings *findings, struct incident *incident)
{
	char **text = &incident->chain[LINK_WATCH].text, buf[256];

	if (findings->expired_logged)
		return words_say(text, "the OSD's log: it timed out there");
	if (list_lacks_owner(findings))
		return words_say(text, "%s listed the header's watchers (%zu): the owner was not among them",
		                 process_text(findings->listing->process, buf, sizeof buf), findings->listing->count);
	return words_say(text, "the OSD answered -107 before the fence: it no longer had it");
}

static const char *timeout_words(const struct findings *findings)
{
	return !strcmp(findings->timeout_from, "option")    ? "as given"
	       : !strcmp(findings->timeout_from, "assumed") ? "Ceph's default"
	       : !strcmp(findings->timeout_from, "log")     ? "from a log"
	                                                    : "from the trace";
}

static int say_inferred_watch(const struct findings *findings, struct incident *incident)
{
	char **text = &incident->chain[LINK_WATCH].text;

	if (findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK && findings->owner_listed)
		return words_say(
		        text,
		        "the fencer's list has the client with another cookie than the lock's: librbd took the owner for dead");
	if (findings->broken_before)
		return words_say(text, "it had ended with error %" PRId32 " before the fence, and was not taken anew",
		                 findings->broken->error);
	if (findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK)
		return words_say(text, "librbd fences only an owner that it does not find among the watchers");
	return words_say(text, "it had run out: last acknowledged ping + %" PRIu32 " s (%s)", findings->timeout_s,
	                 timeout_words(findings));
}

static int say_missing_watch(const struct findings *findings, struct incident *incident)
{
	char **text = &incident->chain[LINK_WATCH].text;

	if (findings->listing && !findings->listing_complete)
		return words_say(text, "not known: of the fencer's list of %zu watchers only %zu came in",
		                 findings->listing->expected, findings->listing->count);
	if (findings->watch_there)
		return words_say(text, "it cannot have run out yet: silent for less than its timeout of %" PRIu32 " s",
		                 findings->timeout_s);
	if (findings->expired_from && !findings->timeout_known)
		return words_say(text,
		                 "by Ceph's default of %" PRIu32 " s it had run out, but no input tells this cluster's timeout",
		                 findings->timeout_s);
	if (findings->moved)
		return words_say(text, "not known: the pings went to another OSD in between, which begins the timeout anew");
	return words_say(text, "not known: no input shows whether the owner was still watching");
}

static int say_watch(const struct findings *findings, struct incident *incident)
{
	char **text = &incident->chain[LINK_WATCH].text;

	switch (incident->chain[LINK_WATCH].status) {
	case STATUS_SEEN:
		return say_gone_watch(findings, incident);
	case STATUS_INFERRED:
		return say_inferred_watch(findings, incident);
	case STATUS_NONE:
		if (findings->entry == FL_ENTRY_BREAK_LOCK_API)
			return words_say(text, "by force: the fencer's list still held the owner");
		return words_say(text, "does not apply: such a command looks at no watch");
	case STATUS_CONTRADICTED:
		if (findings->silence.contradicted)
			return words_say(text, "contradicted: the OSD was still processing its pings");
		if (findings->too_soon)
			return words_say(text, "contradicted: it was gone after less than its timeout of %" PRIu32 " s (%s)",
			                 findings->timeout_s, timeout_words(findings));
		return words_say(text, "contradicted: the fencer's own list of watchers holds the owner");
	case STATUS_MISSING:
		break;
	}
	return say_missing_watch(findings, incident);
}

int words_expiry(struct incident *incident)
{
	const char *header = incident->header_object ? incident->header_object : "the header";
	const struct process *by = incident->watch_expired_by;

	if (!incident->watch_expired_ns)
		return 0;
	if (by)
		return words_say(&incident->expiry_text,
		                 "watch on %s had expired: %s (pid %" PRIu32 ") did not find it among the watchers", header,
		                 by->name, by->pid);
	if (!strcmp(incident->watch_expired_from, "seen"))
		return words_say(&incident->expiry_text, "watch on %s had expired: the OSD refused its ping", header);
	return words_say(&incident->expiry_text, "watch on %s expired (computed: last acknowledged ping + %" PRIu32 " s)", header,
	                 incident->watch_timeout_s);
}

/* ---- fencer ---- */

static const char *entry_words(enum fl_blocklist_entry entry)
{
	static const char *const words[FL_ENTRIES] = {
		[FL_ENTRY_EXCLUSIVE_LOCK_BREAK] = "librbd's own break of the exclusive lock",
		[FL_ENTRY_BREAK_LOCK_API] = "a break_lock call",
		[FL_ENTRY_BLOCKLIST_API] = "librados' blocklist call",
		[FL_ENTRY_MONITOR_COMMAND] = "a monitor command",
	};

	return words[entry];
}

static int say_fencer(const struct findings *findings, struct incident *incident)
{
	const struct blocklist_action *action = findings->episode->first;
	char **text = &incident->chain[LINK_FENCER].text, buf[256], snap[256] = "";
	const char *who, *as = "";

	if (!action)
		return words_say(text, "not known: no input holds the command");
	if (incident->window && !incident->window->snap)
		snprintf(snap, sizeof snap, ", in one of several snapshot calls that were open");
	else if (incident->window)
		snprintf(snap, sizeof snap, ", to %s snapshot %.160s", incident->window->op, incident->window->snap);
	who = action->process ? process_text(action->process, buf, sizeof buf) : *action->entity ? action->entity : "somebody";
	as = action->process ? action->entity : "";
	if (findings->entry && !findings->entry_inferred)
		return words_say(text, "%s%s%s, through %s%s%s", who, *as ? " as " : "", as, entry_words(findings->entry), snap,
		                 incident->self ? "; it fenced itself" : "");
	if (findings->entry_inferred)
		return words_say(text, "%s%s%s, by the audit log; as a monitor command, it seems: %s", who, *as ? " as " : "", as,
		                 blocklist_is_of_many(action) ? "nothing else fences a range or a whole host"
		                                              : "librbd fences no owner that watches");
	return words_say(text, "%s%s%s, by the audit log, which does not tell a person's command from librbd's own fence%s", who,
	                 *as ? " as " : "", as, snap);
}

/* ---- fence and harm ---- */

static int say_fence(const struct findings *findings, struct incident *incident)
{
	const struct blocklist_action *action = findings->episode->first;
	char **text = &incident->chain[LINK_FENCE].text;

	if (incident->chain[LINK_FENCE].status == STATUS_CONTRADICTED)
		return words_say(text, "%s; yet the client's pings were answered %.1f s later",
		                 findings->uncommitted ? "the command was never finished" : "the command was finished",
		                 words_seconds(findings->answered_after_ns - action->ts_ns));
	if (action && action->finished_ns)
		return words_say(text, "the monitors finished the command");
	if (findings->episode->listed)
		return words_say(text, "the cluster's blocklist holds it");
	if (action && action->has_result && action->result >= 0)
		return words_say(text, "the monitors answered the command with 0");
	if (findings->lock_broken)
		return words_say(text, "the fencer went on to break the lock, as it does once the monitors have answered");
	if (incident->chain[LINK_FENCE].status == STATUS_SEEN)
		return words_say(text, "the client was answered with -108");
	if (incident->chain[LINK_FENCE].status == STATUS_INFERRED)
		return words_say(text, "-108 came at that time, and this was the only client fenced then");
	return words_say(text, "not known: no input shows that the monitors finished the command");
}

static int say_harm(const struct findings *findings, struct incident *incident)
{
	const struct process *process = findings->client ? findings->client->process : NULL;
	char **text = &incident->chain[LINK_HARM].text;

	if (incident->chain[LINK_HARM].status == STATUS_NONE)
		return words_say(text, "none: nothing of the old client was left");
	if (incident->failed_ios || incident->unrecorded_ios)
		return words_say(text, "%" PRIu64 " I/O%s of its guest failed with -108%s",
		                 incident->failed_ios + incident->unrecorded_ios,
		                 words_plural(incident->failed_ios + incident->unrecorded_ios),
		                 !incident->unrecorded_ios ? "" : ", by the shim's count; not all of them are recorded");
	if (findings->waiting_cut && !findings->refused_after_ns)
		return words_say(text, "its I/O waited when its recording ended, %.1f s before the command",
		                 words_seconds(findings->episode->first->ts_ns - findings->waiting->waiting.until_ns));
	if (incident->waiting_ios)
		return words_say(text, "%" PRIu64 " I/O%s wait%s for ever", incident->waiting_ios,
		                 words_plural(incident->waiting_ios), incident->waiting_ios == 1 ? "s" : "");
	if (incident->chain[LINK_HARM].status == STATUS_SEEN)
		return words_say(text, "the client was told -108; %s",
		                 process && process->pid && !findings->logged_failure
		                         ? "no I/O was in flight"
		                         : "no input shows how much of its I/O failed");
	if (incident->chain[LINK_HARM].status == STATUS_INFERRED)
		return words_say(text, "-108 at that time, in a log that names no client: this was the only one fenced then");
	return words_say(text, "not known: no input shows -108 at this client");
}

int words_chain(const struct findings *findings, struct incident *incident)
{
	static int (*const words[LINKS])(const struct findings *findings, struct incident *incident) = {
		say_silence, say_watch, say_fencer, say_fence, say_harm,
	};

	for (enum link link = 0; link < LINKS; link++)
		if (words[link](findings, incident))
			return -ENOMEM;
	return 0;
}

/* ---- the side ---- */

static const char *host_of(const struct findings *findings)
{
	const struct process *process = findings->client->process;

	return process && *process->host ? process->host : findings->client->address_text;
}

int words_where(const struct findings *findings, struct incident *incident)
{
	const char *osd = osd_of(incident);

	if (findings->silence.kind != SILENCE_LOST || !findings->client)
		return 0;
	if (incident->header_osd && words_say(&incident->where.osd, "%s", incident->header_osd))
		return -ENOMEM;
	switch (incident->where.side) {
	case SIDE_OSD:
		return words_say(
		        &incident->where.text, "%s itself: %s", osd,
		        findings->stuck_ping
		                ? "it complained of this client's operation"
		                : "other hosts lost their pings to it, too, while another OSD answered, or it complained "
		                  "itself");
	case SIDE_CLIENT_HOST:
		return words_say(&incident->where.text,
		                 "at %s: its pings to other OSDs were lost, too, while %s answered another host",
		                 host_of(findings), where_answered_others(findings, osd));
	case SIDE_PATH:
		return words_say(&incident->where.text, "on the way back: %s processed one of the pings that were never answered",
		                 osd);
	case SIDE_UNKNOWN:
		break;
	}
	if (incident->where.answered_here)
		return words_say(
		        &incident->where.text,
		        "between %s and the OSD at %s, which answered other pings of this host in these seconds: it is this "
		        "connection, or the header's placement group",
		        host_of(findings), osd);
	if (incident->where.answered_others)
		return words_say(&incident->where.text,
		                 "between %s and %s: the OSD answered others in these seconds, so it is this host, the "
		                 "way, or the header's placement group",
		                 host_of(findings), incident->header_osd ? osd : "its OSD");
	return words_say(&incident->where.text, "between %s and %s%s: nothing tells the sides apart", host_of(findings),
	                 incident->header_osd && strchr(osd, ':') ? "the OSD at " : "", osd);
}
