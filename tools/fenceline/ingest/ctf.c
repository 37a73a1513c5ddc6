/* SPDX-License-Identifier: MIT */
/* Traces: found, who reads which, and their events as one feed. */
#include "ingest/ctf.h"
#include "ingest/ctf_excerpts.h"
#include "ingest/ctf_process.h"
#include "ingest/owner.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* A process more is worth its start for so much to read. */
#define BYTES_PER_READER ((uint64_t)4 << 20)
#define READERS_MAX      16
/* In the rank: where two traces hold the same event, the one that tells whose it is comes first and is kept. A rank has 24 bits
 * (ctf_reader.c). */
#define OWNER_NOT_KNOWN ((uint32_t)1 << 23)

struct ctf_set {
	struct feed feed; /* first: the feed is the set */
	struct ingest *ingest;
	struct ctf_traces traces;
	size_t wholes;                  /* traces found; the others are parts of some */
	struct ctf_process **processes; /* owned */
	size_t process_count;
	struct event event;
	struct ctf_buffer moment; /* the records of one moment that have been delivered, if there is more than one trace */
	bool unowned_said;        /* that one was left out, since its user is not known */
};

/* ---- who reads which ---- */

/* To be read; a damaged one is not, but its parts. */
static uint64_t bytes_of(const struct ctf_trace *trace)
{
	uint64_t bytes = 0;

	for (size_t i = 0; trace->state == TRACE_PLANNED && i < trace->file_count; i++)
		bytes += trace->files[i].bytes;
	return bytes;
}

static unsigned processors(void)
{
	cpu_set_t cpus;

	return sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : (unsigned)CPU_COUNT(&cpus);
}

static unsigned readers_for(uint64_t bytes)
{
	const char *wanted = getenv("FENCELINE_READERS");
	unsigned readers = wanted && atoi(wanted) > 0 ? (unsigned)atoi(wanted) : processors();

	if (readers > READERS_MAX)
		readers = READERS_MAX;
	if (!wanted && bytes / BYTES_PER_READER < readers)
		readers = (unsigned)(bytes / BYTES_PER_READER);
	return readers ? readers : 1;
}

static unsigned least_of(const uint64_t loads[], unsigned readers)
{
	unsigned least = 0;

	for (unsigned each = 1; each < readers; each++)
		if (loads[each] < loads[least])
			least = each;
	return least;
}

/* The largest file that is nobody's yet. */
static struct ctf_file *largest_left(const struct ctf_trace *trace, unsigned nobody)
{
	struct ctf_file *largest = NULL;

	for (size_t i = 0; i < trace->file_count; i++)
		if (trace->files[i].reader == nobody && (!largest || trace->files[i].bytes > largest->bytes))
			largest = &trace->files[i];
	return largest;
}

/* The streams of a large trace are dealt out, each to the reader that has least, and so are the other traces as a whole. Returns
 * the number of readers. */
static unsigned assign(const struct ctf_traces *traces)
{
	uint64_t loads[READERS_MAX] = { 0 }, total = 0;
	unsigned readers;

	for (size_t i = 0; i < traces->count; i++)
		total += bytes_of(traces->traces[i]);
	readers = readers_for(total);
	for (size_t i = 0; i < traces->count; i++) {
		const struct ctf_trace *trace = traces->traces[i];
		bool large = bytes_of(trace) >= BYTES_PER_READER || bytes_of(trace) >= total / (2 * readers);
		unsigned least = least_of(loads, readers);
		struct ctf_file *file;
		for (size_t k = 0; k < trace->file_count; k++)
			trace->files[k].reader = readers;
		while ((file = largest_left(trace, readers))) {
			file->reader = large ? least_of(loads, readers) : least;
			loads[file->reader] += file->bytes;
		}
	}
	return readers;
}

/* ---- opening ---- */

static int add_readers(struct ctf_set *set, unsigned count)
{
	size_t first = set->process_count;
	int error = 0;

	for (; set->process_count < first + count; set->process_count++) {
		XROOM(set->processes, set->process_count);
		set->processes[set->process_count] = ctf_process_start(&set->traces, (unsigned)set->process_count);
	}
	for (size_t i = first; !error && i < set->process_count; i++)
		error = ctf_process_settle(set->processes[i]);
	return error;
}

