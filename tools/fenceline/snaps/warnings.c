/* SPDX-License-Identifier: MIT */
#include "snaps/warnings.h"

#include "ingest/xalloc.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_PER_KIND 3

static uint64_t count_kind(struct warnings *warnings, const char *path, const char *format)
{
	for (size_t i = 0; i < warnings->count; i++)
		if (warnings->kinds[i].format == format && !strcmp(warnings->kinds[i].path, path))
			return ++warnings->kinds[i].count;
	XROOM(warnings->kinds, warnings->count);
	warnings->kinds[warnings->count++] = (struct warning_kind){ path, format, 1 };
	return 1;
}

/* Prints and keeps the message, which it takes over. */
static void warnings_tell(struct warnings *warnings, const struct place *place, char *message)
{
	char line[32] = "", column[32] = "", epoch[32] = "", *text;

	if (place->line)
		snprintf(line, sizeof line, ":%" PRIu64, place->line);
	if (place->line && place->column)
		snprintf(column, sizeof column, ":%" PRIu64, place->column);
	if (place->epoch)
		snprintf(epoch, sizeof epoch, ": epoch %" PRIu64, place->epoch);
	text = xasprintf("%s%s%s%s: %s", place->path, line, column, epoch, message);
	fprintf(stderr, "fenceline: %s\n", text);
	XROOM(warnings->told, warnings->told_count)[warnings->told_count] = text;
	warnings->told_count++;
	free(message);
}

#define QUOTED_MOST 36 /* two numbers of 64 bits and what is between */

void warn_interval(struct warnings *warnings, const struct place *place, const char *whose, const char *text, const char *at,
                   const char *end)
{
	size_t length = 0;

	warnings->total++;
	if (count_kind(warnings, place->path, text) > TOLD_PER_KIND)
		return;
	while (at + length < end && length < QUOTED_MOST && (isxdigit((unsigned char)at[length]) || at[length] == '~'))
		length++;
	warnings_tell(warnings, place, xasprintf("%s%.*s%s%s", whose, (int)length, at, length ? ": " : "", text));
}

void warn_at(struct warnings *warnings, const struct place *place, const char *format, ...)
{
	char *message;
	va_list args;

	warnings->total++;
	if (count_kind(warnings, place->path, format) > TOLD_PER_KIND)
		return;
	va_start(args, format);
	if (vasprintf(&message, format, args) >= 0)
		warnings_tell(warnings, place, message);
	va_end(args);
}

void warnings_finish(struct warnings *warnings)
{
	uint64_t more = 0;

	for (size_t i = 0; i < warnings->count; i++)
		if (warnings->kinds[i].count > TOLD_PER_KIND)
			more += warnings->kinds[i].count - TOLD_PER_KIND;
	if (more)
		fprintf(stderr, "fenceline: and %" PRIu64 " more warnings like these\n", more);
}

void warnings_free(struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->told_count; i++)
		free(warnings->told[i]);
	free(warnings->told);
	free(warnings->kinds);
	memset(warnings, 0, sizeof *warnings);
}
