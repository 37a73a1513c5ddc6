/* SPDX-License-Identifier: MIT */
/* Trace folders: found beneath the one that was named, each read as a whole, or, where it is damaged, part by part. */
#include "ingest/ctf_parts.h"
#include "ingest/ctf_probe.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* DIR/ust/uid/0/64-bit, a session's name and a host's before it, archives/CHUNK between: far less deep. */
#define DEPTH_MAX 12

struct ctf_feed {
	struct feed feed; /* first: a feed is its trace */
	struct ingest *ingest;
	char *input, *folder;     /* as named on the command line; the trace's own; owned */
	struct ctf_reader *whole; /* NULL: at its end, or read in parts */
	struct ctf_parts *parts;
};

static struct source *source_of(struct ctf_feed *trace, const char *host)
{
	if (!trace->feed.source || strcmp(trace->feed.source->host, host))
		trace->feed.source = ingest_source(trace->ingest, trace->input, "ctf", host);
	return trace->feed.source;
}

static int next_in_parts(struct ctf_feed *trace, const struct event **event)
{
	struct event *next;
	const char *host;
	int more = trace->parts ? ctf_parts_next(trace->parts, &next, &host) : 0;

	if (more != 1) {
		if (trace->parts && source_of(trace, trace->feed.source ? trace->feed.source->host : ""))
			trace->feed.source->events += ctf_parts_skipped_io(trace->parts);
		ctf_parts_close(trace->parts);
		trace->parts = NULL;
		return 0;
	}
	next->source = source_of(trace, host);
	*event = next;
	return next->source ? 1 : -ENOMEM;
}

static void say_if_foreign(const struct ctf_feed *trace)
{
	const struct ctf_decoder *decoder = &trace->whole->decoder;

	if (decoder->unknown && !decoder->skipped && trace->feed.source && !trace->feed.source->events)
		ingest_complain(trace->folder, "holds %llu events, none of them fenceline's; ignored",
		                (unsigned long long)decoder->unknown);
}

static int ctf_next(struct feed *feed, const struct event **event)
{
	struct ctf_feed *trace = (struct ctf_feed *)feed;
	bool no_io = ingest_options_of(trace->ingest)->no_io;
	char *cause = NULL;
	int more;

	if (!trace->whole)
		return next_in_parts(trace, event);
	more = ctf_reader_next(trace->whole, &cause);
	if (!source_of(trace, trace->whole->host))
		return -ENOMEM;
	if (more == 1) {
		trace->whole->event.source = trace->feed.source;
		*event = &trace->whole->event;
		return 1;
	}
	trace->feed.source->events += trace->whole->decoder.skipped;
	if (more < 0)
		trace->parts = ctf_parts_open(trace->folder, trace->whole, cause, no_io);
	else
		say_if_foreign(trace);
	free(cause);
	ctf_reader_close(trace->whole);
	trace->whole = NULL;
	return next_in_parts(trace, event);
}

static void ctf_close(struct feed *feed)
{
	struct ctf_feed *trace = (struct ctf_feed *)feed;

	ctf_reader_close(trace->whole);
	ctf_parts_close(trace->parts);
	free(trace->input);
	free(trace->folder);
	free(trace);
}

/* 0, -ENOMEM, or -EINVAL after saying why nothing can be read of it. */
static int open_trace(struct ingest *ingest, const char *input, const char *folder)
{
	struct ctf_feed *trace = calloc(1, sizeof(*trace));
	bool no_io = ingest_options_of(ingest)->no_io;
	char *cause = NULL;

	if (!trace)
		return -ENOMEM;
	trace->feed.next = ctf_next;
	trace->feed.close = ctf_close;
	trace->ingest = ingest;
	trace->input = strdup(input);
	trace->folder = strdup(folder);
	if (!trace->input || !trace->folder) {
		ctf_close(&trace->feed);
		return -ENOMEM;
	}
	if (ctf_trace_is_whole(folder) && !ctf_probe(folder))
		trace->whole = ctf_reader_open(folder, no_io, &cause);
	if (!trace->whole)
		trace->parts = ctf_parts_open(folder, NULL, cause, no_io);
	free(cause);
	if (trace->whole || trace->parts)
		return ingest_add_feed(ingest, &trace->feed);
	ctf_close(&trace->feed);
	return -EINVAL;
}

/* ---- finding them ---- */

struct search {
	struct ingest *ingest;
	const char *input;
	size_t entries, found, opened;
	int error;
};

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool is_regular(const char *path)
{
	struct stat info;

	return !stat(path, &info) && S_ISREG(info.st_mode);
}

static bool is_folder(const char *path)
{
	struct stat info;

	/* Links are not followed: they may lead round in a circle, or to the same trace. */
	return !lstat(path, &info) && S_ISDIR(info.st_mode);
}

static void visit_trace(struct search *search, const char *folder)
{
	int error;

	search->found++;
	if (!ingest_first_visit(search->ingest, folder)) {
		search->opened++;
		return;
	}
	error = open_trace(search->ingest, search->input, folder);
	if (!error)
		search->opened++;
	else if (error == -ENOMEM)
		search->error = error;
}

static void visit(struct search *search, const char *folder, int depth)
{
	struct dirent **names = NULL;
	char path[PATH_MAX];
	int count = scandir(folder, &names, not_hidden, alphasort);

	if (count < 0 && !search->error) {
		search->error = -errno;
		ingest_complain(folder, "cannot be read: %s", strerror(errno));
	}
	search->entries += count > 0 ? (size_t)count : 0;
	if (count > 0 && snprintf(path, sizeof(path), "%s/metadata", folder) < (int)sizeof(path) && is_regular(path))
		visit_trace(search, folder);
	for (int i = 0; i < count; i++) {
		if (!search->error && depth < DEPTH_MAX &&
		    snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name) < (int)sizeof(path) && is_folder(path))
			visit(search, path, depth + 1);
		free(names[i]);
	}
	free(names);
}

int ctf_open_folder(struct ingest *ingest, const char *path)
{
	struct search search = { .ingest = ingest, .input = path };
	size_t length = strlen(path);
	char *folder = strdup(path);

	if (!folder)
		return -ENOMEM;
	while (length > 1 && folder[length - 1] == '/')
		folder[--length] = '\0';
	visit(&search, folder, 0);
	free(folder);
	if (search.error)
		return search.error;
	if (search.opened)
		return 0;
	if (!search.entries)
		ingest_complain(path, "is an empty folder; give the folder that `fenceline record` wrote");
	else if (!search.found)
		ingest_complain(
		        path,
		        "holds no trace: no `metadata` file in it or beneath it; give the folder that `fenceline record` wrote");
	return -EINVAL;
}
