/* SPDX-License-Identifier: MIT */
#include "render/text_fold.h"
#include "render/entry_words.h"
#include "render/text.h"
#include "render/text_io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* So many of a run get a line each: of lost pings all in an ordinary incident, of failed I/O the first. */
#define PING_LINES 6
#define IO_LINES   1

enum stream {
	STREAM_PINGS,
	STREAM_IO,
	STREAM_ERRORS,
	STREAM_LOGGED,
	/* one per layer that logs failures */ STREAMS = STREAM_LOGGED + LAYERS,
	STREAM_NONE,
	STREAM_HIDDEN
};

struct run {                                   /* of one stream: events of one kind in a row */
	const struct timeline_entry **entries; /* owned */
	size_t count, capacity;
};

struct fold {
	const struct text *text;
	struct text_lines *lines;
	struct run runs[STREAMS];
};

static enum stream stream_of(const struct timeline_entry *entry)
{
	switch (entry->kind) {
	case TL_PING_ACK:
	case TL_PING_LATE:
	case TL_PING_LOST:
		return STREAM_PINGS;
	case TL_IO_SUMMARY:
	case TL_IO:
		return STREAM_IO;
	case TL_IO_ERROR: /* io_eshutdown comes in addition to io_error */
		return entry->io.result == -ESHUTDOWN ? STREAM_HIDDEN : STREAM_ERRORS;
	case TL_IO_ESHUTDOWN:
		return STREAM_ERRORS;
	case TL_IO_SLOW: /* that it failed says more */
		return entry->io.result < 0 ? STREAM_HIDDEN : STREAM_ERRORS;
	case TL_GUEST_ERROR:
		return STREAM_LOGGED + (enum stream)entry->guest.layer;
	case TL_STATE: /* of a trace; what the cluster lists is worth a line */
		return severity_of(entry) == SEV_DEBUG ? STREAM_HIDDEN : STREAM_NONE;
	case TL_LOCK_CHECKED: /* librbd looks at its own lock all the time */
		return entry->lock.result < 0 ? STREAM_NONE : STREAM_HIDDEN;
	default:
		return STREAM_NONE;
	}
}

