/* SPDX-License-Identifier: MIT */
#include "ingest/line_reader.h"
#include "ingest/log_scan.h"
#include "ingest/xalloc.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK      ((size_t)256 * 1024) /* fits the second-level cache: what was read is still there when it is looked at */
#define WIDE_BLOCK (BLOCK / 2 - 8)      /* of UTF-16: what it becomes fits a block */

struct line_reader {
	int fd;    /* owned, but for a part's */
	bool part; /* of a file: its bytes from `at` up to part_end */
	uint64_t at, part_end;
	struct archive *archive; /* NULL: plain; owned */
	char magic[6];           /* the first bytes, read to tell a compressed input; libarchive gets them back */
	size_t magic_length, magic_used;
	char *raw; /* what libarchive reads into; NULL for plain inputs; owned */
	bool wide; /* it is UTF-16, which `iconv` makes UTF-8 */
	iconv_t iconv;
	struct text_buffer units; /* owned; of UTF-16: what has come and is not converted */
	bool returns;             /* a CR alone ends its lines */
	char *buffer;             /* owned; buffer[begin, end) is not yet delivered */
	size_t begin, end, capacity;
	size_t lines_end;  /* of the last whole line in the buffer, if it lies behind begin; line_reader_find's */
	size_t most;       /* bytes of a line that are delivered as one */
	size_t no_newline; /* bytes from begin on that hold none; line_reader_find's */
	char tail[LINE_READER_TAIL];
	size_t tail_length;
	bool at_end;
	bool in_line; /* the rest of a line longer than LINE_READER_MOST comes next; it is counted already */
	int failed;   /* -errno of the first failure, told after the lines before it */
	uint64_t number;
	char error[160];
};

static void reader_fail(struct line_reader *reader, int error, const char *why)
{
	snprintf(reader->error, sizeof reader->error, "%s", why);
	reader->failed = error;
}

static ssize_t read_some(struct line_reader *reader, char *to, size_t size)
{
	ssize_t n;

	if (reader->part && size > reader->part_end - reader->at)
		size = reader->part_end - reader->at;
	do
		n = reader->part ? pread(reader->fd, to, size, (off_t)reader->at) : read(reader->fd, to, size);
	while (n < 0 && errno == EINTR);
	reader->at += n > 0 ? (uint64_t)n : 0;
	return n < 0 ? -errno : n;
}

/* Raw bytes of the input, the magic first. */
static ssize_t raw_read(struct line_reader *reader, char *to, size_t size)
{
	size_t left = reader->magic_length - reader->magic_used;
	ssize_t n;

	if (left > size)
		left = size;
	memcpy(to, reader->magic + reader->magic_used, left);
	reader->magic_used += left;
	n = left < size ? read_some(reader, to + left, size - left) : 0;
	return n < 0 && !left ? n : (ssize_t)left + (n > 0 ? n : 0);
}

static la_ssize_t archive_wants(struct archive *archive, void *arg, const void **block)
{
	struct line_reader *reader = arg;
	ssize_t n = raw_read(reader, reader->raw, BLOCK);

	*block = reader->raw;
	if (n < 0)
		archive_set_error(archive, (int)-n, "%s", strerror((int)-n));
	return n < 0 ? ARCHIVE_FATAL : n;
}

bool line_reader_is_compressed(const char *magic, size_t length)
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

static void open_archive(struct line_reader *reader)
{
	struct archive_entry *entry;

	reader->raw = xmalloc(BLOCK);
	reader->archive = archive_read_new();
	if (!reader->archive)
		x_out_of_memory();
	archive_read_support_filter_all(reader->archive);
	archive_read_support_format_raw(reader->archive);
	if (archive_read_open(reader->archive, reader, NULL, archive_wants, NULL) == ARCHIVE_OK &&
	    archive_read_next_header(reader->archive, &entry) == ARCHIVE_OK)
		return;
	/* told at the first read, so that open fails only for what has no content at all */
	reader_fail(reader, -EIO, archive_error_string(reader->archive) ?: "cannot decompress");
	reader->at_end = true;
}

