/* SPDX-License-Identifier: MIT */
/* Traces that LTTng is still writing: which packets are new, and what is in them. */
#include "ingest/ctf_excerpts.h"
#include "ingest/ctf_find.h"
#include "ingest/ctf_packets.h"
#include "ingest/ctf_reader.h"
#include "ingest/event_list.h"
#include "ingest/growing_trace.h"
#include "ingest/owner.h"
#include "ingest/temporary.h"
#include "ingest/xalloc.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
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
	char name[NAME_MAX + 1];
	struct stream *more;
};

struct growing_trace {
	char folder[PATH_MAX];
	const char *input;           /* as named; borrowed */
	uint32_t owner;              /* owner.h */
	const struct source *source; /* borrowed; NULL until its first event names the host */
	struct temporary excerpt;    /* of this round, if one is needed */
	struct stream *streams;
	bool refused;
	int failures; /* rounds in a row that could not be read */
	struct growing_trace *more;
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

static int open_stream(const struct growing_trace *trace, const char *name, struct stat *info)
{
	char path[PATH_MAX];
	int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s", trace->folder, name) < (int)sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, info) || !S_ISREG(info->st_mode)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static struct stream *stream_of(struct growing *growing, struct growing_trace *trace, const struct stat *info)
{
	struct stream *stream;

	for (struct growing_trace *each = growing->traces; each; each = each->more)
		for (struct stream **at = &each->streams; (stream = *at); at = &stream->more)
			if (stream->device == info->st_dev && stream->inode == info->st_ino) {
				*at = stream->more; /* it may have been another folder's, before a rotation */
				stream->more = trace->streams;
				return trace->streams = stream;
			}
	return trace->streams = XNEW(struct stream, .device = info->st_dev, .inode = info->st_ino, .more = trace->streams);
}

/* Looks at every stream file, twice if one of them has more than fits. True: there is something new. */
static bool find_new(struct growing *growing, struct growing_trace *trace)
{
	struct dirent **names = NULL;
	int count = scandir(trace->folder, &names, ctf_is_stream_file, alphasort);
	uint64_t until = UINT64_MAX;
	bool found = false;

	for (struct stream *stream = trace->streams; stream; stream = stream->more)
		stream->next = stream->done;
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < count; i++) {
			struct stat info;
			int fd = open_stream(trace, names[i]->d_name, &info);
			struct stream *stream = fd < 0 ? NULL : stream_of(growing, trace, &info);
			if (stream) {
				snprintf(stream->name, sizeof(stream->name), "%s", names[i]->d_name);
				growing_look(growing, stream, fd, (uint64_t)info.st_size, pass ? until : UINT64_MAX);
				if (!pass && round_end(stream, fd) < until)
					until = round_end(stream, fd);
				found |= stream->next > stream->done;
			}
			if (fd >= 0)
				close(fd);
		}
		if (until == UINT64_MAX)
			break;
	}
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return found;
}

static int place_stream(struct growing_trace *trace, const struct stream *stream)
{
	const struct ctf_extent fresh = { .begin = stream->done, .whole = stream->next };
	char from[PATH_MAX], to[PATH_MAX];

	snprintf(from, sizeof(from), "%.3000s/%s", trace->folder, stream->name);
	snprintf(to, sizeof(to), "%.3000s/%s", trace->excerpt.folder, stream->name);
	temporary_will_make(&trace->excerpt, to);
	return ctf_packets_copy(from, &fresh, to);
}

