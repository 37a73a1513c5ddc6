/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_reader.h"
#include "ingest/clocks.h"
#include "ingest/ctf_graph.h"
#include "ingest/heap.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* A stream that is read here. */
struct stream {
	struct ctf_graph *graph; /* borrowed */
	uint32_t trace, number;  /* its place among the traces, and among the trace's streams */
	uint64_t rank;
	int64_t offset_ns;         /* --clock-offset of its host */
	uint64_t skip;             /* events that have arrived already, through a process that died */
	uint64_t skipped, unknown; /* events so far, as ctf_graph.h calls them */
	struct ctf_buffer event;   /* the next one's record */
};

struct ctf_reader {
	const struct ctf_traces *traces;
	unsigned number;
	struct ctf_progress *progress;
	struct ctf_graph **graphs; /* one for each trace; owned; NULL: not opened, or nothing to be read of it here */
	size_t count, next_to_open;
	struct stream *streams;
	size_t stream_count;
	struct stream **heap; /* live streams by their next event; NULL until all are begun */
	size_t heap_count;
	bool first_is_out;  /* the event of the first in the heap has been handed out */
	struct event event; /* scratch */
};

struct ctf_reader *ctf_reader_new(const struct ctf_traces *traces, unsigned number, struct ctf_progress *progress)
{
	return XNEW(struct ctf_reader, .traces = traces, .number = number, .progress = progress, .count = traces->count,
	            .graphs = xcalloc(traces->count, sizeof(struct ctf_graph *)));
}

/* ---- one stream ---- */

static void tell_host(struct ctf_reader *reader, struct stream *stream, const char *host, struct ctf_buffer *out)
{
	struct ctf_record head = { .kind = RECORD_HOST, .trace = stream->trace };
	const struct source source = { .path = reader->traces->traces[stream->trace]->input, .host = host };

	stream->offset_ns = clock_offset(reader->traces->options, &source);
	ctf_record_text(out, &head, host);
}

static void stream_end(struct stream *stream, const char *damage, struct ctf_buffer *out)
{
	struct ctf_record head = { .kind = RECORD_ENDED, .trace = stream->trace, .stream = stream->number };

	head.count = stream->skipped;
	head.unknown = stream->unknown;
	ctf_record_text(out, &head, damage);
}

static void stream_keep(struct ctf_reader *reader, struct stream *stream)
{
	struct ctf_record head = { .kind = RECORD_EVENT, .trace = stream->trace, .stream = stream->number };

	/* Before the merge: events of one moment by their own clocks need not be so by the others'. */
	event_shift(&reader->event, stream->offset_ns);
	head.ts_ns = reader->event.ts_ns;
	head.rank = stream->rank;
	stream->event.begin = stream->event.end = 0;
	ctf_record_event(&stream->event, &head, &reader->event);
}

/* Reads up to the next event that is wanted. False: there is none. */
static bool stream_advance(struct ctf_reader *reader, struct stream *stream, struct ctf_buffer *out)
{
	enum ctf_message message;
	const char *text;

	reader->progress->trace = stream->trace;
	reader->progress->stream = stream->number;
	while ((message = ctf_graph_next(stream->graph, stream->number, &reader->event, &text)) != MESSAGE_END) {
		reader->progress->steps++;
		stream->skipped += message == MESSAGE_SKIPPED;
		stream->unknown += message == MESSAGE_UNKNOWN;
		if (message == MESSAGE_HOST)
			tell_host(reader, stream, text, out);
		if (message == MESSAGE_EVENT && !stream->skip) {
			stream_keep(reader, stream);
			return true;
		}
		stream->skip -= message == MESSAGE_EVENT;
	}
	stream_end(stream, text ?: "", out);
	return false;
}

/* ---- opening ---- */

static void add_stream(struct ctf_reader *reader, size_t trace, size_t stream)
{
	const struct ctf_trace *known = reader->traces->traces[trace];
	struct stream *added = &XROOM(reader->streams, reader->stream_count)[reader->stream_count];

	reader->stream_count++;
	*added = (struct stream){ .graph = reader->graphs[trace], .trace = (uint32_t)trace, .number = (uint32_t)stream };
	added->rank = (uint64_t)known->rank << 40 | (uint64_t)known->subrank << 20 | stream;
	added->skip = stream < known->stream_count ? known->streams[stream].delivered : 0;
}

