/* SPDX-License-Identifier: MIT */
#include "ingest/intake.h"

#include "ingest/cluster.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void source_free(struct source *source)
{
	free((char *)source->path);
	free((char *)source->host);
	free(source);
}

static bool is_source(const struct source *source, const char *path, const char *kind, const char *host)
{
	return !strcmp(source->path, path) && !strcmp(source->host, host) && !strcmp(source->kind, kind);
}

struct source *ingest_source(struct ingest *ingest, const char *path, const char *kind, const char *host)
{
	struct source *source = ingest->newest;

	/* A store's rows come by source: mostly it is the one of before. */
	if (source && is_source(source, path, kind, host))
		return source;
	for (size_t i = 0; i < ingest->source_count; i++)
		if (is_source(ingest->sources[i], path, kind, host))
			return ingest->newest = ingest->sources[i];
	source = XNEW(struct source, .path = xstrdup(path), .host = xstrdup(host), .kind = kind, .tz = "UTC", .tz_from = "log");
	cluster_set(source, ingest->options.cluster);
	XROOM(ingest->sources, ingest->source_count)[ingest->source_count] = source;
	ingest->source_count++;
	return ingest->newest = source;
}

void ingest_add_feed(struct ingest *ingest, struct feed *feed)
{
	XROOM(ingest->feeds, ingest->feed_count)[ingest->feed_count] = feed;
	ingest->feed_count++;
}

void ingest_close_feeds(struct ingest *ingest)
{
	for (size_t i = 0; i < ingest->feed_count; i++)
		ingest->feeds[i]->close(ingest->feeds[i]);
	free(ingest->feeds);
	ingest->feeds = NULL;
	ingest->feed_count = 0;
}

int ingest_input_kind(const char *path)
{
	struct stat info;

	if (stat(path, &info)) {
		int error = errno;
		ingest_complain(path, "%s; give a trace folder or a log", strerror(error));
		return -error;
	}
	if (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode))
		return (int)(info.st_mode & S_IFMT);
	ingest_complain(path, "neither a folder nor a regular file; give a trace folder or a log");
	return -EINVAL;
}

bool ingest_first_visit(struct ingest *ingest, const char *path)
{
	struct stat info;

	if (stat(path, &info))
		return true;
	for (size_t i = 0; i < ingest->visited_count; i++)
		if (ingest->visited[i].device == info.st_dev && ingest->visited[i].inode == info.st_ino)
			return false;
	XROOM(ingest->visited, ingest->visited_count);
	ingest->visited[ingest->visited_count++] = (struct visited){ info.st_dev, info.st_ino };
	return true;
}
