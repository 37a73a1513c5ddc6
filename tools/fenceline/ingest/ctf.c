/* SPDX-License-Identifier: MIT */
/* Traces: who reads which, and their events as one feed. */
#include "ingest/ctf_process.h"
#include "ingest/ctf.h"
#include "ingest/ctf_excerpts.h"
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

/* A damaged trace, and what it has been taken apart into. */
struct group {
	struct ctf_trace *whole;       /* borrowed */
	struct ctf_excerpts *excerpts; /* owned */
	struct ctf_trace **parts;      /* the array is owned, the traces are not */
	size_t count;
};

struct reading {
	struct ctf_process *process;   /* owned; NULL: at its end */
	const struct ctf_record *next; /* NULL: to be asked for */
};

struct ctf_set {
	struct feed feed; /* first: the feed is the set */
	struct ingest *ingest;
	struct ctf_trace **traces; /* all of them; owned, and they, too */
	size_t trace_count;
	struct ctf_trace **planned; /* those that are opened first; the array is owned */
	size_t planned_count;
	struct group *groups; /* owned */
	size_t group_count;
	struct reading *readings; /* owned */
	size_t reading_count;
	struct event event;
	/* The records of one moment that have been delivered, if there is more than one trace: copies are looked for. */
	struct ctf_buffer moment;
	int64_t moment_ns;
	size_t wholes;     /* traces found */
	bool unowned_said; /* that one was left out, since its user is not known */
};

/* ---- the traces ---- */

static void trace_free(struct ctf_trace *trace)
{
	for (size_t i = 0; i < trace->file_count; i++)
		free(trace->files[i].name);
	free(trace->files);
	free(trace->input);
	free(trace->folder);
	free(trace->excerpt);
	free(trace->file);
	free(trace->cause);
	free(trace->streams);
	free(trace);
}

static struct ctf_trace *trace_new(struct ctf_set *set, const char *input, const char *folder)
{
	struct ctf_trace *trace =
	        XNEW(struct ctf_trace, .input = xstrdup(input), .folder = xstrdup(folder), .owner = owner_of_folder(folder));

	XROOM(set->traces, set->trace_count)[set->trace_count] = trace;
	set->trace_count++;
	return trace;
}

static void plan(struct ctf_set *set, struct ctf_trace *trace)
{
	XROOM(set->planned, set->planned_count)[set->planned_count] = trace;
	set->planned_count++;
}

static struct ctf_trace *part_new(struct ctf_set *set, const struct group *group, size_t file, const char *folder, bool cut)
{
	const struct ctf_trace *whole = group->whole;
	struct ctf_trace *part = trace_new(set, whole->input, whole->folder);

	part->excerpt = xstrdup(folder);
	part->file = xstrdup(whole->files[file].name);
	part->excerpts = group->excerpts;
	part->cut = cut;
	part->rank = whole->rank;
	part->subrank = (uint32_t)file + 1;
	return part;
}

/* NULL: nothing can be read of it, which is said and no error. */
static const struct group *take_apart(struct ctf_set *set, struct ctf_trace *whole)
{
	struct group group = { .whole = whole, .excerpts = ctf_excerpts_make(whole) };

	whole->state = TRACE_FAILED;
	if (!group.excerpts)
		return NULL;
	group.parts = xcalloc(whole->file_count + 1, sizeof(struct ctf_trace *));
	for (size_t i = 0; i < whole->file_count; i++) {
		bool cut;
		const char *folder = ctf_excerpts_folder(group.excerpts, i, &cut);
		if (folder)
			group.parts[group.count++] = part_new(set, &group, i, folder, cut);
	}
	XROOM(set->groups, set->group_count)[set->group_count] = group;
	return &set->groups[set->group_count++];
}