int line_reader_open(const char *path, struct line_reader **out)
{
	struct line_reader *reader = XNEW(struct line_reader, .most = LINE_READER_MOST);
	struct stat st;
	ssize_t n = 1;
	int ret;

	reader->fd = !strcmp(path, "-") ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ret = reader->fd < 0 ? -errno : 0;
	if (!ret && !fstat(reader->fd, &st) && S_ISDIR(st.st_mode))
		ret = -EISDIR;
	while (!ret && n > 0 && reader->magic_length < sizeof reader->magic) {
		n = read_some(reader, reader->magic + reader->magic_length, sizeof reader->magic - reader->magic_length);
		ret = n < 0 ? (int)n : 0;
		reader->magic_length += n > 0 ? (size_t)n : 0;
	}
	if (!ret && line_reader_is_compressed(reader->magic, reader->magic_length))
		open_archive(reader);
	if (ret) {
		line_reader_close(reader);
		return ret;
	}
	*out = reader;
	return 0;
}

struct line_reader *line_reader_part(int fd, uint64_t at, uint64_t length, uint64_t lines)
{
	return XNEW(struct line_reader, .fd = fd, .part = true, .at = at, .part_end = at + length, .number = lines,
	            .most = LINE_READER_MOST);
}

void line_reader_limit(struct line_reader *reader, size_t most)
{
	reader->most = most && most < LINE_READER_MOST ? most : LINE_READER_MOST;
}

static void keep_tail(struct line_reader *reader)
{
	size_t length = reader->begin < sizeof(reader->tail) ? reader->begin : sizeof(reader->tail);

	memcpy(reader->tail, reader->buffer + reader->begin - length, length);
	reader->tail_length = length;
}

static void make_room(struct line_reader *reader)
{
	if (reader->begin) {
		keep_tail(reader);
		reader->lines_end = 0;
		memmove(reader->buffer, reader->buffer + reader->begin, reader->end - reader->begin);
		reader->end -= reader->begin;
		reader->begin = 0;
	}
	if (reader->capacity - reader->end > BLOCK)
		return;
	reader->capacity = reader->capacity ? reader->capacity * 2 : 2 * BLOCK;
	reader->buffer = xreallocarray(reader->buffer, reader->capacity, 1);
}

/* Bytes of the input, decompressed. 0: the end, or it failed. */
static size_t read_block(struct line_reader *reader, char *to, size_t size)
{
	ssize_t n = reader->archive ? archive_read_data(reader->archive, to, size) : raw_read(reader, to, size);

	if (n < 0 && reader->archive)
		reader_fail(reader, -EIO, archive_error_string(reader->archive) ?: "damaged");
	else if (n < 0)
		reader_fail(reader, (int)n, strerror((int)-n));
	reader->at_end = n <= 0;
	return n > 0 ? (size_t)n : 0;
}

/* Does a text that begins so end its lines with a CR alone, as some terminals save them? A pipe may cut between CR and LF. */
static bool ends_with_returns(const char *text, size_t length)
{
	return length && !memchr(text, '\n', length - 1) && memchr(text, '\r', length - 1);
}

static size_t end_lines(char *text, size_t length)
{
	for (char *at = text; (at = memchr(at, '\r', (size_t)(text + length - at)));)
		*at = '\n';
	return length;
}

/* As iconv names the UTF-16 that begins so; it may have no byte order mark. NULL: it is none. */
static const char *wide_encoding(const char *text, size_t length)
{
	size_t nuls[2] = { 0, 0 }, looked = length < 512 ? length : 512;

	if (length >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2)))
		return "UTF-16";
	for (size_t i = 0; i < looked; i++)
		nuls[i & 1] += !text[i];
	if (looked >= 16 && nuls[1] * 3 > looked && !nuls[0])
		return "UTF-16LE";
	return looked >= 16 && nuls[0] * 3 > looked && !nuls[1] ? "UTF-16BE" : NULL;
}