static void add_streams(struct ctf_reader *reader, size_t trace)
{
	const struct ctf_trace *known = reader->traces->traces[trace];
	size_t before = reader->stream_count;

	for (size_t i = 0; i < ctf_graph_streams(reader->graphs[trace]); i++)
		if (ctf_trace_stream_is_of(known, i, reader->number) && !(i < known->stream_count && known->streams[i].ended))
			add_stream(reader, trace, i);
	if (reader->stream_count == before) {
		ctf_graph_close(reader->graphs[trace]);
		reader->graphs[trace] = NULL;
	}
}

static void open_one(struct ctf_reader *reader, size_t trace, struct ctf_buffer *out)
{
	struct ctf_record head = { .kind = RECORD_OPENED, .trace = (uint32_t)trace };
	const struct ctf_trace *known = reader->traces->traces[trace];
	char *cause = NULL;

	reader->progress->trace = (uint32_t)trace;
	reader->progress->stream = CTF_OPENING;
	reader->progress->steps++;
	reader->graphs[trace] = ctf_graph_open(known->part ?: known->folder, reader->traces->options->no_io, &cause);
	if (!reader->graphs[trace]) {
		head.kind = RECORD_FAILED;
		ctf_record_text(out, &head, cause ? cause : "unknown");
		free(cause);
		return;
	}
	head.count = ctf_graph_streams(reader->graphs[trace]);
	ctf_record_text(out, &head, "");
	add_streams(reader, trace);
}

/* True: one was tried; else none is left that is to be read here. */
static bool open_next(struct ctf_reader *reader, struct ctf_buffer *out)
{
	while (reader->next_to_open < reader->count) {
		size_t trace = reader->next_to_open++;
		const struct ctf_trace *known = reader->traces->traces[trace];
		if ((known->state == TRACE_PLANNED || known->state == TRACE_OPEN) && ctf_trace_is_of(known, reader->number)) {
			open_one(reader, trace, out);
			return true;
		}
	}
	return false;
}

/* ---- the merge ---- */

static const struct ctf_record *next_event(const struct stream *stream)
{
	return (const struct ctf_record *)stream->event.bytes;
}

static bool before(struct stream *const *a, struct stream *const *b)
{
	return ctf_record_before(next_event(*a), next_event(*b));
}

HEAP(struct stream *, before)

static void begin(struct ctf_reader *reader, struct ctf_buffer *out)
{
	reader->heap = xcalloc(reader->stream_count + 1, sizeof(*reader->heap));
	for (size_t i = 0; i < reader->stream_count; i++) {
		struct stream *stream = &reader->streams[i];
		if (!stream_advance(reader, stream, out))
			continue;
		reader->heap[reader->heap_count] = stream;
		heap_up(reader->heap, reader->heap_count++);
	}
}

/* The stream whose event was handed out last moves on only now: should it die of that, the event has arrived. */
static void advance_first(struct ctf_reader *reader, struct ctf_buffer *out)
{
	reader->first_is_out = false;
	if (!stream_advance(reader, reader->heap[0], out))
		reader->heap[0] = reader->heap[--reader->heap_count];
	heap_down(reader->heap, reader->heap_count);
}

bool ctf_reader_step(struct ctf_reader *reader, struct ctf_buffer *out)
{
	size_t before = out->end - out->begin;

	if (open_next(reader, out))
		return true;
	if (!reader->heap)
		begin(reader, out);
	if (reader->first_is_out)
		advance_first(reader, out);
	if (out->end - out->begin == before && reader->heap_count) {
		ctf_record_copy(out, next_event(reader->heap[0]));
		reader->first_is_out = true;
	}
	return out->end - out->begin != before;
}

void ctf_reader_close(struct ctf_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < reader->stream_count; i++)
		ctf_buffer_release(&reader->streams[i].event);
	for (size_t i = 0; i < reader->count; i++)
		if (reader->graphs[i])
			ctf_graph_close(reader->graphs[i]);
	free(reader->graphs);
	free(reader->streams);
	free(reader->heap);
	free(reader);
}
