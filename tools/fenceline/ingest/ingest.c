/* SPDX-License-Identifier: MIT */
/* Opens the inputs, whatever they are. */
#include "ingest/ingest.h"
#include "ingest/ctf.h"
#include "ingest/event_text.h"
#include "ingest/intake.h"
#include "ingest/line_reader.h"
#include "ingest/log.h"
#include "ingest/log_vm.h"
#include "ingest/tz.h"
#include "ingest/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- their order ---- */

#define DIGITS      "0123456789"
#define DATE_DIGITS 8 /* logrotate's dateext: -20261122 */

/* A path: the log that it is a piece of, and how old a piece. */
struct piece {
	const char *path;
	size_t length; /* of the log's path */
	int64_t age;   /* 0: the log that is written */
};

static size_t without_compression(const char *path)
{
	static const char *const endings[] = { ".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma" };
	size_t length = strlen(path);

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t ending = strlen(endings[i]);
		if (length > ending && !strcmp(path + length - ending, endings[i]))
			return length - ending;
	}
	return length;
}

static struct piece piece_of(const char *path)
{
	struct piece piece = { path, without_compression(path), 0 };
	size_t begin = piece.length, digits;

	while (begin && strchr(DIGITS, path[begin - 1]))
		begin--;
	digits = piece.length - begin;
	if (begin < 2 || !digits || digits > DATE_DIGITS || path[begin - 2] == '/')
		return piece;
	if (path[begin - 1] == '.')
		piece.age = strtoll(path + begin, NULL, 10);
	else if (path[begin - 1] == '-' && digits == DATE_DIGITS)
		piece.age = INT64_MAX - strtoll(path + begin, NULL, 10);
	if (piece.age)
		piece.length = begin - 1;
	return piece;
}

/* The order of inputs: what two of them tell of one instant comes in it. It is of their names, never of the order in which they
 * were given, and compression does not change it. The pieces of a rotated log follow each other, the oldest first. */
static int input_order(const void *a, const void *b)
{
	struct piece left = piece_of(*(const char *const *)a), right = piece_of(*(const char *const *)b);
	size_t less = left.length < right.length ? left.length : right.length;
	int order = memcmp(left.path, right.path, less);

	if (order)
		return order;
	if (left.length != right.length)
		return left.length < right.length ? -1 : 1;
	if (left.age != right.age)
		return left.age > right.age ? -1 : 1;
	return strcmp(left.path, right.path);
}

/* ---- opening ---- */

#define NOTHING_NEW 1 /* an input is given twice, or is empty */

int ingest_open_file(struct ingest *ingest, const char *path)
{
	struct line_reader *reader;
	const char *head;
	int64_t length;
	int error = line_reader_open(path, &reader);

	if (error) {
		ingest_complain(path, "cannot be read: %s", strerror(-error));
		return error;
	}
	length = line_reader_head(reader, 4096, &head);
	if (length < 0) {
		error = (int)length;
		ingest_complain(path, "cannot be read: %s", line_reader_error(reader));
	} else if (!length) { /* as a log is that has just been rotated: the others are read */
		error = NOTHING_NEW;
		ingest_complain(path, "is empty; give a trace folder or a log");
	} else if (text_events_recognise(head, (size_t)length)) {
		text_events_open(ingest, path, reader);
	} else {
		log_open(ingest, path, &reader);
	}
	line_reader_close(reader);
	return error;
}

static bool has(const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat info;

	return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path && !stat(path, &info);
}

/* What the record daemon leaves for a fence: trace/, logs/ and its reports, which are no inputs. */
static bool is_incident_folder(const char *path)
{
	return has(path, "incidents.json") && has(path, "trace") && has(path, "timeline.txt");
}

