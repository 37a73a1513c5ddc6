/* SPDX-License-Identifier: MIT */
#include "ingest/log_partial.h"

#include <stdlib.h>
#include <string.h>

struct piece {
	const char *stream; /* in the line: "stderr" or "stdout" */
	size_t tag;         /* where in the line P or F stands */
	size_t text;        /* where its text begins */
};

static bool is_piece(const struct line *line, struct piece *piece)
{
	const char *end = line->text + line->length, *blank = memchr(line->text, ' ', line->length < 64 ? line->length : 64);

	if (!blank || end - blank < 10 || line->text[0] != '2' ||
	    (memcmp(blank, " stderr ", 8) && memcmp(blank, " stdout ", 8)) || (blank[8] != 'P' && blank[8] != 'F') ||
	    blank[9] != ' ')
		return false;
	piece->stream = blank + 1;
	piece->tag = (size_t)(blank + 8 - line->text);
	piece->text = piece->tag + 2;
	return true;
}

static void partial_append(struct log_partial *partial, const char *text, size_t length)
{
	if (length > LOG_PARTIAL_MOST - partial->text.length)
		length = LOG_PARTIAL_MOST - partial->text.length;
	text_buffer_add(&partial->text, text, length);
}

static void partial_begin(struct log_partial *partial, const struct line *line, const struct piece *piece)
{
	partial->text.length = 0;
	partial_append(partial, line->text, line->length);
	if (piece->tag < partial->text.length)
		partial->text.text[piece->tag] = 'F';
	memcpy(partial->stream, piece->stream, 6);
}

bool log_partial_take(struct log_partial *partial, struct line *line)
{
	struct piece piece;
	bool goes_on;

	if (!is_piece(line, &piece))
		return false;
	partial->number = line->number;
	goes_on = line->text[piece.tag] == 'P';
	if (!*partial->stream) {
		if (goes_on)
			partial_begin(partial, line, &piece);
		return goes_on;
	}
	if (memcmp(partial->stream, piece.stream, 6)) /* the other stream's lines come between */
		return false;
	partial_append(partial, line->text + piece.text, line->length - piece.text);
	if (goes_on)
		return true;
	partial->stream[0] = '\0';
	line->text = partial->text.text;
	line->length = partial->text.length;
	return false;
}

bool log_partial_is_open(const struct log_partial *partial)
{
	return *partial->stream;
}

bool log_partial_end(struct log_partial *partial, struct line *line)
{
	if (!*partial->stream)
		return false;
	partial->stream[0] = '\0';
	*line = (struct line){
		.text = partial->text.text, .length = partial->text.length, .number = partial->number, .cut = true
	};
	return true;
}

void log_partial_free(struct log_partial *partial)
{
	free(partial->text.text);
	*partial = (struct log_partial){ 0 };
}
