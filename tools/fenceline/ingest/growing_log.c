/* SPDX-License-Identifier: MIT */
/* Logs that grow, by whole lines. A rotated one is read to its end, then the new one from its beginning. */
#include "ingest/ctf_packets.h"
#include "ingest/growing_parts.h"
#include "ingest/ingest.h"
#include "ingest/line_reader.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A log's kind shows in its first lines: they stand before the new ones when these are read, and are not handed on again. */
#define HEAD_BYTES  ((uint64_t)64 * 1024)
#define ROUND_BYTES ((uint64_t)16 * 1024 * 1024)

struct growing_log {
	const char *path; /* borrowed */
	int fd;           /* -1: none open */
	dev_t device;
	ino_t inode;
	uint64_t done, lines;      /* read: bytes and lines */
	uint64_t head, head_lines; /* the first whole lines, at most HEAD_BYTES */
	uint64_t seen;             /* size at which it was found to hold nothing known; 0: it does */
	bool finished;             /* compressed: nobody writes on */
	struct growing_log *more;
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
			if (newline + 1 == block + n)
				break;
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

static bool log_open_file(struct growing_log *log)
{
	struct stat info;

	log->fd = open(log->path, O_RDONLY | O_CLOEXEC);
	if (log->fd < 0 || fstat(log->fd, &info))
		return false;
	log->device = info.st_dev;
	log->inode = info.st_ino;
	log->done = log->lines = log->head = log->head_lines = log->seen = 0;
	return true;
}

static bool is_rotated(const struct growing_log *log)
{
	struct stat info;

	return !stat(log->path, &info) &&
	       (info.st_dev != log->device || info.st_ino != log->inode || (uint64_t)info.st_size < log->done);
}

/* The log's own path beneath the excerpt: the folders and the name of some kinds of log tell something. */
static int make_path(struct growing *growing, const struct growing_log *log, char *path, size_t size)
{
	char *real = realpath(log->path, NULL);
	int length = real ? snprintf(path, size, "%.2000s%s", growing->excerpt.folder, real) : -1;

	free(real);
	if (length < 0 || (size_t)length >= size)
		return -ENAMETOOLONG;
	for (char *slash = path + strlen(growing->excerpt.folder) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		temporary_will_make(&growing->excerpt, path);
		if (mkdir(path, 0700) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	temporary_will_make(&growing->excerpt, path);
	return 0;
}

static int place(struct growing *growing, const struct growing_log *log, uint64_t head, uint64_t end, char *path, size_t size)
{
	int error = temporary_make(&growing->excerpt), to;

	if (!error)
		error = make_path(growing, log, path, size);
	if (error)
		return error;
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return -errno;
	error = ctf_copy_range(log->fd, to, 0, head);
	if (!error)
		error = ctf_copy_range(log->fd, to, log->done, end);
	close(to);
	return error;
}

struct reading {
	struct growing *growing;
	const char *path;
	uint64_t skip, add; /* lines handed on before; what is missing between them and the new ones */
};

static int hand_on(const struct event *event, void *arg)
{
	const struct reading *reading = arg;
	struct event own = *event;

	if (event->line && event->line <= reading->skip)
		return 0;
	if (event->line)
		own.line += reading->add;
	return growing_hand_on(reading->growing, &own,
	                       ingest_source(reading->growing->ingest, reading->path, event->source->kind, event->source->host));
}

/* 1: it holds something known; 0: nothing; -errno. */
static int read_file(char *path, struct reading *reading)
{
	struct ingest *ingest = ingest_open(&path, 1, reading->growing->options);
	const struct source *const *sources;
	int error;

	if (!ingest)
		return 0; /* said already */
	error = ingest_run(ingest, hand_on, reading);
	if (!error)
		error = ingest_sources(ingest, &sources) > 0;
	ingest_close(ingest);
	return error;
}

static int read_lines(struct growing *growing, struct growing_log *log, uint64_t size)
{
	struct reading reading = { growing, log->path, 0, 0 };
	uint64_t end = size - log->done > ROUND_BYTES ? log->done + ROUND_BYTES : size, lines, length;
	char path[PATH_MAX];
	int status;

	length = whole_lines(log->fd, log->done, end, &lines);
	growing->more |= end < size && length;
	if (!length)
		return 0;
	if (log->done <= HEAD_BYTES || !log->head)
		log->head = whole_lines(log->fd, 0, log->done < HEAD_BYTES ? log->done : HEAD_BYTES, &log->head_lines);
	reading.skip = log->head_lines;
	reading.add = log->lines - log->head_lines;
	status = place(growing, log, log->head, log->done + length, path, sizeof(path));
	if (!status)
		status = read_file(path, &reading);
	if (status < 0)
		return status;
	if (!status && log->done + length < 2 * HEAD_BYTES) { /* too little yet to tell what it is: all of it once more, later */
		log->seen = size;
		return 0;
	}
	log->seen = 0;
	log->finished = !status;
	log->done += length;
	log->lines += lines;
	return 0;
}

static int log_round(struct growing *growing, struct growing_log *log)
{
	struct reading whole = { growing, log->path, 0, 0 };
	struct stat info;

	if ((log->fd < 0 && !log_open_file(log)) || fstat(log->fd, &info))
		return 0;
	if (!log->done && is_compressed(log->fd)) {
		int status = read_file((char *)log->path, &whole);
		log->finished = true;
		return status < 0 ? status : 0;
	}
	if ((uint64_t)info.st_size > log->done && (!log->seen || (uint64_t)info.st_size >= 2 * log->seen))
		return read_lines(growing, log, (uint64_t)info.st_size);
	if (is_rotated(log)) {
		close(log->fd);
		log->fd = -1;
		growing->more = true;
	}
	return 0;
}

int growing_log_round(struct growing *growing, const char *path)
{
	struct growing_log *log;

	for (log = growing->logs; log && strcmp(log->path, path); log = log->more)
		;
	if (!log) {
		log = XNEW(struct growing_log, .path = path, .fd = -1, .more = growing->logs);
		growing->logs = log;
	}
	return log->finished ? 0 : log_round(growing, log);
}

void growing_logs_close(struct growing *growing)
{
	struct growing_log *next;

	for (struct growing_log *log = growing->logs; log; log = next) {
		next = log->more;
		if (log->fd >= 0)
			close(log->fd);
		free(log);
	}
}