/* Those that could not be opened as a whole: one more reader reads them. */
static int try_parts(struct ctf_set *set)
{
	size_t count = set->traces.count;

	for (size_t i = 0; i < count; i++) {
		struct ctf_trace *trace = set->traces.traces[i];
		if (trace->state == TRACE_FAILED && !trace->whole)
			ctf_take_apart(&set->traces, trace, (unsigned)set->process_count);
	}
	return set->traces.count > count ? add_readers(set, 1) : 0;
}

/* Each input must have a trace that can be read. Its source has no host's name yet, and goes once another one has. */
static int check_inputs(const struct ctf_set *set)
{
	const struct ctf_traces *traces = &set->traces;

	for (size_t i = 0; i < traces->count; i++) {
		bool open = false;
		for (size_t k = 0; k < traces->count && !open; k++)
			open = traces->traces[k]->state == TRACE_OPEN &&
			       !strcmp(traces->traces[k]->input, traces->traces[i]->input);
		if (!open)
			return -EINVAL;
		ingest_source(set->ingest, traces->traces[i]->input, "ctf", "");
	}
	return 0;
}

int ctf_begin(struct ingest *ingest)
{
	struct ctf_set *set = ingest->traces;
	const struct ctf_trace *whole = NULL;
	int error;

	if (!set)
		return 0;
	error = add_readers(set, assign(&set->traces));
	if (!error)
		error = try_parts(set);
	for (size_t i = 0; !error && i < set->traces.count; i++) {
		if (set->traces.traces[i]->whole && set->traces.traces[i]->whole != whole)
			ctf_parts_conclude(&set->traces, i);
		whole = set->traces.traces[i]->whole;
	}
	return error ? error : check_inputs(set);
}

/* ---- events ---- */

static struct source *source_of(struct ctf_set *set, struct ctf_trace *trace)
{
	if (!trace->source)
		trace->source = ingest_source(set->ingest, trace->input, "ctf", trace->host);
	return trace->source;
}

/* What has been counted of each trace; a trace without events has a source, too. */
static void conclude(struct ctf_set *set)
{
	for (size_t i = 0; i < set->traces.count; i++) {
		struct ctf_trace *trace = set->traces.traces[i];
		if (trace->state != TRACE_OPEN)
			continue;
		source_of(set, trace)->events += trace->skipped;
		if (trace->unknown && !trace->skipped && !trace->events)
			ingest_complain(trace->folder, "holds %llu events, none of them fenceline's; ignored",
			                (unsigned long long)trace->unknown);
		trace->skipped = trace->unknown = 0;
	}
}

/* Takes the earliest event's record; NULL at the end. */
static int take_earliest(struct ctf_set *set, const struct ctf_record **earliest)
{
	const struct ctf_record *next;
	struct ctf_process *whose = NULL;

	*earliest = NULL;
	for (size_t i = 0; i < set->process_count; i++) {
		int more = ctf_process_next(set->processes[i], &next);
		if (more < 0)
			return more;
		if (more && (!*earliest || ctf_record_before(next, *earliest))) {
			*earliest = next;
			whose = set->processes[i];
		}
	}
	if (whose)
		ctf_process_take(whose);
	return 0;
}

/* ---- copies ---- */

/* What one recording knows another may not. */
static bool may_be_of_one_user(const struct ctf_trace *a, const struct ctf_trace *b)
{
	return !a->owner || !b->owner || a->owner == b->owner;
}

static bool is_copy(const struct ctf_set *set, const struct ctf_record *a, const struct ctf_record *b)
{
	const struct ctf_trace *of_a = set->traces.traces[a->trace], *of_b = set->traces.traces[b->trace];

	return a->size == b->size && a->fact == b->fact && of_a->rank != of_b->rank && may_be_of_one_user(of_a, of_b) &&
	       !strcmp(of_a->host, of_b->host) && !memcmp(a->rest, b->rest, a->size - sizeof(*a));
}

