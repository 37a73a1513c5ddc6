/* SPDX-License-Identifier: MIT */
/* Traces that LTTng is still writing: which packets are new, and what is in them. */
#include "ingest/clocks.h"
#include "ingest/ctf_decode.h"
#include "ingest/ctf_graph.h"
#include "ingest/ctf_packets.h"
#include "ingest/ctf_find.h"
#include "ingest/ctf_excerpts.h"
#include "ingest/fact_fields.h"
#include "ingest/growing_parts.h"
#include "ingest/owner.h"
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

/* What follows struct ctf_packet_header in a packet; the same in LTTng 2.8 and later. */
struct packet_context {
	uint64_t sequence, discarded;
};

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
	const char *input; /* as named; borrowed */
	uint32_t owner;    /* owner.h */
	struct stream *streams;
	bool refused;
	int failures; /* rounds in a row that could not be read */
	struct growing_trace *more;
};

static bool read_header(int fd, uint64_t at, struct ctf_packet_header *header, struct packet_context *context)
{
	struct {
		struct ctf_packet_header header;
		struct packet_context context;
	} bytes;

	if (pread(fd, &bytes, sizeof(bytes), (off_t)at) != sizeof(bytes) || le32toh(bytes.header.magic) != CTF_PACKET_MAGIC)
		return false;
	*header = bytes.header;
	*context = bytes.context;
	return true;
}

static uint64_t packet_bytes(const struct ctf_packet_header *header)
{
	uint64_t bits = le64toh(header->packet_size);

	return bits % 8 || bits / 8 < sizeof(*header) ? 0 : bits / 8;
}

/* How far the file is whole packets now, from where it was read to, at most ROUND_BYTES and none that begins after `until`. */
static void growing_look(struct growing *growing, struct stream *stream, int fd, uint64_t size, uint64_t until)
{
	struct ctf_packet_header header;
	struct packet_context context;

	stream->next = stream->done;
	stream->next_discarded = stream->discarded;
	while (read_header(fd, stream->next, &header, &context)) {
		uint64_t bytes = packet_bytes(&header);
		if (!bytes || bytes > size - stream->next)
			break;
		if (stream->next > stream->done &&
		    (stream->next + bytes - stream->done > ROUND_BYTES || le64toh(header.timestamp_begin) > until)) {
			growing->more = true;
			break;
		}
		stream->next += bytes;
		stream->next_discarded = le64toh(context.discarded);
	}
}