static int add_line(struct fold *fold, int64_t ts_ns, enum severity severity, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
static int add_line(struct fold *fold, int64_t ts_ns, enum severity severity, const char *format, ...)
{
	struct text_lines *lines = fold->lines;
	va_list args;
	int length;

	if (lines->count == lines->capacity) {
		size_t capacity = lines->capacity ? 2 * lines->capacity : 64;
		struct text_line *list = realloc(lines->list, capacity * sizeof *list);
		if (!list)
			return -ENOMEM;
		lines->list = list;
		lines->capacity = capacity;
	}
	lines->list[lines->count] = (struct text_line){ ts_ns, severity, NULL, lines->count };
	va_start(args, format);
	length = vasprintf(&lines->list[lines->count].words, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	lines->count++;
	return 0;
}

/* A line of the entry's own words, with who it is of before them (by NULL: nobody) and what stands behind them. */
static int add_entry(struct fold *fold, const struct timeline_entry *entry, int64_t ts_ns, const struct process *by,
                     const char *behind)
{
	char *words = entry_words(entry), who[TEXT_NAME];
	int error = words ? add_line(fold, ts_ns, severity_of(entry), "%s%s%s%s", by ? text_process(by, who) : "", by ? ": " : "",
	                             words, behind)
	                  : -ENOMEM;

	free(words);
	return error;
}

static const char *times(const struct fold *fold)
{
	return fold->text->style->utf8 ? "\u00d7" : "x";
}

static const char *dash(const struct fold *fold)
{
	return fold->text->style->utf8 ? "\u2013" : "-";
}

/* ---- pings ---- */

/* How much of "0.5 ms" to print before "–0.8 ms": without its unit, if that is the same. */
static int same_unit(const char *low, const char *high)
{
	const char *unit = strchr(low, ' ');

	return (int)(unit && !strcmp(unit, strchr(high, ' ')) ? (size_t)(unit - low) : strlen(low));
}

static int fold_acks(struct fold *fold, const struct run *run)
{
	const struct timeline_entry *first = run->entries[0], *last = run->entries[run->count - 1];
	int64_t shortest = INT64_MAX, longest = 0;
	char low[TEXT_BUF], high[TEXT_BUF], every[TEXT_BUF], rtt[2 * TEXT_BUF + 8] = "";
	const char *osd = first->ping.osd && *first->ping.osd ? first->ping.osd : NULL;

	for (size_t i = 0; i < run->count; i++) {
		int64_t rtt_ns = run->entries[i]->ping.rtt_ns;
		shortest = rtt_ns < shortest ? rtt_ns : shortest;
		longest = rtt_ns > longest ? rtt_ns : longest;
	}
	text_span(shortest, low);
	text_span(longest, high);
	if (first->ping.seen == PING_OSD_LOG)
		return add_line(fold, first->ts_ns, severity_of(first),
		                run->count == 1 ? "ping processed by %s" : "pings processed by %s %s%zu, the last %s later",
		                osd ? osd : "the OSD", times(fold), run->count, text_span(last->ts_ns - first->ts_ns, every));
	if (first->ping.seen == PING_SAMPLED)
		snprintf(rtt, sizeof rtt, " (sampled)");
	else if (strcmp(low, high))
		snprintf(rtt, sizeof rtt, ", %.*s%s%s", same_unit(low, high), low, dash(fold), high);
	else
		snprintf(rtt, sizeof rtt, ", %s", low);
	if (run->count == 1)
		return add_line(fold, first->ts_ns, severity_of(first), "ping answered%s%s%s", osd ? " by " : "", osd ? osd : "",
		                rtt);
	text_span((last->ping.sent_ns - first->ping.sent_ns) / (int64_t)(run->count - 1), every);
	return add_line(fold, first->ts_ns, severity_of(first), "ping answered %s%zu, every %s%s%s%s", times(fold), run->count,
	                every, rtt, osd ? ", by " : "", osd ? osd : "");
}

/* ", after 23.8 s" for an I/O that took long to fail. */
static const char *text_fold_waited(const struct timeline_entry *entry, char buf[TEXT_BUF])
{
	char span[TEXT_BUF];

	*buf = '\0';
	if ((entry->kind == TL_IO_ESHUTDOWN || entry->kind == TL_IO_ERROR) && entry->io.latency_ns >= (uint64_t)NS_PER_S)
		snprintf(buf, TEXT_BUF, ", after %.40s", text_span((int64_t)entry->io.latency_ns, span));
	return buf;
}

/* A ping that was refused long after is shown where it was missed. */
static int64_t shown_at(const struct timeline_entry *entry)
{
	return entry->kind == TL_PING_LOST && entry->ping.sent_ns ? entry->ping.sent_ns : entry->ts_ns;
}

static int fold_singles(struct fold *fold, const struct run *run, size_t lines, const char *more)
{
	const struct timeline_entry *next, *last = run->entries[run->count - 1];
	size_t single = run->count > lines + 1 ? lines : run->count;
	char span[TEXT_BUF], within[2 * TEXT_BUF] = "";

	for (size_t i = 0; i < single; i++)
		if (add_entry(fold, run->entries[i], shown_at(run->entries[i]), NULL, text_fold_waited(run->entries[i], span)))
			return -ENOMEM;
	if (single == run->count)
		return 0;
	next = run->entries[single];
	if (shown_at(last) > shown_at(next))
		snprintf(within, sizeof within, ", within %s", text_span(shown_at(last) - shown_at(next), span));
	return add_line(fold, shown_at(next), severity_of(last), "%s %s%zu more%s", more, times(fold), run->count - single,
	                within);
}

/* ---- I/O ---- */

/* A second in which nothing completed although something was waiting. */
static bool is_stuck(const struct timeline_entry *entry)
{
	return entry->kind == TL_IO_SUMMARY && !entry->summary->reads && !entry->summary->writes && !entry->summary->discards &&
	       !entry->summary->flushes;
}

static int fold_stuck(struct fold *fold, const struct run *run)
{
	const struct timeline_entry *first = run->entries[0], *last = run->entries[run->count - 1];
	int64_t begin_ns = first->ts_ns - (int64_t)first->summary->span_ns;
	char span[TEXT_BUF];

	return add_line(fold, begin_ns, SEV_WARNING, "no I/O completed for %s, %" PRIu32 " waiting",
	                text_span(last->ts_ns - begin_ns, span), last->summary->inflight);
}

static int fold_io(struct fold *fold, const struct run *run)
{
	const struct timeline_entry *first = run->entries[0];
	char words[512];
	bool bad = text_io_words(fold->text, run->entries, run->count, words, sizeof words);

	return add_line(fold, first->ts_ns, bad ? SEV_WARNING : severity_of(first), "%s", words);
}

static const char *says_so(const struct timeline_entry *entry)
{
	static const char *const words[LAYERS] = { "QEMU says so", "the guest says so", "librbd says so", "the OSD says so",
		                                   "the host's kernel says so" };

	return words[entry->guest.layer];
}

/* ---- the streams ---- */

static int end_run(struct fold *fold, enum stream stream)
{
	struct run *run = &fold->runs[stream];
	int error;

	if (!run->count)
		return 0;
	switch (run->entries[0]->kind) {
	case TL_PING_ACK:
		error = fold_acks(fold, run);
		break;
	case TL_PING_LATE:
		error = fold_singles(fold, run, PING_LINES, "ping answered late");
		break;
	case TL_PING_LOST:
		error = fold_singles(fold, run, PING_LINES, "ping never answered");
		break;
	case TL_IO_SUMMARY:
	case TL_IO:
		error = is_stuck(run->entries[0]) ? fold_stuck(fold, run) : fold_io(fold, run);
		break;
	case TL_IO_ESHUTDOWN:
		error = fold_singles(fold, run, IO_LINES, "I/O failed with -108");
		break;
	case TL_IO_SLOW:
		error = fold_singles(fold, run, IO_LINES, "slow I/O");
		break;
	case TL_GUEST_ERROR:
		error = fold_singles(fold, run, IO_LINES, says_so(run->entries[0]));
		break;
	default:
		error = fold_singles(fold, run, IO_LINES, "I/O failed");
	}
	run->count = 0;
	return error;
}

static bool fold_continues(const struct run *run, const struct timeline_entry *entry)
{
	const struct timeline_entry *last = run->count ? run->entries[run->count - 1] : NULL;

	if (!last)
		return true;
	if (last->kind != entry->kind)
		return false;
	if (entry->kind == TL_GUEST_ERROR)
		return (last->guest.result == -ESHUTDOWN) == (entry->guest.result == -ESHUTDOWN) && !last->ts_ns == !entry->ts_ns;
	if (entry->kind == TL_IO_SUMMARY)
		return is_stuck(last) == is_stuck(entry);
	if (entry->kind == TL_PING_ACK)
		return last->ping.cookie == entry->ping.cookie && last->ping.seen == entry->ping.seen &&
		       !strcmp(last->ping.osd ? last->ping.osd : "", entry->ping.osd ? entry->ping.osd : "");
	return true;
}

static int join_run(struct fold *fold, enum stream stream, const struct timeline_entry *entry)
{
	struct run *run = &fold->runs[stream];

	if (!fold_continues(run, entry) && end_run(fold, stream))
		return -ENOMEM;
	if (run->count == run->capacity) {
		size_t capacity = run->capacity ? 2 * run->capacity : 64;
		const struct timeline_entry **entries = realloc(run->entries, capacity * sizeof *entries);
		if (!entries)
			return -ENOMEM;
		run->entries = entries;
		run->capacity = capacity;
	}
	run->entries[run->count++] = entry;
	return 0;
}

/* At a turn of the story. That I/O is stuck goes on through it. */
static int end_runs(struct fold *fold, bool all)
{
	for (int stream = 0; stream < STREAMS; stream++) {
		const struct run *run = &fold->runs[stream];
		if (!all && run->count && is_stuck(run->entries[0]))
			continue;
		if (end_run(fold, stream))
			return -ENOMEM;
	}
	return 0;
}

static int compare_lines(const void *a, const void *b)
{
	const struct text_line *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static int fold_all(struct fold *fold, const struct text_event *events, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		const struct timeline_entry *entry = events[i].entry;
		enum stream stream = events[i].by ? STREAM_NONE : stream_of(entry);
		if (stream == STREAM_HIDDEN)
			continue;
		if (stream != STREAM_NONE)
			error = join_run(fold, stream, entry);
		else if (!(error = end_runs(fold, false)) &&
		         entry->kind == TL_PROCESS_STALLED) /* known at its end, shown at its beginning */
			error = add_entry(fold, entry, entry->stall.begin_ns, NULL, "");
		else if (!error)
			error = add_entry(fold, entry, entry->ts_ns, events[i].by, "");
	}
	return error ? error : end_runs(fold, true);
}

int text_fold(const struct text *text, const struct text_event *events, size_t count, struct text_lines *lines)
{
	struct fold fold = { .text = text, .lines = lines };
	int error = fold_all(&fold, events, count);

	for (int stream = 0; stream < STREAMS; stream++)
		free(fold.runs[stream].entries);
	if (!error && lines->count)
		qsort(lines->list, lines->count, sizeof *lines->list, compare_lines);
	return error;
}

void text_lines_free(struct text_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->list[i].words);
	free(lines->list);
	memset(lines, 0, sizeof *lines);
}
