/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_reader.h"
#include "ingest/clocks.h"
#include "ingest/ctf_decode.h"
#include "ingest/ctf_graph.h"
#include "ingest/heap.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* A stream that is read here. */
struct stream {
	struct ctf_graph *graph; /* borrowed */
	uint32_t trace, number;  /* its place in the share's traces, and among the trace's streams */
	uint64_t rank;
	uint64_t skip; /* events that have arrived already, through a process that died */
	struct ctf_decoder decoder;
	struct ctf_buffer event; /* the next one's record */
	bool live;
};

struct opened {
	struct ctf_graph *graph; /* owned; NULL: not opened, or nothing to be read of it here */
	bool host_told;
	int64_t offset_ns; /* --clock-offset of its host */
};

struct ctf_reader {
	struct ctf_share share;
	struct ctf_progress *progress;
	struct opened *opened; /* one for each trace of the share */
	size_t next_to_open;
	uint64_t *loads; /* bytes dealt out to each reader so far */
	struct stream *streams;
	size_t stream_count;
	struct stream **heap; /* live streams by their next event; NULL until all are begun */
	size_t heap_count;
	bool first_is_out;  /* the event of the first in the heap has been handed out */
	struct event event; /* scratch */
};

struct ctf_reader *ctf_reader_new(const struct ctf_share *share, struct ctf_progress *progress)
{
	return XNEW(struct ctf_reader, .share = *share, .progress = progress,
	            .opened = xcalloc(share->trace_count + 1, sizeof(struct opened)),
	            .loads = xcalloc(share->readers, sizeof(uint64_t)));
}

/* ---- one stream ---- */

/* Before the merge: events of one moment by their own clocks need not be so by the others'. */
static int64_t offset_of(const struct ctf_reader *reader, uint32_t trace, const char *host)
{
	const struct source source = { .path = reader->share.traces[trace]->input, .host = host };

	return clock_offset(reader->share.options, &source);
}

/* The trace's environment names its host. */
static void tell_host(struct ctf_reader *reader, uint32_t trace, const bt_stream *stream, struct ctf_buffer *out)
{
	struct ctf_record head = { .kind = RECORD_HOST, .trace = trace };
	const bt_value *host;
	const char *name;

	if (!stream)
		return;
	reader->opened[trace].host_told = true;
	host = bt_trace_borrow_environment_entry_value_by_name_const(bt_stream_borrow_trace_const(stream), "hostname");
	name = host && bt_value_is_string(host) ? bt_value_string_get(host) : "";
	reader->opened[trace].offset_ns = offset_of(reader, trace, name);
	ctf_record_text(out, &head, name);
}

static void stream_end(struct stream *stream, const char *damage, struct ctf_buffer *out)
{
	struct ctf_record head = { .kind = RECORD_ENDED, .trace = stream->trace, .stream = stream->number };

	stream->live = false;
	ctf_graph_drop(stream->graph, stream->number);
	head.count = stream->decoder.skipped;
	head.unknown = stream->decoder.unknown;
	ctf_record_text(out, &head, damage ? damage : "");
}

static void stream_keep(struct ctf_reader *reader, struct stream *stream)
{
	struct ctf_record head = { .kind = RECORD_EVENT, .trace = stream->trace, .stream = stream->number };

	event_shift(&reader->event, reader->opened[stream->trace].offset_ns);
	head.ts_ns = reader->event.ts_ns;
	head.rank = stream->rank;
	stream->event.begin = stream->event.end = 0;
	ctf_record_event(&stream->event, &head, &reader->event);
}

/* Reads up to the next event that is wanted; at the end the stream is not live any more. */
static void stream_advance(struct ctf_reader *reader, struct stream *stream, struct ctf_buffer *out)
{
	const bt_message *message;
	char *cause;
	int more;

	reader->progress->trace = stream->trace;
	reader->progress->stream = stream->number;
	while ((more = ctf_graph_next(stream->graph, stream->number, &message, &cause)) == 1) {
		reader->progress->steps++;
		if (!reader->opened[stream->trace].host_told)
			tell_host(reader, stream->trace, ctf_stream_of(message), out);
		if (!ctf_decode(&stream->decoder, message, &reader->event))
			continue;
		if (!stream->skip) {
			stream_keep(reader, stream);
			return;
		}
		stream->skip--;
	}
	stream_end(stream, more < 0 ? cause : NULL, out);
	free(cause);
}

/* ---- opening ---- */

static bool is_mine(const struct ctf_reader *reader, const struct ctf_trace *trace)
{
	return trace->state != TRACE_FAILED && (trace->dealt_out || trace->reader == reader->share.number);
}

/* Which reader gets each stream: the largest first, each to the one that has least. All readers come to the same result. */
static unsigned *deal_out(struct ctf_reader *reader, const struct ctf_trace *trace, size_t streams)
{
	unsigned *dealt = xcalloc(streams + 1, sizeof(*dealt)), unset = reader->share.readers, least;
	bool known = trace->file_count == streams;

	for (size_t i = 0; i < streams; i++)
		dealt[i] = unset;
	for (size_t round = 0; round < streams; round++) {
		size_t largest = streams;
		for (size_t i = 0; i < streams; i++)
			if (dealt[i] == unset &&
			    (largest == streams || (known && trace->files[i].bytes > trace->files[largest].bytes)))
				largest = i;
		least = 0;
		for (unsigned i = 1; i < reader->share.readers; i++)
			if (reader->loads[i] < reader->loads[least])
				least = i;
		reader->loads[least] += known ? trace->files[largest].bytes : 1;
		dealt[largest] = least;
	}
	return dealt;
}