static int open_incident_folder(struct ingest *ingest, const char *folder)
{
	char path[PATH_MAX];
	struct dirent **logs = NULL;
	int count, error;

	snprintf(path, sizeof path, "%s/trace", folder);
	error = ctf_open_folder(ingest, path);
	snprintf(path, sizeof path, "%s/logs", folder);
	count = scandir(path, &logs, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/logs/%s", folder, logs[i]->d_name);
		if (*logs[i]->d_name != '.' && error >= 0 && ingest_first_visit(ingest, path))
			error = ingest_open_file(ingest, path);
		free(logs[i]);
	}
	free(logs);
	return error < 0 ? error : 0;
}

static int open_input(struct ingest *ingest, const char *path)
{
	int kind = strcmp(path, "-") ? ingest_input_kind(path) : S_IFREG;

	if (kind < 0)
		return kind;
	if (kind == S_IFDIR)
		return is_incident_folder(path) ? open_incident_folder(ingest, path) : ctf_open_folder(ingest, path);
	return ingest_first_visit(ingest, path) ? ingest_open_file(ingest, path) : NOTHING_NEW;
}

struct ingest *ingest_open(char *const paths[], size_t count, const struct ingest_options *options)
{
	struct ingest *ingest;
	const char **sorted;
	bool any = false;
	int error = 0;

	if (options->tz && !tz_valid(options->tz)) {
		ingest_complain("--tz",
		                "no time zone \"%s\"; give UTC, an offset such as +08:00, or a name such as Asia/Shanghai",
		                options->tz);
		return NULL;
	}
	sorted = xcalloc(count + 1, sizeof(*sorted));
	if (count)
		memcpy(sorted, paths, count * sizeof(*sorted));
	/* Opened by name, not in the order given: that order must not show anywhere. */
	qsort(sorted, count, sizeof(*sorted), input_order);
	ingest = XNEW(struct ingest, .options = *options, .paths = sorted, .path_count = count, .dated_ns = -1);
	for (size_t i = 0; !error && i < count; i++) {
		error = open_input(ingest, sorted[i]);
		any |= !error;
		error = error == NOTHING_NEW ? 0 : error;
	}
	if (!error && count && !any)
		error = -ENODATA;
	if (!error)
		error = ctf_begin(ingest);
	ingest->path_count = 0;
	free(sorted);
	if (!error)
		return ingest;
	ingest_close(ingest);
	return NULL;
}

static int by_path_and_host(const void *a, const void *b)
{
	const struct source *left = *(struct source *const *)a, *right = *(struct source *const *)b;
	int order = strcmp(left->path, right->path);

	return order ? order : strcmp(left->host, right->host);
}

/* A trace in which nothing was recorded cannot name its host: beside others of the same folder it says nothing. */
static void drop_nameless(struct ingest *ingest)
{
	size_t kept = 0;

	for (size_t i = 0; i < ingest->source_count; i++) {
		struct source *source = ingest->sources[i];
		bool others = (i + 1 < ingest->source_count && !strcmp(ingest->sources[i + 1]->path, source->path));
		if (others && !*source->host && !source->events && !source->lost_events)
			source_free(source);
		else
			ingest->sources[kept++] = source;
	}
	ingest->source_count = kept;
	ingest->newest = NULL;
}

int ingest_run(struct ingest *ingest, int (*deliver)(const struct event *event, void *arg), void *arg)
{
	int error;

	log_vms_complete(ingest->vms);
	error = ingest_merge(ingest, deliver, arg);

	if (ingest->source_count) /* a file that cannot be read leaves none */
		qsort(ingest->sources, ingest->source_count, sizeof(*ingest->sources), by_path_and_host);
	drop_nameless(ingest);
	return error;
}

size_t ingest_sources(const struct ingest *ingest, const struct source *const **sources)
{
	*sources = (const struct source *const *)ingest->sources;
	return ingest->source_count;
}

void ingest_close(struct ingest *ingest)
{
	if (!ingest)
		return;
	ingest_close_feeds(ingest);
	for (size_t i = 0; i < ingest->source_count; i++)
		source_free(ingest->sources[i]);
	log_vms_free(ingest->vms);
	free(ingest->sources);
	free(ingest->visited);
	free(ingest);
}