void ctf_set_add(struct ctf_set *set, const char *input, const char *folder)
{
	struct ctf_trace *trace = trace_new(set, input, folder);
	const struct group *group;

	ctf_trace_list_files(trace);
	trace->rank = (uint32_t)set->wholes++ | (trace->owner ? 0 : OWNER_NOT_KNOWN);
	if (ctf_trace_is_whole(trace)) {
		plan(set, trace);
		return;
	}
	group = take_apart(set, trace);
	for (size_t i = 0; group && i < group->count; i++)
		plan(set, group->parts[i]);
}

/* ---- the readers ---- */

static uint64_t bytes_of(const struct ctf_trace *trace)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < trace->file_count; i++)
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

/* A large trace is read by all; the others go, in turn, to the one that has least. Returns the number of readers. */
static unsigned assign(struct ctf_set *set)
{
	uint64_t loads[READERS_MAX] = { 0 }, total = 0;
	unsigned readers, least;

	for (size_t i = 0; i < set->planned_count; i++)
		total += bytes_of(set->planned[i]);
	readers = readers_for(total);
	for (size_t i = 0; i < set->planned_count; i++) {
		struct ctf_trace *trace = set->planned[i];
		if (readers > 1 && trace->file_count > 1 &&
		    (bytes_of(trace) >= BYTES_PER_READER || bytes_of(trace) >= total / (2 * readers))) {
			trace->dealt_out = true;
			continue;
		}
		least = 0;
		for (unsigned each = 1; each < readers; each++)
			if (loads[each] < loads[least])
				least = each;
		trace->reader = least;
		loads[least] += bytes_of(trace);
	}
	return readers;
}

static int ctf_start(struct ctf_set *set, struct ctf_trace *const traces[], size_t count, unsigned readers)
{
	const struct ingest_options *options = &set->ingest->options;
	size_t first = set->reading_count;
	int error = 0;

	for (unsigned number = 0; number < readers; number++) {
		XROOM(set->readings, set->reading_count)
		[set->reading_count] = (struct reading){ ctf_process_start(traces, count, number, readers, options), NULL };
		set->reading_count++;
	}
	for (size_t i = first; !error && i < set->reading_count; i++)
		error = ctf_process_settle(set->readings[i].process);
	return error;
}

/* Those that could not be opened as a whole. */
static int try_parts(struct ctf_set *set)
{
	int error = 0;

	for (size_t i = 0; !error && i < set->planned_count; i++) {
		struct ctf_trace *trace = set->planned[i];
		const struct group *group;
		if (trace->state != TRACE_FAILED || trace->excerpts)
			continue;
		group = take_apart(set, trace);
		if (group)
			error = ctf_start(set, group->parts, group->count, 1);
	}
	return error;
}

/* Each input must have a trace that can be read. Its source has no host's name yet, and goes once another one has. */
static int check_inputs(const struct ctf_set *set)
{
	for (size_t i = 0; i < set->trace_count; i++) {
		bool open = false;
		for (size_t k = 0; k < set->trace_count && !open; k++)
			open = set->traces[k]->state == TRACE_OPEN && !strcmp(set->traces[k]->input, set->traces[i]->input);
		if (!open)
			return -EINVAL;
		ingest_source(set->ingest, set->traces[i]->input, "ctf", "");
	}
	return 0;
}

int ctf_begin(struct ingest *ingest)
{
	struct ctf_set *set = (struct ctf_set *)ingest->traces;
	int error = 0;

	if (!set)
		return 0;
	if (set->planned_count)
		error = ctf_start(set, set->planned, set->planned_count, assign(set));
	if (!error)
		error = try_parts(set);
	for (size_t i = 0; !error && i < set->group_count; i++)
		ctf_excerpts_conclude(set->groups[i].excerpts, set->groups[i].parts, set->groups[i].count);
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
	for (size_t i = 0; i < set->trace_count; i++) {
		struct ctf_trace *trace = set->traces[i];
		if (trace->state != TRACE_OPEN)
			continue;
		source_of(set, trace)->events += trace->skipped;
		if (trace->unknown && !trace->skipped && !trace->events)
			ingest_complain(trace->folder, "holds %llu events, none of them fenceline's; ignored",
			                (unsigned long long)trace->unknown);
		trace->skipped = trace->unknown = 0;
	}
}