/* UTF-16 becomes UTF-8 in its place. Half a character is kept for the next block, and what is none becomes "?". */
static size_t convert(struct line_reader *reader, char *text, size_t length)
{
	char *from, *to = text;
	size_t from_left, to_left = 2 * length + 8;

	text_buffer_add(&reader->units, text, length);
	from = reader->units.text;
	from_left = reader->units.length;
	while (from_left >= 2 && iconv(reader->iconv, &from, &from_left, &to, &to_left) == (size_t)-1 && errno == EILSEQ) {
		*to++ = '?';
		to_left--;
		from += 2;
		from_left -= 2;
	}
	memmove(reader->units.text, from, from_left);
	reader->units.length = from_left;
	return (size_t)(to - text);
}

/* The first block shows whether all is UTF-16, as PowerShell's `>` writes it, or has no newlines. */
static size_t read_text(struct line_reader *reader, char *to)
{
	bool first = !reader->number && !reader->begin && !reader->end && !reader->wide;
	size_t n = read_block(reader, to, first || reader->wide ? WIDE_BLOCK : BLOCK);
	const char *encoding = first ? wide_encoding(to, n) : NULL;

	if (first && !reader->part)
		reader->returns = ends_with_returns(to, n);
	if (reader->returns)
		return end_lines(to, n);
	if (encoding) {
		reader->iconv = iconv_open("UTF-8", encoding);
		reader->wide = reader->iconv != (iconv_t)-1;
	}
	return reader->wide ? convert(reader, to, n) : n;
}

/* Appends a block to the buffer; nothing at the end. */
static void reader_fill(struct line_reader *reader)
{
	if (reader->at_end)
		return;
	if (reader->capacity - reader->end <= BLOCK)
		make_room(reader);
	reader->end += read_text(reader, reader->buffer + reader->end);
}

int64_t line_reader_head(struct line_reader *reader, size_t want, const char **head)
{
	while (reader->end - reader->begin < want && !reader->at_end)
		reader_fill(reader);
	*head = reader->buffer ? reader->buffer + reader->begin : ""; /* damaged from its first byte on */
	if (reader->end == reader->begin && reader->failed)
		return reader->failed;
	return (int64_t)(reader->end - reader->begin);
}

/* `more`: so many bytes are only the beginning of a line that is longer than the buffer may become. */
static int deliver(struct line_reader *reader, size_t length, bool cut, bool more, struct line *line)
{
	*line = (struct line){
		.text = reader->buffer + reader->begin, .length = length, .number = ++reader->number, .cut = cut, .more = more
	};
	reader->begin += length + !cut;
	reader->no_newline = 0;
	reader->in_line = more;
	if (!more && length && line->text[length - 1] == '\r')
		line->length--;
	return 1;
}

int line_reader_more(struct line_reader *reader, const char **text, size_t *length)
{
	const char *newline;

	if (!reader->in_line)
		return 0;
	while (reader->end == reader->begin && !reader->at_end)
		reader_fill(reader);
	*text = reader->buffer + reader->begin;
	*length = reader->end - reader->begin;
	if (!*length)
		return reader->failed;
	newline = memchr(*text, '\n', *length);
	if (newline)
		*length = (size_t)(newline - *text);
	reader->in_line = !newline;
	reader->begin += *length + !!newline;
	return 1;
}

static void drop_rest(struct line_reader *reader)
{
	const char *text;
	size_t length;

	while (line_reader_more(reader, &text, &length) == 1)
		;
	reader->in_line = false;
}

