/* SPDX-License-Identifier: MIT */
#include "ingest/growing_parts.h"
#include "ingest/clocks.h"
#include "ingest/event_copy.h"
#include "ingest/feed.h"
#include "ingest/tz.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct source *growing_source(struct growing *growing, const char *path, const char *kind, const char *host)
{
	struct source **sources, *source;

	for (size_t i = 0; i < growing->source_count; i++) {
		source = growing->sources[i];
		if (!strcmp(source->path, path) && !strcmp(source->host, host) && !strcmp(source->kind, kind))
			return source;
	}
	sources = reallocarray(growing->sources, growing->source_count + 1, sizeof(*sources));
	source = sources ? calloc(1, sizeof(*source)) : NULL;
	if (sources)
		growing->sources = sources;
	if (!source)
		return NULL;
	*source = (struct source){ .path = strdup(path), .kind = kind, .host = strdup(host), .tz = "UTC", .tz_from = "log" };
	sources[growing->source_count++] = source;
	return source->path && source->host ? source : NULL;
}

int growing_hand_on(struct growing *growing, const struct event *event, struct source *source)
{
	struct event *copy = source ? event_copy(event) : NULL;

	if (!copy)
		return -ENOMEM;
	copy->source = source;
	source->events++;
	if (!source->begin_ns || copy->ts_ns < source->begin_ns)
		source->begin_ns = copy->ts_ns;
	if (copy->ts_ns > source->end_ns)
		source->end_ns = copy->ts_ns;
	return growing->take(copy, growing->arg);
}

int growing_view_make(struct growing *growing)
{
	const char *temporary = getenv("TMPDIR");

	snprintf(growing->view, sizeof(growing->view), "%s/fenceline-XXXXXX", temporary && *temporary ? temporary : "/tmp");
	if (!mkdtemp(growing->view)) {
		int error = errno;
		ingest_complain(growing->view, "cannot be made: %s; set TMPDIR to a folder with room", strerror(error));
		*growing->view = '\0';
		return -error;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
	(void)info;
	(void)type;
	(void)place;
	return remove(path) && errno != ENOENT;
}

void growing_view_remove(struct growing *growing)
{
	if (*growing->view)
		nftw(growing->view, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	*growing->view = '\0';
}

int growing_copy(int from, int to, uint64_t begin, uint64_t end)
{
	static char block[256 * 1024];

	while (begin < end) {
		size_t want = end - begin < sizeof(block) ? (size_t)(end - begin) : sizeof(block);
		ssize_t n = pread(from, block, want, (off_t)begin);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		begin += (uint64_t)n;
		for (ssize_t done = 0; done < n;) {
			ssize_t written = write(to, block + done, (size_t)(n - done));
			if (written < 0 && errno != EINTR)
				return -errno;
			done += written > 0 ? written : 0;
		}
	}
	return 0;
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
	struct growing *growing;

	if (options->tz && !tz_valid(options->tz)) {
		ingest_complain("--tz", "no time zone \"%s\"", options->tz);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		if (check_path(paths[i]))
			return NULL;
	growing = calloc(1, sizeof(*growing));
	if (!growing)
		return NULL;
	growing->options = *options;
	growing->paths = (char **)paths;
	growing->path_count = count;
	return growing;
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
		growing_view_remove(growing);
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
	growing_view_remove(growing);
	growing_traces_close(growing);
	growing_logs_close(growing);
	for (size_t i = 0; i < growing->source_count; i++) {
		free((char *)growing->sources[i]->path);
		free((char *)growing->sources[i]->host);
		free(growing->sources[i]);
	}
	free(growing->sources);
	free(growing);
}
