/* SPDX-License-Identifier: MIT */
#include "ingest/log_pieces.h"

#include "ingest/text_in.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define STREAM    strlen(" stderr ")
#define TIMESTAMP "__REALTIME_TIMESTAMP=" /* in µs; systemd's Journal Export Format */
#define MESSAGE   "MESSAGE="
#define HEAD      128

/* Where in the line P or F stands, behind the stream and before the text; 0: it is no piece. */
static size_t tag_of(const struct line *line)
{
	const char *blank = memchr(line->text, ' ', line->length < 64 ? line->length : 64);
	size_t tag = blank ? (size_t)(blank - line->text) + STREAM : 0;

	if (!tag || line->length < tag + 2 || line->text[0] != '2' ||
	    (memcmp(blank, " stderr ", STREAM) && memcmp(blank, " stdout ", STREAM)))
		return 0;
	return char_in(line->text[tag], "PF") && line->text[tag + 1] == ' ' ? tag : 0;
}

static void pieces_append(struct log_pieces *pieces, const char *text, size_t length)
{
	if (length > LOG_PIECES_MOST - pieces->text.length)
		length = LOG_PIECES_MOST - pieces->text.length;
	text_buffer_add(&pieces->text, text, length);
}

/* The line as if it were whole. */
static void pieces_begin(struct log_pieces *pieces, const struct line *line, size_t tag)
{
	pieces->text.length = 0;
	pieces_append(pieces, line->text, line->length);
	pieces->text.text[tag] = 'F';
	memcpy(pieces->stream, line->text + tag - STREAM + 1, 6);
}

static void pieces_give(struct log_pieces *pieces, struct line *line)
{
	pieces->stream[0] = '\0';
	line->text = pieces->text.text;
	line->length = pieces->text.length;
}

bool log_pieces_take(struct log_pieces *pieces, struct line *line)
{
	size_t tag = tag_of(line);
	bool goes_on = tag && line->text[tag] == 'P';

	if (!tag)
		return false;
	pieces->number = line->number;
	if (!*pieces->stream) {
		if (goes_on)
			pieces_begin(pieces, line, tag);
		return goes_on;
	}
	if (memcmp(pieces->stream, line->text + tag - STREAM + 1, 6)) /* the other stream's lines come between */
		return false;
	pieces_append(pieces, line->text + tag + 2, line->length - tag - 2);
	if (!goes_on)
		pieces_give(pieces, line);
	return goes_on;
}

bool log_pieces_end(struct log_pieces *pieces, struct line *line)
{
	if (!*pieces->stream)
		return false;
	*line = (struct line){ .number = pieces->number, .cut = true };
	pieces_give(pieces, line);
	return true;
}

bool log_pieces_stamp(struct log_pieces *pieces, const struct line *line, const struct stamp_zone *zone)
{
	size_t taken;
	struct stamp stamp = { 0 };
	unsigned long long us;
	char head[HEAD], *end;

	if (!line->length || (*line->text != '_' && !isupper((unsigned char)*line->text)))
		return false;
	text_copy(head, sizeof(head), line->text, line->length);
	if (!strncmp(head, TIMESTAMP, strlen(TIMESTAMP))) {
		us = strtoull(head + strlen(TIMESTAMP), &end, 10);
		if (!*end && us < INT64_MAX / 1000)
			stamp = (struct stamp){ .ns = (int64_t)us * 1000, .has_zone = true };
	} else { /* "Wed 2024-03-27 12:59:18.620123 UTC [s=5b;i=1;b=2;m=3;t=4;x=5]" */
		taken = stamp_parse_full(head, zone, &stamp);
		if (!taken || strncmp(head + taken, " [s=", 4))
			return false;
	}
	pieces->stamp = stamp;
	return true;
}

void log_pieces_give_stamp(const struct log_pieces *pieces, const struct line *line, struct stamp *stamp)
{
	size_t blanks = text_run(line->text, line->length, " ");

	if (!stamp->ns && pieces->stamp.ns && line->length - blanks > strlen(MESSAGE) &&
	    !memcmp(line->text + blanks, MESSAGE, strlen(MESSAGE)))
		*stamp = pieces->stamp;
}