/* Snapshots of a flight recorder overlap, and folders are copied: the same event of the same host in two traces is one.
 * True: it has been delivered already. */
static bool delivered_before(struct ctf_set *set, const struct ctf_record *record)
{
	struct ctf_buffer *moment = &set->moment;
	const struct ctf_record *there = (const struct ctf_record *)moment->bytes;

	if (set->wholes < 2)
		return false;
	if (moment->end && there->ts_ns != record->ts_ns)
		moment->end = 0;
	for (size_t at = 0; at < moment->end; at += there->size) {
		there = (const struct ctf_record *)(moment->bytes + at);
		if (is_copy(set, there, record))
			return true;
	}
	ctf_record_copy(moment, record);
	return false;
}

/* ---- the feed itself ---- */

static void leave_out(struct ctf_set *set, struct ctf_trace *trace)
{
	trace->skipped++;
	if (!trace->owner && !set->unowned_said)
		ingest_complain(trace->folder,
		                "left out: --uid is given, and whose processes recorded it is not known; that is told by "
		                "recordings with --buffers=uid, and by the rings of the record daemon");
	set->unowned_said |= !trace->owner;
}

static int next_event(struct feed *feed, const struct event **event)
{
	struct ctf_set *set = (struct ctf_set *)feed;
	const struct ctf_record *record;
	int error;

	while (!(error = take_earliest(set, &record)) && record) {
		struct ctf_trace *trace = set->traces.traces[record->trace];
		if (!owner_wanted(&set->ingest->options, trace->owner)) {
			leave_out(set, trace);
			continue;
		}
		if (delivered_before(set, record))
			continue;
		ctf_record_decode(record, &set->event);
		set->event.source = source_of(set, trace);
		set->event.owner = trace->owner;
		trace->events++;
		*event = &set->event;
		return 1;
	}
	if (!error)
		conclude(set);
	return error;
}

static void close_set(struct feed *feed)
{
	struct ctf_set *set = (struct ctf_set *)feed;

	for (size_t i = 0; i < set->process_count; i++)
		ctf_process_close(set->processes[i]);
	ctf_traces_free(&set->traces);
	ctf_buffer_release(&set->moment);
	free(set->processes);
	free(set);
}

/* The set of this ingest; made with the first folder. */
static struct ctf_set *set_of(struct ingest *ingest)
{
	struct ctf_set *set = ingest->traces;

	if (set)
		return set;
	set = XNEW(struct ctf_set, .feed = { .next = next_event, .close = close_set }, .ingest = ingest,
	           .traces = { .options = &ingest->options });
	ingest_add_feed(ingest, &set->feed);
	return ingest->traces = set;
}

static void add_trace(struct ctf_set *set, const char *input, const char *folder)
{
	struct ctf_trace *trace = ctf_trace_add(&set->traces, input, folder);

	ctf_trace_list_files(trace);
	trace->rank = (uint32_t)set->wholes++ | (trace->owner ? 0 : OWNER_NOT_KNOWN);
	if (!ctf_trace_is_whole(trace))
		ctf_take_apart(&set->traces, trace, 0);
}

int ctf_open_folder(struct ingest *ingest, const char *path)
{
	struct ctf_set *set = set_of(ingest);
	struct ctf_found found;
	size_t length = strlen(path);
	char *folder;
	int error;

	while (length > 1 && path[length - 1] == '/')
		length--;
	folder = xstrndup(path, length);
	error = ctf_find(&found, folder, true);
	for (size_t i = 0; i < found.count; i++)
		if (ingest_first_visit(ingest, found.folders[i]))
			add_trace(set, path, found.folders[i]);
	if (error)
		ingest_complain(found.unreadable, "cannot be read: %s", strerror(-error));
	else if (!found.any)
		ingest_complain(path, "is an empty folder; give the folder that `fenceline record` wrote");
	else if (!found.count)
		ingest_complain(path,
		                "holds no trace: no `metadata` file in it or beneath it; give the folder that `fenceline record` "
		                "wrote, and logs by their names, such as %s/*.log",
		                folder);
	if (!error && !found.count)
		error = -EINVAL;
	ctf_found_free(&found);
	free(folder);
	return error;
}