int line_reader_next(struct line_reader *reader, struct line *line)
{
	size_t searched = 0;

	if (reader->in_line)
		drop_rest(reader);
	for (;;) {
		size_t left = reader->end - reader->begin;
		const char *from = reader->buffer + reader->begin;
		const char *newline = left > searched ? memchr(from + searched, '\n', left - searched) : NULL;

		if (newline)
			return deliver(reader, (size_t)(newline - from), false, false, line);
		if (left > reader->most)
			return deliver(reader, reader->most, true, true, line);
		if (reader->at_end)
			return left ? deliver(reader, left, true, false, line) : reader->failed;
		searched = left;
		reader_fill(reader);
	}
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* Sixteen bytes at a time; each counter holds 255. */
static uint64_t count_newlines(const char *at, const char *end)
{
	const bytes16 newlines = (bytes16){ 0 } + '\n';
	uint64_t count = 0;

	while (end - at >= 16) {
		const char *stop = (end - at) / 16 > 255 ? at + 255 * 16 : at + (end - at) / 16 * 16;
		bytes16 counters = { 0 }, block;

		for (; at < stop; at += 16) {
			memcpy(&block, at, sizeof(block));
			counters -= (bytes16)(block == newlines);
		}
		for (int i = 0; i < 16; i++)
			count += counters[i];
	}
	for (; at < end; at++)
		count += *at == '\n';
	return count;
}

/* The end of the whole lines in the buffer; NULL: it holds none. */
static const char *whole_lines(struct line_reader *reader)
{
	const char *begin = reader->buffer + reader->begin;
	const char *newline;
	size_t left;

	if (reader->lines_end > reader->begin)
		return reader->buffer + reader->lines_end;
	left = reader->end - reader->begin;
	newline = left > reader->no_newline ? memrchr(begin + reader->no_newline, '\n', left - reader->no_newline) : NULL;
	reader->no_newline = newline ? 0 : left;
	if (newline)
		reader->lines_end = (size_t)(newline - reader->buffer) + 1;
	return newline ? newline + 1 : NULL;
}

int line_reader_find(struct line_reader *reader, const struct log_scan *words, struct line *line)
{
	for (;;) {
		const char *begin, *end, *found, *newline, *next;

		if (reader->in_line)
			drop_rest(reader);
		begin = reader->buffer + reader->begin;
		end = whole_lines(reader);
		if (!end && reader->end - reader->begin > reader->most) {
			deliver(reader, reader->most, true, true, line);
			if (log_scan_find(words, line->text, line->length))
				return 1;
			continue;
		}
		if (!end && !reader->at_end) {
			reader_fill(reader);
			continue;
		}
		if (!end) /* a last line without its newline, or nothing */
			end = reader->buffer + reader->end;
		if (begin == end)
			return reader->failed;
		found = log_scan_find(words, begin, (size_t)(end - begin));
		newline = found ? memrchr(begin, '\n', (size_t)(found - begin)) : NULL;
		next = newline ? newline + 1 : found ? begin : end;
		reader->number += count_newlines(begin, next);
		reader->begin = (size_t)(next - reader->buffer);
		if (found)
			return line_reader_next(reader, line);
	}
}

size_t line_reader_tail(const struct line_reader *reader, const char **tail)
{
	if (!reader->begin) {
		*tail = reader->tail;
		return reader->tail_length;
	}
	*tail = reader->begin < LINE_READER_TAIL ? reader->buffer : reader->buffer + reader->begin - LINE_READER_TAIL;
	return reader->begin < LINE_READER_TAIL ? reader->begin : LINE_READER_TAIL;
}

int line_reader_rest(struct line_reader *reader, const char **text, size_t *length)
{
	while (!reader->at_end)
		reader_fill(reader);
	if (reader->end == reader->capacity)
		make_room(reader);
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
		archive_read_free(reader->archive);
	if (reader->fd > STDERR_FILENO && !reader->part)
		close(reader->fd);
	if (reader->wide)
		iconv_close(reader->iconv);
	free(reader->units.text);
	free(reader->raw);
	free(reader->buffer);
	free(reader);
}
