/* SPDX-License-Identifier: MIT */
#include "ingest/line_reader.h"
#include "ingest/archive_library.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)256 * 1024) /* fits the second-level cache: what was read is still there when it is looked at */

struct line_reader {
	int fd;
	struct archive *archive; /* NULL: plain; owned */
	char magic[6];           /* the first bytes, read to tell a compressed input; libarchive gets them back */
	size_t magic_length, magic_used;
	char *raw;    /* what libarchive reads into; NULL for plain inputs; owned */
	char *buffer; /* owned; buffer[begin, end) is not yet delivered */
	size_t begin, end, capacity;
	bool at_end;
	int failed; /* -errno of the first failure, told after the lines before it */
	uint64_t number;
	char error[160];
};

static int fail(struct line_reader *reader, int error, const char *why)
{
	snprintf(reader->error, sizeof reader->error, "%s", why);
	return reader->failed = error;
}

static ssize_t read_some(int fd, char *to, size_t size)
{
	ssize_t n;

	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Raw bytes of the input, the magic first. */
static ssize_t raw_read(struct line_reader *reader, char *to, size_t size)
{
	size_t left = reader->magic_length - reader->magic_used;

	if (left) {
		if (left > size)
			left = size;
		memcpy(to, reader->magic + reader->magic_used, left);
		reader->magic_used += left;
		return (ssize_t)left;
	}
	return read_some(reader->fd, to, size);
}

static la_ssize_t archive_wants(struct archive *archive, void *arg, const void **block)
{
	struct line_reader *reader = arg;
	ssize_t n = raw_read(reader, reader->raw, BLOCK);

	*block = reader->raw;
	if (n < 0)
		archive_library()->archive_set_error(archive, (int)-n, "%s", strerror((int)-n));
	return n < 0 ? ARCHIVE_FATAL : n;
}

static const char *archive_reason(struct line_reader *reader, const char *otherwise)
{
	const char *reason = archive_library()->archive_error_string(reader->archive);

	return reason ? reason : otherwise;
}

static bool is_compressed(const char *magic, size_t length)
{
	static const struct {
		const char *bytes;
		size_t length;
	} kinds[] = {
		{ "\x1f\x8b", 2 },         /* gzip */
		{ "\x1f\x9d", 2 },         /* compress */
		{ "BZh", 3 },              /* bzip2 */
		{ "\xfd\x37zXZ", 6 },      /* xz, with its terminating NUL */
		{ "\x28\xb5\x2f\xfd", 4 }, /* zstd */
		{ "\x04\x22\x4d\x18", 4 }, /* lz4 */
		{ "\x89LZO", 4 },          /* lzop */
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (length >= kinds[i].length && !memcmp(magic, kinds[i].bytes, kinds[i].length))
			return true;
	return false;
}

static int open_archive(struct line_reader *reader)
{
	const struct archive_library *library = archive_library();
	struct archive_entry *entry;

	if (!library) {
		fail(reader, -EIO, "compressed, and libarchive is not installed");
		reader->at_end = true;
		return 0;
	}
	reader->raw = malloc(BLOCK);
	reader->archive = library->archive_read_new();
	if (!reader->raw || !reader->archive)
		return -ENOMEM;
	library->archive_read_support_filter_all(reader->archive);
	library->archive_read_support_format_raw(reader->archive);
	if (library->archive_read_open(reader->archive, reader, NULL, archive_wants, NULL) == ARCHIVE_OK &&
	    library->archive_read_next_header(reader->archive, &entry) == ARCHIVE_OK)
		return 0;
	/* told at the first read, so that open fails only for what has no content at all */
	fail(reader, -EIO, archive_reason(reader, "cannot decompress"));
	reader->at_end = true;
	return 0;
}

int line_reader_open(const char *path, struct line_reader **out)
{
	struct line_reader *reader = calloc(1, sizeof *reader);
	struct stat st;
	ssize_t n;
	int ret;

	if (!reader)
		return -ENOMEM;
	reader->fd = !strcmp(path, "-") ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ret = reader->fd < 0 ? -errno : 0;
	if (!ret && !fstat(reader->fd, &st) && S_ISDIR(st.st_mode))
		ret = -EISDIR;
	while (!ret && reader->magic_length < sizeof reader->magic) {
		n = read_some(reader->fd, reader->magic + reader->magic_length, sizeof reader->magic - reader->magic_length);
		if (n <= 0) {
			ret = (int)n;
			break;
		}
		reader->magic_length += (size_t)n;
	}
	if (!ret && is_compressed(reader->magic, reader->magic_length))
		ret = open_archive(reader);
	if (ret) {
		line_reader_close(reader);
		return ret;
	}
	*out = reader;
	return 0;
}

static int make_room(struct line_reader *reader)
{
	size_t capacity = reader->capacity ? reader->capacity * 2 : 2 * BLOCK;
	char *buffer;

	if (reader->begin) {
		memmove(reader->buffer, reader->buffer + reader->begin, reader->end - reader->begin);
		reader->end -= reader->begin;
		reader->begin = 0;
	}
	if (reader->capacity - reader->end > BLOCK)
		return 0;
	buffer = realloc(reader->buffer, capacity);
	if (!buffer)
		return fail(reader, -ENOMEM, "out of memory: a line is too long");
	reader->buffer = buffer;
	reader->capacity = capacity;
	return 0;
}

/* Appends a block to the buffer. Returns 0 at the end too (then at_end), or -errno. */
static int fill(struct line_reader *reader)
{
	ssize_t n;

	if (reader->at_end)
		return reader->failed;
	if (reader->capacity - reader->end <= BLOCK && make_room(reader)) {
		reader->at_end = true;
		return reader->failed;
	}
	if (!reader->archive) {
		n = raw_read(reader, reader->buffer + reader->end, BLOCK);
		if (n < 0)
			fail(reader, (int)n, strerror((int)-n));
	} else {
		n = archive_library()->archive_read_data(reader->archive, reader->buffer + reader->end, BLOCK);
		if (n < 0)
			fail(reader, -EIO, archive_reason(reader, "damaged"));
	}
	if (n <= 0)
		reader->at_end = true;
	else
		reader->end += (size_t)n;
	return reader->failed;
}

int64_t line_reader_head(struct line_reader *reader, size_t want, const char **head)
{
	while (reader->end - reader->begin < want && !reader->at_end)
		fill(reader);
	*head = reader->buffer ? reader->buffer + reader->begin : ""; /* damaged from its first byte on */
	if (reader->end == reader->begin && reader->failed)
		return reader->failed;
	return (int64_t)(reader->end - reader->begin);
}

static void deliver(struct line_reader *reader, size_t length, bool cut, struct line *line)
{
	line->text = reader->buffer + reader->begin;
	line->length = length;
	line->cut = cut;
	line->number = ++reader->number;
	reader->begin += length + !cut;
	if (line->length && line->text[line->length - 1] == '\r')
		line->length--;
}

int line_reader_next(struct line_reader *reader, struct line *line)
{
	size_t searched = 0;

	for (;;) {
		size_t left = reader->end - reader->begin;
		const char *from = reader->buffer + reader->begin;
		const char *newline = left > searched ? memchr(from + searched, '\n', left - searched) : NULL;

		if (newline) {
			deliver(reader, (size_t)(newline - from), false, line);
			return 1;
		}
		searched = left;
		if (!reader->at_end) {
			fill(reader);
			continue;
		}
		if (left) {
			deliver(reader, left, true, line);
			return 1;
		}
		return reader->failed;
	}
}

int line_reader_rest(struct line_reader *reader, const char **text, size_t *length)
{
	while (!reader->at_end)
		fill(reader);
	if (reader->end == reader->capacity && make_room(reader))
		return reader->failed;
	if (!reader->buffer && !(reader->buffer = malloc(1)))
		return -ENOMEM;
	reader->buffer[reader->end] = '\0';
	*text = reader->buffer + reader->begin;
	*length = reader->end - reader->begin;
	reader->begin = reader->end;
	return reader->failed;
}

const char *line_reader_error(const struct line_reader *reader)
{
	return reader->error;
}

void line_reader_close(struct line_reader *reader)
{
	if (!reader)
		return;
	if (reader->archive)
		archive_library()->archive_read_free(reader->archive);
	if (reader->fd > STDERR_FILENO)
		close(reader->fd);
	free(reader->raw);
	free(reader->buffer);
	free(reader);
}
