/* SPDX-License-Identifier: MIT */
/* Traces that LTTng is still writing: which packets are new, and what is in them. */
#include "ingest/growing_trace.h"
#include "ingest/intake.h"
#include "ingest/ctf_packets.h"
#include "ingest/ctf_reader.h"
#include "ingest/event_list.h"
#include "ingest/owner.h"
#include "ingest/xalloc.h"

#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of one stream in one round, so that a recording that is long already is caught up with in pieces. */
#define ROUND_BYTES (UINT64_C(8) * 1024 * 1024)
/* Rounds that a packet may wait for the metadata to tell of a new kind of event in it; then it is read as far as it goes. */
#define PATIENCE 20

/* Found again by its inode: a rotation moves the folder of a finished chunk. */
struct stream {
	dev_t device;
	ino_t inode;
	uint64_t done;      /* bytes read, whole packets */
	uint64_t discarded; /* as the last packet read told */
	/* Of this round: */
	uint64_t next, next_discarded;
	const struct ctf_file *file; /* borrowed from the trace */
	struct stream *more;
};

/* How far the file is whole packets now, from where it was read to, at most ROUND_BYTES and none that begins after `until`. */
static void growing_look(struct growing *growing, struct stream *stream, int fd, uint64_t size, uint64_t until)
{
	struct ctf_packet_header header;

	stream->next = stream->done;
	stream->next_discarded = stream->discarded;
	while (ctf_packet_at(fd, stream->next, &header)) {
		uint64_t bytes = le64toh(header.packet_size) / 8;
		if (bytes > size - stream->next)
			break;
		if (stream->next > stream->done &&
		    (stream->next + bytes - stream->done > ROUND_BYTES || le64toh(header.timestamp_begin) > until)) {
			growing->more = true;
			break;
		}
		stream->next += bytes;
		stream->next_discarded = le64toh(header.discarded);
	}
}

/* When the first packet that does not fit into this round begins: what other streams tell of later times waits, too. */
static uint64_t round_end(const struct stream *stream, int fd)
{
	struct ctf_packet_header header;

	if (stream->next - stream->done < ROUND_BYTES / 2 || !ctf_packet_at(fd, stream->next, &header))
		return UINT64_MAX;
	return le64toh(header.timestamp_begin);
}

static struct stream *stream_of(struct growing *growing, const struct stat *info)
{
	struct stream *stream;

	for (stream = growing->streams; stream; stream = stream->more)
		if (stream->device == info->st_dev && stream->inode == info->st_ino)
			return stream;
	return growing->streams = XNEW(struct stream, .device = info->st_dev, .inode = info->st_ino, .more = growing->streams);
}

/* Returns until when other streams are to be read in this round. */
static uint64_t look_at(struct growing *growing, const struct ctf_file *file, uint64_t until)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC);
	uint64_t end = UINT64_MAX;
	struct stat info;

	if (fd >= 0 && !fstat(fd, &info)) {
		struct stream *stream = stream_of(growing, &info);
		stream->file = file;
		growing_look(growing, stream, fd, (uint64_t)info.st_size, until);
		end = round_end(stream, fd);
	}
	if (fd >= 0)
		close(fd);
	return end;
}

/* Looks at every stream file of the trace, twice if one of them has more than fits; from then on no other stream has a `next`
 * beyond what is done. True: there is something new. */
static bool find_new(struct growing *growing, struct ctf_trace *trace)
{
	uint64_t until = UINT64_MAX, end;
	bool found = false;

	ctf_trace_list_files(trace);
	for (struct stream *stream = growing->streams; stream; stream = stream->more)
		stream->next = stream->done;
	for (size_t i = 0; i < trace->file_count; i++) {
		end = look_at(growing, &trace->files[i], UINT64_MAX);
		until = end < until ? end : until;
	}
	for (size_t i = 0; until != UINT64_MAX && i < trace->file_count; i++)
		look_at(growing, &trace->files[i], until);
	for (const struct stream *stream = growing->streams; stream; stream = stream->more)
		found |= stream->next > stream->done;
	return found;
}

/* 1: placed, 0: nothing to be read yet, -errno. */
static int place_metadata(struct ctf_trace *trace)
{
	bool damaged; /* it is being written */
	char *text = ctf_metadata_salvage(trace->folder, &damaged);
	int error = 0;

	if (text && !ctf_metadata_is_lttng(text)) {
		ingest_complain(trace->folder, "not written by LTTng, so it cannot be followed; read it without --follow");
		trace->state = TRACE_FAILED;
	} else if (text) {
		error = temporary_write(temporary_path(&trace->parts, "metadata"), text);
	}
	free(text);
	return error ? error : text && trace->state != TRACE_FAILED;
}