/* When the first packet that does not fit into this round begins: what other streams tell of later times waits, too. */
static uint64_t round_end(const struct stream *stream, int fd)
{
	struct ctf_packet_header header;
	struct packet_context context;

	if (stream->next - stream->done < ROUND_BYTES / 2 || !read_header(fd, stream->next, &header, &context))
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

/* The count of discarded events is the tracer's since it began; a reader of the later packets alone would take all of it for
 * lost now. What is new of it is counted here, and the copies say 0. */
static int clear_discarded(int fd, uint64_t size)
{
	struct ctf_packet_header header;
	struct packet_context context;

	for (uint64_t at = 0; at < size && read_header(fd, at, &header, &context); at += packet_bytes(&header)) {
		context.discarded = 0;
		if (pwrite(fd, &context, sizeof(context), (off_t)(at + sizeof(header))) != sizeof(context))
			return -errno;
	}
	return 0;
}

static int place_stream(struct growing *growing, const struct growing_trace *trace, const struct stream *stream)
{
	char path[PATH_MAX];
	struct stat info;
	int from = open_stream(trace, stream->name, &info), to, error;

	if (from < 0)
		return -ENOENT;
	snprintf(path, sizeof(path), "%.3000s/%s", growing->excerpt.folder, stream->name);
	temporary_will_make(&growing->excerpt, path);
	to = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	error = to < 0 ? -errno : ctf_copy_range(from, to, stream->done, stream->next);
	if (!error)
		error = clear_discarded(to, stream->next - stream->done);
	close(from);
	if (to >= 0)
		close(to);
	return error;
}

/* 1: placed, 0: nothing to be read yet, -errno. */
static int place_metadata(struct growing *growing, struct growing_trace *trace)
{
	char path[PATH_MAX];
	bool damaged, written;
	char *text;
	FILE *out;

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
	snprintf(path, sizeof(path), "%.3000s/metadata", growing->excerpt.folder);
	temporary_will_make(&growing->excerpt, path);
	out = fopen(path, "wx");
	written = out && fputs(text, out) >= 0;
	free(text);
	return out && !fclose(out) && written ? 1 : -errno;
}

struct read_events { /* kept until the whole round could be read */
	struct event **list;
	size_t count;
};

static void note_host(const bt_message *message, char host[256])
{
	const bt_stream *stream = ctf_stream_of(message);
	const bt_trace *trace = stream && !*host ? bt_stream_borrow_trace_const(stream) : NULL;
	const bt_value *name = trace ? bt_trace_borrow_environment_entry_value_by_name_const(trace, "hostname") : NULL;

	if (name && bt_value_is_string(name))
		snprintf(host, 256, "%s", bt_value_string_get(name));
}

/* True: all of it read; else it ended in an error, said in *cause. Stream by stream: who takes the events sorts them. */
static bool read_stream(struct growing *growing, struct ctf_graph *graph, size_t stream, struct read_events *events,
                        char host[256], char **cause)
{
	struct ctf_decoder decoder = { .no_io = growing->options->no_io };
	struct event event = { 0 };
	const bt_message *message;
	int more;

	while ((more = ctf_graph_next(graph, stream, &message, cause)) == 1) {
		bool decoded = ctf_decode(&decoder, message, &event);
		note_host(message, host);
		if (!decoded || event.fact == FACT_lost_events)
			continue;
		XROOM(events->list, events->count)[events->count] = event_copy(&event);
		events->count++;
	}
	ctf_decoder_release(&decoder);
	return !more;
}

/* In this process, unlike a finished trace, which may be anybody's: LTTng of this moment wrote it, and a new process for each
 * round would cost more than the round. */
static bool read_excerpt(struct growing *growing, struct read_events *events, char host[256], char **cause)
{
	struct ctf_graph *graph = ctf_graph_open(growing->excerpt.folder, cause);
	bool whole = graph;

	for (size_t i = 0; whole && i < ctf_graph_streams(graph); i++)
		whole = read_stream(growing, graph, i, events, host, cause);
	if (graph)
		ctf_graph_close(graph);
	return whole;
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

static int hand_on(struct growing *growing, struct growing_trace *trace, struct read_events *events, const char *host)
{
	struct source *source = ingest_source(growing->ingest, trace->input, "ctf", host);
	int error = 0;

	for (size_t i = 0; i < events->count && !error; i++) {
		struct event *event = events->list[i];
		event->source = source;
		event->owner = trace->owner;
		for (size_t j = 0; j < growing->options->clock_count; j++)
			if (clock_is_of(&growing->options->clocks[j], source))
				event_shift(event, growing->options->clocks[j].offset_ns);
		events->list[i] = NULL;
		source->events++;
		error = growing->take(event, growing->arg);
	}
	return error;
}

static int read_new(struct growing *growing, struct growing_trace *trace)
{
	struct read_events events = { 0 };
	char host[256] = "", *cause = NULL;
	int status = temporary_make(&growing->excerpt);

	if (!status)
		status = place_metadata(growing, trace);
	for (struct stream *stream = trace->streams; status == 1 && stream; stream = stream->more)
		if (stream->next > stream->done) {
			int error = place_stream(growing, trace, stream);
			status = error ? error : 1;
		}
	if (status == 1) {
		status = read_excerpt(growing, &events, host, &cause);
		if (!status && ++trace->failures >= PATIENCE) {
			ingest_complain(trace->folder, "damaged: %s; what could be read of its newest packets is shown",
			                cause ? cause : "unknown");
			status = 1;
		}
	}
	if (status == 1) {
		commit(growing, trace);
		status = hand_on(growing, trace, &events, host);
	}
	free(cause);
	for (size_t i = 0; i < events.count; i++)
		free(events.list[i]);
	free(events.list);
	temporary_remove(&growing->excerpt);
	return status;
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

	if (!owner_wanted(visit->growing->options, owner_of_folder(folder)))
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
