/* SPDX-License-Identifier: MIT */
#include "ingest/growing.h"
#include "ingest/growing_file.h"
#include "ingest/growing_trace.h"
#include "ingest/ingest.h"
#include "ingest/log_vm.h"
#include "ingest/merge.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct growing *growing_open(char *const paths[], size_t count, const struct ingest_options *options)
{
	struct ingest *ingest;

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(paths[i], "-")) {
			ingest_complain(paths[i], "standard input cannot be followed; give a trace folder or a log");
			return NULL;
		}
		if (ingest_input_kind(paths[i]) < 0)
			return NULL;
	}
	ingest = ingest_open(NULL, 0, options);
	if (!ingest)
		return NULL;
	ingest->paths = (const char **)paths;
	ingest->path_count = count;
	return XNEW(struct growing, .ingest = ingest);
}

int growing_round(struct growing *growing, int (*deliver)(const struct event *event, void *arg), void *arg, bool *more)
{
	struct ingest *ingest = growing->ingest;
	struct stat info;
	int error = 0;

	growing->more = false;
	for (size_t i = 0; i < ingest->path_count && !error; i++) {
		const char *path = ingest->paths[i];
		if (stat(path, &info))
			continue; /* a log that is being rotated */
		if (S_ISDIR(info.st_mode))
			error = growing_traces_round(growing, path);
		else
			growing_file_round(growing, path);
	}
	log_vms_complete(ingest->vms);
	if (!error)
		error = merge_feeds(ingest->feeds, ingest->feed_count, &ingest->options, deliver, arg);
	ingest_close_feeds(ingest);
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
	growing_traces_close(growing);
	growing_files_close(growing);
	ingest_close(growing->ingest);
	free(growing);
}