/* What the reader tells of the excerpt. Of the losses, which are told since the tracer began, the packets' headers count what is
 * new. */
static void take_record(struct ingest *ingest, struct ctf_trace *trace, const struct ctf_record *record,
                        struct event_list *events, char **cause)
{
	struct event event = { 0 };

	if (record->kind == RECORD_HOST && !trace->source)
		trace->source = ingest_source(ingest, trace->input, "ctf", record->rest);
	if ((record->kind == RECORD_FAILED || record->kind == RECORD_ENDED) && *record->rest && !*cause)
		*cause = xstrdup(record->rest);
	if (record->kind != RECORD_EVENT || record->fact == FACT_lost_events)
		return;
	ctf_record_decode(record, &event);
	event.source = trace->source;
	event.owner = trace->owner;
	event_list_add(events, &event);
}

/* In this process, unlike a finished trace, which may be anybody's: LTTng of this moment wrote it, and a new process for each
 * round would cost more than the round. *cause: why not all of it could be read; NULL: it was. */
static void read_excerpt(struct ingest *ingest, struct ctf_trace *trace, struct event_list *events, char **cause)
{
	const struct ingest_options options = { .no_io = ingest->options.no_io }; /* the list moves the clocks */
	const struct ctf_traces alone = { .traces = &trace, .count = 1, .options = &options };
	struct ctf_progress progress = { 0 };
	struct ctf_buffer records = { 0 };
	const struct ctf_record *record;
	struct ctf_reader *reader;

	trace->part = trace->parts.made[0];
	reader = ctf_reader_new(&alone, 0, &progress);
	while (ctf_reader_step(reader, &records))
		while ((record = ctf_buffer_take(&records)))
			take_record(ingest, trace, record, events, cause);
	ctf_buffer_release(&records);
	ctf_reader_close(reader);
}

static void commit(struct growing *growing, struct ctf_trace *trace)
{
	for (struct stream *stream = growing->streams; stream; stream = stream->more) {
		if (stream->next == stream->done)
			continue;
		growing->lost_events += stream->next_discarded - stream->discarded;
		stream->discarded = stream->next_discarded;
		stream->done = stream->next;
	}
	trace->failures = 0;
}

static int place_excerpt(const struct growing *growing, struct ctf_trace *trace)
{
	struct temporary *excerpt = &trace->parts;
	int status = temporary_make(excerpt);

	if (!status)
		status = place_metadata(trace);
	for (const struct stream *stream = growing->streams; status == 1 && stream; stream = stream->more)
		if (stream->next > stream->done) {
			const struct ctf_extent fresh = { .begin = stream->done, .whole = stream->next };
			const char *copy = temporary_path(excerpt, "%s", stream->file->name);
			int error = ctf_packets_copy(stream->file->path, &fresh, copy);
			status = error ? error : 1;
		}
	return status;
}

static int read_new(struct growing *growing, struct ctf_trace *trace)
{
	struct event_list *events = event_list_new();
	char *cause = NULL;
	int status = place_excerpt(growing, trace);
	bool whole;

	if (status == 1)
		read_excerpt(growing->ingest, trace, events, &cause);
	whole = status == 1 && !cause;
	if (cause && ++trace->failures >= PATIENCE) {
		ingest_complain(trace->folder, "damaged: %s; what could be read of its newest packets is shown", cause);
		whole = true;
	}
	if (whole) {
		commit(growing, trace);
		event_list_finish(events, growing->ingest);
	} else {
		event_list_free(events);
	}
	free(cause);
	temporary_remove(&trace->parts);
	return status < 0 ? status : 0;
}

static struct ctf_trace *trace_of(struct growing *growing, const char *folder, const char *input)
{
	for (size_t i = 0; i < growing->traces.count; i++)
		if (!strcmp(growing->traces.traces[i]->folder, folder))
			return growing->traces.traces[i];
	return ctf_trace_add(&growing->traces, input, folder);
}

int growing_traces_round(struct growing *growing, const char *input)
{
	struct ctf_found found;
	int error = ctf_find(&found, input, false);

	for (size_t i = 0; !error && i < found.count; i++) {
		struct ctf_trace *trace;
		if (!owner_wanted(&growing->ingest->options, owner_of_folder(found.folders[i])))
			continue;
		trace = trace_of(growing, found.folders[i], input);
		if (trace->state != TRACE_FAILED && find_new(growing, trace))
			error = read_new(growing, trace);
	}
	ctf_found_free(&found);
	return error;
}

void growing_traces_free(struct growing *growing)
{
	struct stream *more;

	for (struct stream *stream = growing->streams; stream; stream = more) {
		more = stream->more;
		free(stream);
	}
	ctf_traces_free(&growing->traces);
}
