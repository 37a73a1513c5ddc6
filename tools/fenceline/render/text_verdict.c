/* SPDX-License-Identifier: MIT */
#include "render/text_verdict.h"
#include "render/remedies.h"
#include "render/text.h"
#include "render/text_chain.h"
#include "render/view.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LOCKS_SHOWN 8 /* more are only counted */
#define LISTED_FROM 5 /* so many verdicts have a list of their titles in front */

/* A growing paragraph. Too long a one is cut: names in it are hostile, and nobody reads more. */
struct words {
	char text[4096];
	size_t length;
};

static void verdict_say(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void verdict_say(struct words *words, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(words->text + words->length, sizeof words->text - words->length, format, args);
	va_end(args);
	words->length += length < 0 ? 0 : (size_t)length;
	if (words->length >= sizeof words->text)
		words->length = sizeof words->text - 1;
}

/* Is it certain enough that the fence took effect to say so in the title? */
static bool took_effect(const struct incident *incident)
{
	return incident->chain[LINK_FENCE].status >= STATUS_INFERRED;
}

/* "vm1", else the client; a VM that only a log names stands with the address, for the two were joined by time. */
static const char *incident_who(const struct incident *incident, char buf[TEXT_NAME])
{
	if (!incident->vm || !incident->vm->vm_name)
		return text_who(incident->client, incident->address_text, buf);
	snprintf(buf, TEXT_NAME, "%s (client %s)", incident->vm->vm_name,
	         incident->address_text ? incident->address_text : "address not known");
	return buf;
}

static void say_image(struct words *words, const struct incident *incident)
{
	char name[TEXT_NAME];

	if (incident->image && image_is_named(incident->image))
		verdict_say(words, " from its disk %s", text_image(incident->image, name));
	else
		verdict_say(words, " from its disks");
	if (incident->other_count)
		verdict_say(words, " and %zu other%s of the same client", incident->other_count,
		            incident->other_count == 1 ? "" : "s");
}

static void say_sent(struct words *words, const struct incident *incident, const char *when)
{
	char who[TEXT_NAME], lifted[TEXT_BUF];

	incident_who(incident, who);
	if (incident->cause == CAUSE_CLIENT_GONE)
		verdict_say(words, "At %s the old client of %s was fenced; it was gone by then.", when, who);
	else if (!took_effect(incident))
		verdict_say(words, "At %s a command to fence %s was sent%s.", when, who,
		            incident->chain[LINK_FENCE].status == STATUS_CONTRADICTED
		                    ? ", but it did not take effect then"
		                    : "; no input shows whether it took effect");
	else if (incident->confidence == CONF_POSSIBLE && incident->removed_ns)
		verdict_say(words, "At %s %s was blocklisted; %s at %s UTC.", when, who,
		            incident->removal_open && !incident->unharmed ? "a command to lift the fence was sent"
		                                                          : "the fence was lifted",
		            text_moment(incident->removed_ns, lifted));
	else if (incident->confidence == CONF_POSSIBLE)
		verdict_say(words, "At %s %s was blocklisted: from then on the cluster refuses it.", when, who);
	else {
		verdict_say(words, "At %s %s was cut off", when, who);
		say_image(words, incident);
		verdict_say(words, ".");
	}
}

static void say_when(const struct incident *incident, char when[TEXT_BUF + 8])
{
	char moment[TEXT_BUF];

	if (incident_ns(incident))
		snprintf(when, TEXT_BUF + 8, "%s UTC", text_moment(incident_ns(incident), moment));
	else
		snprintf(when, TEXT_BUF + 8, "a time that no input tells");
}

static void say_opening(struct words *words, const struct incident *incident)
{
	char who[TEXT_NAME], when[TEXT_BUF + 8];

	say_when(incident, when);
	if (incident->blocklist && !incident->address_text)
		verdict_say(words, "At %s the address range %s was fenced; no input knows a client inside it.", when,
		            incident->blocklist->target);
	else if (incident->blocklist)
		say_sent(words, incident, when);
	else if (incident->listed && !incident->first_eshutdown.ts_ns && incident->listed->range)
		verdict_say(
		        words,
		        "The cluster's blocklist holds the address range %s; no input tells since when. No input knows a client "
		        "inside it, or the command that fenced it.",
		        incident->listed->target);
	else if (incident->listed && !incident_ns(incident))
		verdict_say(
		        words,
		        "The cluster's blocklist holds %s; no input tells since when: its I/O is refused. No input holds the command "
		        "that fenced it.",
		        incident_who(incident, who));
	else if (incident->listed && !incident->first_eshutdown.ts_ns)
		verdict_say(
		        words,
		        "The cluster's blocklist holds %s, since about %s if the entry lasts an hour as by default: its I/O is "
		        "refused. No input holds the command that fenced it.",
		        incident_who(incident, who), when);
	else {
		verdict_say(words, incident_ns(incident) ? "Since %s at the latest, %s is cut off" : "At %s, %s was cut off",
		            when, incident_who(incident, who));
		say_image(words, incident);
		verdict_say(words, ": %s is answered with -108. No input holds the command that fenced it.",
		            incident->first_eshutdown.ts_ns ? "its I/O" : "its watch");
	}
}

static void say_expiry(struct words *words, const struct incident *incident)
{
	enum link_status status = incident->chain[LINK_WATCH].status;

	if (!incident->watch_expired_from || status < STATUS_INFERRED)
		return;
	if (!strcmp(incident->watch_expired_from, "seen"))
		verdict_say(words, " By then the OSD had dropped the watch");
	else
		verdict_say(words, " So the OSD dropped the watch");
	if (incident->watch_timeout_s)
		verdict_say(words, " (timeout %" PRIu32 " s%s)", incident->watch_timeout_s,
		            incident->watch_timeout_from && !strcmp(incident->watch_timeout_from, "assumed") ? ", assumed" : "");
	verdict_say(words, ".");
}

static void say_unexplained_expiry(struct words *words, const struct incident *incident)
{
	if (incident->client_state == CLIENT_ALIVE) {
		verdict_say(words, " Its watch was gone although its pings were answered. These inputs cannot show why.");
		return;
	}
	verdict_say(words, " Its watch had expired");
	if (incident->watch_timeout_s)
		verdict_say(words, " (timeout %" PRIu32 " s)", incident->watch_timeout_s);
	verdict_say(words,
	            ". These inputs cannot show why: its pings may have been lost on the way, or it sent none because it stood "
	            "still or was gone.");
}

/* "The OSD at 10.99.0.1:6802", "osd.3", "Its OSD" */
static void say_osd(struct words *words, const struct incident *incident, bool first)
{
	const char *osd = incident->header_osd;

	if (!osd)
		verdict_say(words, first ? "Its OSD" : "its OSD");
	else
		verdict_say(words, "%s%s", !strncmp(osd, "osd.", 4) ? "" : first ? "The OSD at " : "the OSD at ", osd);
}

static void say_lost(struct words *words, const struct incident *incident)
{
	int64_t here = incident->lost_pings - incident->lost_elsewhere;

	if (incident->where.side == SIDE_OSD) {
		verdict_say(words, " ");
		say_osd(words, incident, true);
		verdict_say(words, " left %" PRId64 " watch ping%s without an answer.", here, here == 1 ? "" : "s");
	} else {
		verdict_say(words, " %" PRId64 " watch ping%s", incident->lost_pings, incident->lost_pings == 1 ? "" : "s");
		if (incident->lost_elsewhere)
			verdict_say(words, ", %" PRId64 " of them", here);
		verdict_say(words, " to ");
		say_osd(words, incident, false);
		verdict_say(words, "%s %s lost%s%s.", incident->lost_elsewhere ? "," : "",
		            incident->lost_pings == 1 ? "was" : "were", incident->where.text ? ", " : "",
		            incident->where.text ? incident->where.text : "");
	}
	say_expiry(words, incident);
}

static void say_cause(struct words *words, const struct incident *incident)
{
	switch (incident->cause) {
	case CAUSE_LOST_PINGS:
		say_lost(words, incident);
		break;
	case CAUSE_CLIENT_STALLED:
		verdict_say(words, " Its own process had stood still, so it sent no watch pings; the OSD lost none.");
		say_expiry(words, incident);
		break;
	case CAUSE_WATCH_LOST:
		verdict_say(words, " Its watch had ended with an error although its pings had been answered.");
		break;
	case CAUSE_FENCED_WHILE_ALIVE:
		verdict_say(words, strncmp(incident->chain[LINK_SILENCE].text, "alive", 5) ? " It was alive: %s." : " It was %s.",
		            incident->chain[LINK_SILENCE].text);
		break;
	case CAUSE_FENCED_BY_COMMAND:
		verdict_say(words, " A command did it, and a command looks at no watch. What the client did before: %s.",
		            incident->chain[LINK_SILENCE].text);
		break;
	case CAUSE_CLIENT_GONE:
		verdict_say(words, " That harmed nobody: %s.", incident->chain[LINK_SILENCE].text);
		break;
	default:
		if (incident->blocklist && incident->watch_expired_from && incident->chain[LINK_WATCH].status == STATUS_SEEN)
			say_unexplained_expiry(words, incident);
		else if (incident->blocklist)
			verdict_say(words, " Why cannot be shown from these inputs.");
	}
}

static void say_sender(struct words *words, const struct incident *incident)
{
	const struct blocklist_action *action = incident->blocklist;
	const struct snapshot_window *window = incident->window;
	const char *entry = action ? incident_entry_name(incident) : NULL;
	bool holds_owner = incident->chain[LINK_WATCH].status == STATUS_CONTRADICTED;
	char process[TEXT_NAME];

	if (!action)
		return;
	verdict_say(words, " The blocklist command came from %s",
	            action->process   ? text_process(action->process, process)
	            : *action->entity ? action->entity
	                              : "an unknown sender");
	if (action->process && *action->entity)
		verdict_say(words, " as %s", action->entity);
	if (entry && !strcmp(entry, "exclusive-lock-break"))
		verdict_say(words, ": librbd, acquiring the exclusive lock, %s",
		            holds_owner ? "fenced the lock's owner" : "found the lock's owner without a watch and fenced it");
	else if (entry && !strcmp(entry, "break-lock-api"))
		verdict_say(words, ", through a break_lock call of librbd's API");
	else if (entry && !strcmp(entry, "blocklist-api"))
		verdict_say(words, ", through the blocklist call of librados' API");
	else if (entry && incident->entry_inferred)
		verdict_say(words, ", it seems from a person or a script that ran `ceph osd blocklist%s add`",
		            action->range ? " range" : "");
	else if (entry && !strcmp(entry, "monitor-command"))
		verdict_say(words, ", as a monitor command (`ceph osd blocklist%s add`)", action->range ? " range" : "");
	if (window && window->snap)
		verdict_say(words, ", in order to %s snapshot %s", window->op, window->snap);
	else if (window)
		verdict_say(words, ", in one of several snapshot calls that were open");
	verdict_say(words, ".");
}

static void say_failures(struct words *words, const struct incident *incident)
{
	static const char *const ops[] = FL_IO_OP_NAMES;
	char bytes[TEXT_BUF], after[TEXT_BUF];

	if (incident->waiting_ios)
		verdict_say(words, " %" PRIu64 " guest I/O%s held back and never answered, without an error: the guest hangs.",
		            incident->waiting_ios, incident->waiting_ios == 1 ? " is" : "s are");
	if (incident->unrecorded_ios)
		verdict_say(words, " %" PRIu64 " guest I/O%s failed with -108 by the shim's count. Of these %s recorded%s",
		            incident->failed_ios + incident->unrecorded_ios,
		            incident->failed_ios + incident->unrecorded_ios == 1 ? "" : "s",
		            incident->failed_ios ? "only a part is" : "none is", incident->failed_ios ? ":" : ".");
	if (!incident->failed_ios)
		return;
	verdict_say(words, " %" PRIu64 " guest I/O%s", incident->failed_ios, incident->failed_ios == 1 ? "" : "s");
	if (incident->failed_bytes)
		verdict_say(words, " (%s)", text_bytes(incident->failed_bytes, bytes));
	verdict_say(words, " failed with -108");
	if (incident->first_eshutdown.ts_ns && incident->first_eshutdown.op < FL_IO_OPS && incident->first_eshutdown.length)
		verdict_say(words, "%s a %s of %" PRIu64 " bytes at offset %" PRIu64,
		            incident->failed_ios == 1  ? ":"
		            : incident->unrecorded_ios ? ", the first of them"
		                                       : ", the first",
		            ops[incident->first_eshutdown.op], incident->first_eshutdown.length,
		            incident->first_eshutdown.offset);
	if (incident->first_eshutdown.ts_ns && incident->first_eshutdown.length && incident->blocklist)
		verdict_say(words, ", %s %s the command",
		            text_span(llabs(incident->first_eshutdown.ts_ns - incident_ns(incident)), after),
		            incident->first_eshutdown.ts_ns < incident_ns(incident) ? "before" : "after");
	verdict_say(words, ".");
}

static void print_evidence(const struct text *text, const struct incident *incident)
{
	char clock[TEXT_BUF], day[TEXT_BUF], today[TEXT_BUF];

	if (!incident->evidence_count)
		return;
	fprintf(text->out, "\n  %sEvidence%s\n", ink(text, INK_BOLD), ink_off(text));
	text_date(incident_ns(incident), today);
	for (size_t i = 0; i < incident->evidence_count; i++) {
		const struct evidence *line = &incident->evidence[i];
		if (line->ts_ns && strcmp(text_date(line->ts_ns, day), today))
			fprintf(text->out, "      %s%s%s\n", ink(text, INK_DIM), strcpy(today, day), ink_off(text));
		fprintf(text->out, "  %2zu. %s%s%s  ", i + 1, ink(text, INK_DIM),
		        line->ts_ns ? text_clock(line->ts_ns, clock) : "no time     ", ink_off(text));
		text_wrapf(text, 20, INK_PLAIN, "%s%s%s%s", line->text, line->source && *line->source ? " [" : "",
		           line->source ? text_source(text, line->source) : "", line->source && *line->source ? "]" : "");
	}
}

static void print_missing(const struct text *text, const struct incident *incident)
{
	if (!incident->missing_count)
		return;
	fprintf(text->out, "\n  %sMissing evidence%s\n", ink(text, INK_BOLD), ink_off(text));
	for (size_t i = 0; i < incident->missing_count; i++) {
		fputs("   -  ", text->out);
		text_wrap(text, 6, INK_YELLOW, incident->missing[i]);
	}
}

/* "vm1: fenced because its watch pings were lost (lost-pings, proven)" */
static const char *incident_title(const struct incident *incident, char title[2 * TEXT_NAME])
{
	char who[TEXT_NAME];

	if (!incident->address_text && (incident->blocklist || incident->listed))
		snprintf(who, sizeof who, "range %s",
		         incident->blocklist ? incident->blocklist->target : incident->listed->target);
	else
		incident_who(incident, who);
	if (incident->blocklist && !took_effect(incident) && incident->cause == CAUSE_UNKNOWN)
		snprintf(title, (size_t)2 * TEXT_NAME, "%s: a command to fence it (%s, %s)", who, cause_name(incident->cause),
		         confidence_name(incident->confidence));
	else if (incident->cause == CAUSE_UNKNOWN)
		snprintf(title, (size_t)2 * TEXT_NAME, "%s: %s (%s)", who, cause_title(incident->cause),
		         confidence_name(incident->confidence));
	else
		snprintf(title, (size_t)2 * TEXT_NAME, "%s: %s (%s, %s)", who, cause_title(incident->cause),
		         cause_name(incident->cause), confidence_name(incident->confidence));
	return title;
}

/* More incidents than a screen holds, each in a line. */
static void print_list(const struct text *text, const struct view *view)
{
	char title[2 * TEXT_NAME], moment[TEXT_BUF];

	fprintf(text->out, "%sIncidents%s\n", ink(text, INK_BOLD), ink_off(text));
	for (size_t i = 0; i < view->incident_count; i++) {
		int64_t ns = incident_ns(view->incidents[i]);

		fprintf(text->out, "  %3zu. %s%-19s%s  ", i + 1, ink(text, INK_DIM), ns ? text_moment(ns, moment) : "no time",
		        ink_off(text));
		text_wrap(text, 28, INK_PLAIN, incident_title(view->incidents[i], title));
	}
	fputc('\n', text->out);
}

static void print_incident(const struct text *text, const struct report *report, const struct view *view, size_t index)
{
	const struct incident *incident = view->incidents[index];
	struct words words = { .length = 0 };
	char title[2 * TEXT_NAME];
	enum ink colour = incident->cause == CAUSE_CLIENT_GONE ? INK_BOLD : INK_ALARM; /* told, not alarmed about */
	fprintf(text->out, "%sVERDICT", ink(text, colour));
	if (view->incident_count > 1)
		fprintf(text->out, " %zu of %zu", index + 1, view->incident_count);
	fputs("  ", text->out);
	text_wrap(text, 9, colour, incident_title(incident, title));
	say_opening(&words, incident);
	say_cause(&words, incident);
	say_sender(&words, incident);
	say_failures(&words, incident);
	fputs("\n  ", text->out);
	text_wrap(text, 2, INK_PLAIN, words.text);
	text_chain(text, incident);
	print_evidence(text, incident);
	print_missing(text, incident);
	text_remedies(text, report, incident);
	fputc('\n', text->out);
}

static void print_near_miss(const struct text *text, const struct near_miss *near_miss)
{
	char who[TEXT_NAME], image[TEXT_NAME], begin[TEXT_BUF] = "", disk[TEXT_NAME + 16] = "";
	bool refused = near_miss->kind == NEAR_FENCE_REFUSED;

	if (near_miss->image && image_is_named(near_miss->image))
		snprintf(disk, sizeof disk, ", disk %s", text_image(near_miss->image, image));
	if (near_miss->client || near_miss->address_text)
		text_who(near_miss->client, near_miss->address_text, who);
	else
		snprintf(who, sizeof who, "a client that no input names");
	fprintf(text->out, "%sNEAR MISS%s  ", ink(text, INK_YELLOW), ink_off(text));
	text_wrapf(text, 11, INK_PLAIN, "%s%s (%s)%s%s%s: %s", who, disk, near_kind_name(near_miss->kind),
	           near_miss->begin_ns ? refused ? ", at " : ", from " : "",
	           near_miss->begin_ns ? text_moment(near_miss->begin_ns, begin) : "", near_miss->begin_ns ? " UTC" : "",
	           near_miss->text);
	if (near_miss->of_lock || near_miss->had_no_watch) {
		fputs("           ", text->out);
		text_wrap(
		        text, 11, INK_DIM,
		        refused ? "Until it may fence, it cannot take over a lock whose owner is dead: a VM may fail to start."
		                : "Had it held the image's lock, and anybody wanted that at the time, it would have been fenced.");
	}
	fputc('\n', text->out);
}

static bool is_selection(const struct report *report)
{
	return report->vm || report->image || report->since_ns != INT64_MIN || report->until_ns != INT64_MAX;
}

bool text_is_empty(const struct model *model)
{
	return !model->first_ns && !model->failures && !model->fences_listed && !model->locks_listed && !model->breakers &&
	       !model->clients && !model->slow_runs && !model->osd_perfs && !model->snaps_changes && !model->watch_timeout_s;
}

/* Locks alone: who holds them lives, or is fenced, or not. */
static void print_locks(const struct text *text, const struct model *model)
{
	char address[128];
	size_t count = 0;

	for (const struct lock_listed *lock = model->locks_listed; lock; lock = lock->next, count++)
		if (count < LOCKS_SHOWN)
			fprintf(text->out, "A lock is held by client.%" PRIu64 " at %s.\n", lock->gid,
			        address_format(&lock->address, address, sizeof address));
	if (count > LOCKS_SHOWN)
		fprintf(text->out, "%zu more locks are listed.\n", count - LOCKS_SHOWN);
	if (count)
		text_wrap(text, 0, INK_PLAIN,
		          "`rbd status` shows whether a lock's owner lives, `ceph osd blocklist ls` whether it is fenced.");
}

/* What the inputs hold is said, not what they cannot know. */
static void print_nothing_found(const struct text *text, const struct report *report)
{
	bool pings = false, commands = report->model->blocklists || report->model->fences_listed;
	size_t daemons = 0, lifted = 0;

	for (const struct client *client = report->model->clients; client && !pings; client = client->next)
		for (const struct image *image = client->images; image && !pings; image = image->next)
			for (const struct watch *watch = image->watches; watch && !pings; watch = watch->next)
				pings = watch->ping_count != 0 || watch->last_ack_sent_ns != 0;
	for (const struct fence_listed *listed = report->model->fences_listed; listed; listed = listed->next) {
		daemons += listed->of_daemon;
		lifted += listed->lifted && !listed->of_daemon;
	}
	if (lifted)
		text_wrapf(text, 0, INK_PLAIN, "%zu entr%s of the cluster's blocklist %s shown, and then taken off it: %s over.",
		           lifted, lifted == 1 ? "y" : "ies", lifted == 1 ? "is" : "are",
		           lifted == 1 ? "that fence is" : "those fences are");
	if (daemons)
		text_wrapf(text, 0, INK_PLAIN,
		           "%zu entr%s of the cluster's blocklist %s left out: a manager's or a metadata server's and its "
		           "clients', which the monitors fence when it is replaced.",
		           daemons, daemons == 1 ? "y" : "ies", daemons == 1 ? "is" : "are");
	print_locks(text, report->model);
	text_wrapf(text, 0, INK_GREEN, "No incident and no near miss: the inputs hold no %sfence of a client%s.",
	           lifted ? "other " : "", pings ? ", and no watch ping that was lost" : "");
	if (!commands && !pings)
		text_wrap(text, 0, INK_PLAIN,
		          "The monitors' audit log, `ceph osd blocklist ls` and traces of the clients show whether a client was "
		          "fenced.");
}

void text_verdicts(const struct text *text, const struct report *report, const struct view *view)
{
	if (view->incident_count >= LISTED_FROM)
		print_list(text, view);
	for (size_t i = 0; i < view->incident_count; i++)
		print_incident(text, report, view, i);
	for (size_t i = 0; i < view->near_miss_count; i++)
		print_near_miss(text, view->near_misses[i]);
	if (view->incident_count || view->near_miss_count)
		return;
	if (text_is_empty(report->model))
		fprintf(text->out, "The inputs hold no events.\n");
	else if (is_selection(report))
		fprintf(text->out, "%sNo incident%s and no near miss in what was asked for.\n", ink(text, INK_GREEN),
		        ink_off(text));
	else
		print_nothing_found(text, report);
}
