/* SPDX-License-Identifier: MIT */
/* Files that grow, by whole lines. A rotated one is read to its end, then the new one from its beginning. Traces:
 * growing_trace.c. */
#include "ingest/growing.h"
#include "ingest/event_text.h"
#include "ingest/growing_trace.h"
#include "ingest/ingest.h"
#include "ingest/line_reader.h"
#include "ingest/log.h"
#include "ingest/log_line.h"
#include "ingest/log_vm.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a file is shows in so many bytes. */
#define KNOWN_BY    ((uint64_t)128 * 1024)
#define ROUND_BYTES ((uint64_t)16 * 1024 * 1024)

struct growing_file {
	const char *path; /* borrowed */
	int fd;           /* -1: none open */
	dev_t device;
	ino_t inode;
	uint64_t done, lines; /* read: bytes and lines */
	uint64_t seen;        /* size at which it was found to hold nothing known; 0: it does */
	bool finished;        /* compressed, or nothing that is known: nobody writes on, or reads */
	bool events;          /* text events */
	struct log *log;      /* owned; NULL: it is none, or not known as one yet */
	struct growing_file *more;
};

/* Bytes from `begin` up to the last newline before `end`, and how many lines that is. */
static uint64_t whole_lines(int fd, uint64_t begin, uint64_t end, uint64_t *lines)
{
	static char block[64 * 1024];
	uint64_t whole = 0;

	*lines = 0;
	for (uint64_t at = begin; at < end;) {
		size_t want = end - at < sizeof(block) ? (size_t)(end - at) : sizeof(block);
		ssize_t n = pread(fd, block, want, (off_t)at);
		if (n <= 0)
			break;
		for (const char *newline = block; (newline = memchr(newline, '\n', (size_t)(block + n - newline))); newline++) {
			++*lines;
			whole = at + (uint64_t)(newline - block) + 1 - begin;
		}
		at += (uint64_t)n;
	}
	return whole;
}

static bool is_compressed(int fd)
{
	char begin[6];
	ssize_t length = pread(fd, begin, sizeof(begin), 0);

	return length > 0 && line_reader_is_compressed(begin, (size_t)length);
}

static bool open_again(struct growing_file *file)
{
	struct stat info;

	file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0 || fstat(file->fd, &info))
		return false;
	file->device = info.st_dev;
	file->inode = info.st_ino;
	file->done = file->lines = file->seen = 0;
	return true;
}

static bool is_rotated(const struct growing_file *file)
{
	struct stat info;

	return !stat(file->path, &info) &&
	       (info.st_dev != file->device || info.st_ino != file->inode || (uint64_t)info.st_size < file->done);
}

/* False: so far it holds nothing that is known. */
static bool read_part(struct growing *growing, struct growing_file *file, uint64_t length)
{
	struct line_reader *part = line_reader_part(file->fd, file->done, length, file->lines);
	const char *head;
	int64_t begin;
	bool known = true;

	if (!file->done) {
		begin = line_reader_head(part, 4096, &head);
		file->events = begin > 0 && text_events_recognise(head, (size_t)begin);
	}
	if (file->events) {
		text_events_open(growing->ingest, file->path, part);
	} else {
		if (!file->log)
			file->log = log_new(growing->ingest, file->path);
		known = log_read_part(file->log, part, file->lines);
	}
	line_reader_close(part);
	return known;
}

/* Of a file that holds nothing known: all of it once more when it has grown, or, once it is long enough, never. */
static void give_up(struct growing_file *file, uint64_t size)
{
	file->seen = size;
	file->finished = size >= KNOWN_BY;
	if (file->finished)
		log_say_what_it_held(file->log);
	log_free(file->log);
	file->log = NULL;
}

static void read_lines(struct growing *growing, struct growing_file *file, uint64_t size)
{
	uint64_t end = size - file->done > ROUND_BYTES ? file->done + ROUND_BYTES : size, lines, length;

	length = whole_lines(file->fd, file->done, end, &lines);
	growing->more |= end < size && length;
	if (!length)
		return;
	if (!read_part(growing, file, length)) {
		give_up(file, size);
		return;
	}
	file->seen = 0;
	file->done += length;
	file->lines += lines;
}

static void file_round(struct growing *growing, struct growing_file *file)
{
	struct stat info;

	if (file->finished || (file->fd < 0 && !open_again(file)) || fstat(file->fd, &info))
		return;
	if (!file->done && is_compressed(file->fd)) {
		file->finished = true;
		ingest_open_file(growing->ingest, file->path);
	} else if ((uint64_t)info.st_size > file->done && (!file->seen || (uint64_t)info.st_size >= 2 * file->seen)) {
		read_lines(growing, file, (uint64_t)info.st_size);
	} else if (is_rotated(file)) {
		close(file->fd);
		file->fd = -1;
		growing->more = true;
	}
}

static struct growing_file *file_of(struct growing *growing, const char *path)
{
	struct growing_file *file;

	for (file = growing->files; file && strcmp(file->path, path); file = file->more)
		;
	if (!file)
		file = growing->files = XNEW(struct growing_file, .path = path, .fd = -1, .more = growing->files);
	return file;
}

/* ---- all inputs ---- */

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
			file_round(growing, file_of(growing, path));
	}
	log_vms_complete(ingest->vms);
	if (!error)
		error = ingest_merge(ingest, deliver, arg);
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
	struct growing_file *next;

	if (!growing)
		return;
	for (struct growing_file *file = growing->files; file; file = next) {
		next = file->more;
		if (file->fd >= 0)
			close(file->fd);
		log_free(file->log);
		free(file);
	}
	growing_traces_free(growing);
	ingest_close(growing->ingest);
	free(growing);
}