static void add_stream(struct ctf_reader *reader, size_t trace, size_t stream)
{
	const struct ctf_trace *known = reader->share.traces[trace];
	struct stream *added = &XROOM(reader->streams, reader->stream_count)[reader->stream_count];

	reader->stream_count++;
	*added = (struct stream){ .graph = reader->opened[trace].graph, .trace = (uint32_t)trace, .live = true };
	added->number = (uint32_t)stream;
	added->rank = (uint64_t)known->rank << 40 | (uint64_t)known->subrank << 20 | stream;
	added->skip = stream < known->stream_count ? known->streams[stream].delivered : 0;
	added->decoder.no_io = reader->share.options->no_io;
}

static void add_streams(struct ctf_reader *reader, size_t trace)
{
	const struct ctf_trace *known = reader->share.traces[trace];
	struct ctf_graph *graph = reader->opened[trace].graph;
	size_t streams = ctf_graph_streams(graph), added = 0;
	unsigned *dealt = known->dealt_out ? deal_out(reader, known, streams) : NULL;

	for (size_t i = 0; i < streams; i++) {
		if ((dealt && dealt[i] != reader->share.number) || (i < known->stream_count && known->streams[i].ended))
			continue;
		add_stream(reader, trace, i);
		added++;
	}
	free(dealt);
	if (!added) {
		ctf_graph_close(graph);
		reader->opened[trace].graph = NULL;
	}
}

/* True: a record; else there is nothing to tell of that one. */
static bool open_one(struct ctf_reader *reader, size_t trace, struct ctf_buffer *out)
{
	struct ctf_record head = { .kind = RECORD_OPENED, .trace = (uint32_t)trace };
	const struct ctf_trace *known = reader->share.traces[trace];
	struct ctf_graph *graph;
	char *cause = NULL;

	if (!is_mine(reader, known))
		return false;
	reader->progress->trace = (uint32_t)trace;
	reader->progress->stream = CTF_OPENING;
	reader->progress->steps++;
	graph = ctf_graph_open(known->excerpt ? known->excerpt : known->folder, &cause);
	if (!graph) {
		head.kind = RECORD_FAILED;
		ctf_record_text(out, &head, cause ? cause : "unknown");
		free(cause);
		return true;
	}
	reader->opened[trace].graph = graph;
	head.count = ctf_graph_streams(graph);
	ctf_record_text(out, &head, "");
	add_streams(reader, trace);
	return true;
}

/* ---- the merge ---- */

static const struct ctf_record *next_event(const struct stream *stream)
{
	return (const struct ctf_record *)stream->event.bytes;
}

static bool before(struct stream *const *a, struct stream *const *b)
{
	const struct ctf_record *left = next_event(*a), *right = next_event(*b);

	return left->ts_ns != right->ts_ns ? left->ts_ns < right->ts_ns : left->rank < right->rank;
}

HEAP(struct stream *, before)

static void begin(struct ctf_reader *reader, struct ctf_buffer *out)
{
	reader->heap = xcalloc(reader->stream_count + 1, sizeof(*reader->heap));
	for (size_t i = 0; i < reader->stream_count; i++) {
		struct stream *stream = &reader->streams[i];
		stream_advance(reader, stream, out);
		if (!stream->live)
			continue;
		reader->heap[reader->heap_count] = stream;
		heap_up(reader->heap, reader->heap_count++);
	}
}

/* The stream whose event was handed out last moves on only now: should it die of that, the event has arrived. */
static void advance_first(struct ctf_reader *reader, struct ctf_buffer *out)
{
	struct stream *first = reader->heap[0];

	stream_advance(reader, first, out);
	reader->first_is_out = false;
	if (!first->live)
		reader->heap[0] = reader->heap[--reader->heap_count];
	heap_down(reader->heap, reader->heap_count);
}

static void put_first(struct ctf_reader *reader, struct ctf_buffer *out)
{
	const struct ctf_record *record = next_event(reader->heap[0]);

	memcpy(ctf_buffer_room(out, record->size), record, record->size);
	out->end += record->size;
	reader->first_is_out = true;
}

bool ctf_reader_step(struct ctf_reader *reader, struct ctf_buffer *out)
{
	size_t before = out->end - out->begin;

	while (reader->next_to_open < reader->share.trace_count)
		if (open_one(reader, reader->next_to_open++, out))
			return true;
	if (!reader->heap)
		begin(reader, out);
	if (reader->first_is_out)
		advance_first(reader, out);
	if (out->end - out->begin == before && reader->heap_count)
		put_first(reader, out);
	return out->end - out->begin != before;
}

void ctf_reader_close(struct ctf_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < reader->stream_count; i++) {
		ctf_decoder_release(&reader->streams[i].decoder);
		ctf_buffer_release(&reader->streams[i].event);
	}
	for (size_t i = 0; i < reader->share.trace_count; i++)
		if (reader->opened[i].graph)
			ctf_graph_close(reader->opened[i].graph);
	free(reader->opened);
	free(reader->loads);
	free(reader->streams);
	free(reader->heap);
	free(reader);
}
