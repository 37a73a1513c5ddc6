/* SPDX-License-Identifier: MIT */
/*
 * Lines of a text file or of stdin, plain or compressed (whatever libarchive knows: gzip, bzip2, xz, zstd, lz4 …; told by
 * content, not by name), and UTF-16 that begins with its mark is read as UTF-8. Lines may be of any length and hold any byte; of
 * a line longer than LINE_READER_MOST the first so many bytes are a line, the rest comes in pieces to who asks for it and is
 * dropped else, so memory stays bounded whatever a file holds. Single-threaded.
 */
#ifndef FENCELINE_INGEST_LINE_READER_H
#define FENCELINE_INGEST_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line {
	const char *text; /* borrowed until the next call; not terminated, newline (and a CR before it) excluded */
	size_t length;
	uint64_t number; /* from 1 */
	bool cut;        /* the input ended before a newline: the line may be half written */
	bool more;       /* it goes on: line_reader_more has the rest */
};

#define LINE_READER_MOST ((size_t)12 << 20) /* a set of a million intervals fits */

struct line_reader;
struct log_scan;

/* path "-" is stdin. Returns 0 and *reader, or -errno (-EISDIR for a folder). */
int line_reader_open(const char *path, struct line_reader **reader);

/* So many plain bytes of an open file, from `at` on; `lines` stand before them. The file stays the caller's, and open. */
struct line_reader *line_reader_part(int fd, uint64_t at, uint64_t length, uint64_t lines);

/* Do its first bytes, six or all there are, say that it is compressed? */
bool line_reader_is_compressed(const char *magic, size_t length);

/* Lines are cut after so many bytes already, at most LINE_READER_MOST: for who takes the rest in pieces anyway. */
void line_reader_limit(struct line_reader *reader, size_t most);

/* The first bytes of the input, decompressed: at least `want` unless it is shorter. Call it before the first line_reader_next.
 * Returns the number of bytes (0: the input is empty) or -errno. The text is borrowed until the next call. */
int64_t line_reader_head(struct line_reader *reader, size_t want, const char **head);

/* 1: *line is the next one; 0: the end; -errno: reading failed, line_reader_error says why. All lines before the damage have
 * been delivered by then. */
int line_reader_next(struct line_reader *reader, struct line *line);

/* The next piece of the line that line_reader_next has delivered with `more`, at most LINE_READER_MOST bytes, borrowed until the
 * next call. 1; 0: the line is at its end; -errno as above. */
int line_reader_more(struct line_reader *reader, const char **text, size_t *length);

/* The same for the next line that holds one of the words (log_scan.h). The lines between are only counted. Of a line longer than
 * LINE_READER_MOST the rest is not searched. */
int line_reader_find(struct line_reader *reader, const struct log_scan *words, struct line *line);

/* The last bytes of what has been delivered or skipped, at most LINE_READER_TAIL. Borrowed until close. */
#define LINE_READER_TAIL ((size_t)4096)
size_t line_reader_tail(const struct line_reader *reader, const char **tail);

/* All that is left, as one terminated buffer of *length bytes, borrowed until close. For inputs that are one document. Returns
 * 0 or -errno. */
int line_reader_rest(struct line_reader *reader, const char **text, size_t *length);

const char *line_reader_error(const struct line_reader *reader); /* "" if nothing failed */
void line_reader_close(struct line_reader *reader);

#endif
