/* SPDX-License-Identifier: MIT */
#include "ingest/log_partial.h"

#include <errno.h>
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

static int append(struct log_partial *partial, const char *text, size_t length)
{
	char *grown;

	if (length > LOG_PARTIAL_MOST - partial->length)
		length = LOG_PARTIAL_MOST - partial->length;
	grown = realloc(partial->text, partial->length + length + 1);
	if (!grown)
		return -ENOMEM;
	partial->text = grown;
	memcpy(grown + partial->length, text, length);
	partial->length += length;
	grown[partial->length] = '\0';
	return 0;
}

static int begin(struct log_partial *partial, const struct line *line, const struct piece *piece)
{
	partial->length = 0;
	if (append(partial, line->text, line->length))
		return -ENOMEM;
	if (piece->tag < partial->length)
		partial->text[piece->tag] = 'F';
	memcpy(partial->stream, piece->stream, 6);
	return 1;
}

int log_partial_take(struct log_partial *partial, struct line *line)
{
	struct piece piece;
	bool goes_on;

	if (!is_piece(line, &piece))
		return 0;
	partial->number = line->number;
	goes_on = line->text[piece.tag] == 'P';
	if (!*partial->stream)
		return goes_on ? begin(partial, line, &piece) : 0;
	if (memcmp(partial->stream, piece.stream, 6)) /* the other stream's lines come between */
		return 0;
	if (append(partial, line->text + piece.text, line->length - piece.text))
		return -ENOMEM;
	if (goes_on)
		return 1;
	partial->stream[0] = '\0';
	line->text = partial->text;
	line->length = partial->length;
	return 0;
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
	*line = (struct line){ .text = partial->text, .length = partial->length, .number = partial->number, .cut = true };
	return true;
}

void log_partial_free(struct log_partial *partial)
{
	free(partial->text);
	*partial = (struct log_partial){ 0 };
}