/* 1: placed, 0: nothing to be read yet, -errno. */
static int place_metadata(struct growing_trace *trace)
{
	char path[PATH_MAX];
	bool damaged;
	char *text;
	int error;

	if (snprintf(path, sizeof(path), "%s/metadata", trace->folder) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	text = ctf_metadata_salvage(path, &damaged); /* damaged: it is being written */
	if (!text)
		return 0;
	if (!ctf_metadata_is_lttng(text)) {
		ingest_complain(trace->folder, "not written by LTTng, so it cannot be followed; read it without --follow");
		trace->refused = true;
		free(text);
		return 0;
	}
	snprintf(path, sizeof(path), "%.3000s/metadata", trace->excerpt.folder);
	error = temporary_write(&trace->excerpt, path, text);
	free(text);
	return error ? error : 1;
}

/* What the reader tells of the excerpt. Of the losses, which are told since the tracer began, the packets' headers count what is
 * new. */
static void take_record(struct growing *growing, struct growing_trace *trace, const struct ctf_record *record,
                        struct event_list *events, char **cause)
{
	struct event event = { 0 };

	if (record->kind == RECORD_HOST && !trace->source)
		trace->source = ingest_source(growing->ingest, trace->input, "ctf", record->rest);
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
static void read_excerpt(struct growing *growing, struct growing_trace *trace, struct event_list *events, char **cause)
{
	struct ctf_trace excerpt = { .folder = trace->folder, .excerpt = trace->excerpt.folder };
	struct ctf_trace *const traces[] = { &excerpt };
	const struct ingest_options options = { .no_io = growing->ingest->options.no_io };
	struct ctf_progress progress = { 0 };
	struct ctf_reader *reader = ctf_reader_new(&(struct ctf_share){ traces, 1, 0, 1, &options }, &progress);
	struct ctf_buffer records = { 0 };
	const struct ctf_record *record;

	while (ctf_reader_step(reader, &records))
		for (; (record = ctf_buffer_first(&records)); records.begin += record->size)
			take_record(growing, trace, record, events, cause);
	ctf_buffer_release(&records);
	ctf_reader_close(reader);
}

static void commit(struct growing *growing, struct growing_trace *trace)
{
	for (struct stream *stream = trace->streams; stream; stream = stream->more) {
		if (stream->next == stream->done)
			continue;
		growing->lost_events += stream->next_discarded - stream->discarded;
		stream->discarded = stream->next_discarded;
		stream->done = stream->next;
	}
	trace->failures = 0;
}

static int place_excerpt(struct growing_trace *trace)
{
	int status = temporary_make(&trace->excerpt);

	if (!status)
		status = place_metadata(trace);
	for (struct stream *stream = trace->streams; status == 1 && stream; stream = stream->more)
		if (stream->next > stream->done) {
			int error = place_stream(trace, stream);
			status = error ? error : 1;
		}
	return status;
}

static int read_new(struct growing *growing, struct growing_trace *trace)
{
	struct event_list *events = event_list_new();
	char *cause = NULL;
	int status = place_excerpt(trace);
	bool whole;

	if (status == 1)
		read_excerpt(growing, trace, events, &cause);
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
	temporary_remove(&trace->excerpt);
	return status < 0 ? status : 0;
}

static struct growing_trace *trace_of(struct growing *growing, const char *folder, const char *input)
{
	struct growing_trace *trace;

	for (trace = growing->traces; trace; trace = trace->more)
		if (!strcmp(trace->folder, folder))
			return trace;
	trace = XNEW(struct growing_trace, .input = input, .owner = owner_of_folder(folder), .more = growing->traces);
	snprintf(trace->folder, sizeof(trace->folder), "%s", folder);
	return growing->traces = trace;
}

struct visit {
	struct growing *growing;
	const char *input;
};

static int visit_trace(const char *folder, void *arg)
{
	const struct visit *visit = arg;
	struct growing_trace *trace;

	if (!owner_wanted(&visit->growing->ingest->options, owner_of_folder(folder)))
		return 0;
	trace = trace_of(visit->growing, folder, visit->input);
	return !trace->refused && find_new(visit->growing, trace) ? read_new(visit->growing, trace) : 0;
}

int growing_traces_round(struct growing *growing, const char *input)
{
	struct visit visit = { growing, input };
	struct ctf_search search = { .found = visit_trace, .arg = &visit };

	return ctf_find(&search, input);
}

void growing_traces_close(struct growing *growing)
{
	struct growing_trace *next;
	struct stream *more;

	for (struct growing_trace *trace = growing->traces; trace; trace = next) {
		for (struct stream *stream = trace->streams; stream; stream = more) {
			more = stream->more;
			free(stream);
		}
		next = trace->more;
		free(trace);
	}
}