/* The reading with the earliest event; NULL at the end. */
static int earliest(struct ctf_set *set, struct reading **found)
{
	*found = NULL;
	for (size_t i = 0; i < set->reading_count; i++) {
		struct reading *reading = &set->readings[i];
		int more = reading->process && !reading->next ? ctf_process_next(reading->process, &reading->next) : 1;
		if (more < 0)
			return more;
		if (!more) {
			ctf_process_close(reading->process);
			reading->process = NULL;
		}
		if (reading->process &&
		    (!*found || reading->next->ts_ns < (*found)->next->ts_ns ||
		     (reading->next->ts_ns == (*found)->next->ts_ns && reading->next->rank < (*found)->next->rank)))
			*found = reading;
	}
	return 0;
}

/* ---- copies ---- */

/* The source of the event in the current buffer, and its record. */
struct delivered {
	const struct ctf_trace *trace;
	struct ctf_record record;
};

/* What one recording knows another may not. */
static bool may_be_of_one_user(const struct ctf_trace *a, const struct ctf_trace *b)
{
	return !a->owner || !b->owner || a->owner == b->owner;
}

static bool is_copy(const struct delivered *there, const struct ctf_record *record, const struct ctf_trace *trace)
{
	return there->record.size == record->size && there->record.fact == record->fact && there->trace->rank != trace->rank &&
	       may_be_of_one_user(there->trace, trace) && !strcmp(there->trace->host, trace->host) &&
	       !memcmp(there->record.rest, record->rest, record->size - sizeof(*record));
}

/* Snapshots of a flight recorder overlap, and folders are copied: the same event of the same host in two traces is one.
 * True: it has been delivered already. */
static bool delivered_before(struct ctf_set *set, const struct ctf_record *record, const struct ctf_trace *trace)
{
	struct ctf_buffer *moment = &set->moment;
	const struct delivered *there;
	char *room;

	if (set->wholes < 2)
		return false;
	if (set->moment_ns != record->ts_ns)
		moment->begin = moment->end = 0;
	set->moment_ns = record->ts_ns;
	for (size_t at = 0; at < moment->end; at += sizeof(trace) + there->record.size) {
		there = (const struct delivered *)(moment->bytes + at);
		if (is_copy(there, record, trace))
			return true;
	}
	room = ctf_buffer_room(moment, sizeof(trace) + record->size);
	memcpy(room, &trace, sizeof(trace));
	memcpy(room + sizeof(trace), record, record->size);
	moment->end += sizeof(trace) + record->size;
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
	struct reading *reading;
	int error;

	while (!(error = earliest(set, &reading)) && reading) {
		struct ctf_trace *trace = ctf_process_trace(reading->process, reading->next);
		const struct ctf_record *record = reading->next;
		reading->next = NULL; /* it stays valid until the next one is asked for */
		if (!owner_wanted(&set->ingest->options, trace->owner)) {
			leave_out(set, trace);
			continue;
		}
		if (delivered_before(set, record, trace))
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

	for (size_t i = 0; i < set->reading_count; i++)
		ctf_process_close(set->readings[i].process);
	for (size_t i = 0; i < set->group_count; i++) {
		ctf_excerpts_remove(set->groups[i].excerpts);
		free(set->groups[i].parts);
	}
	for (size_t i = 0; i < set->trace_count; i++)
		trace_free(set->traces[i]);
	ctf_buffer_release(&set->moment);
	free(set->traces);
	free(set->planned);
	free(set->groups);
	free(set->readings);
	free(set);
}

struct ctf_set *ctf_set_of(struct ingest *ingest)
{
	struct ctf_set *set = (struct ctf_set *)ingest->traces;

	if (set)
		return set;
	set = XNEW(struct ctf_set, .feed = { .next = next_event, .close = close_set }, .ingest = ingest);
	ingest_add_feed(ingest, &set->feed);
	ingest->traces = &set->feed;
	return set;
}
