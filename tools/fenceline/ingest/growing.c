/* SPDX-License-Identifier: MIT */
#include "ingest/growing.h"
#include "ingest/fact_fields.h"
#include "ingest/growing_parts.h"
#include "ingest/ingest.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int growing_hand_on(struct growing *growing, const struct event *event, struct source *source)
{
	struct event *copy = event_copy(event);

	copy->source = source;
	source->events++;
	if (!source->begin_ns || copy->ts_ns < source->begin_ns)
		source->begin_ns = copy->ts_ns;
	if (copy->ts_ns > source->end_ns)
		source->end_ns = copy->ts_ns;
	return growing->take(copy, growing->arg);
}

static int check_path(const char *path)
{
	struct stat info;

	if (!strcmp(path, "-")) {
		ingest_complain(path, "standard input cannot be followed; give a trace folder or a log");
		return -EINVAL;
	}
	if (stat(path, &info)) {
		int error = errno;
		ingest_complain(path, "%s; give a trace folder or a log", strerror(error));
		return -error;
	}
	if (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode))
		return 0;
	ingest_complain(path, "neither a folder nor a regular file; give a trace folder or a log");
	return -EINVAL;
}

struct growing *growing_open(char *const paths[], size_t count, const struct ingest_options *options)
{
	struct ingest *ingest;

	for (size_t i = 0; i < count; i++)
		if (check_path(paths[i]))
			return NULL;
	ingest = ingest_open(NULL, 0, options);
	return ingest ? XNEW(struct growing, .ingest = ingest, .options = &ingest->options, .paths = (char **)paths,
	                     .path_count = count)
	              : NULL;
}

int growing_round(struct growing *growing, int (*take)(struct event *event, void *arg), void *arg, bool *more)
{
	struct stat info;
	int error = 0;

	growing->take = take;
	growing->arg = arg;
	growing->more = false;
	for (size_t i = 0; i < growing->path_count && !error; i++) {
		const char *path = growing->paths[i];
		if (stat(path, &info))
			continue; /* a log that is being rotated */
		error = S_ISDIR(info.st_mode) ? growing_traces_round(growing, path) : growing_log_round(growing, path);
		temporary_remove(&growing->excerpt);
	}
	*more = growing->more;
	return error;
}

uint64_t growing_lost_events(const struct growing *growing)
{
	return growing->lost_events;
}

void growing_close(struct growing *growing)
{
	if (!growing)
		return;
	temporary_remove(&growing->excerpt);
	growing_traces_close(growing);
	growing_logs_close(growing);
	ingest_close(growing->ingest);
	free(growing);
}
