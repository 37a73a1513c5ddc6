/* SPDX-License-Identifier: MIT */
#include "snaps/warnings.h"

#include "ingest/xalloc.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_PER_KIND 3

/* Counts the warning. False: its kind has been told often enough. */
static bool worth_telling(struct warnings *warnings, const char *path, const char *format)
{
	size_t i = 0;

	warnings->total++;
	while (i < warnings->count && (warnings->kinds[i].format != format || strcmp(warnings->kinds[i].path, path)))
		i++;
	if (i == warnings->count) {
		XROOM(warnings->kinds, warnings->count);
		warnings->kinds[warnings->count++] = (struct warning_kind){ path, format, 0 };
	}
	return warnings->kinds[i].count++ < TOLD_PER_KIND;
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

	if (!worth_telling(warnings, place->path, text))
		return;
	while (at + length < end && length < QUOTED_MOST && (isxdigit((unsigned char)at[length]) || at[length] == '~'))
		length++;
	warnings_tell(warnings, place, xasprintf("%s%.*s%s%s", whose, (int)length, at, length ? ": " : "", text));
}

void warn_at(struct warnings *warnings, const struct place *place, const char *format, ...)
{
	va_list args;

	if (!worth_telling(warnings, place->path, format))
		return;
	va_start(args, format);
	warnings_tell(warnings, place, xvasprintf(format, args));
	va_end(args);
}

void warnings_finish(struct warnings *warnings)
{
	if (warnings->total > warnings->told_count)
		fprintf(stderr, "fenceline: and %" PRIu64 " more warnings like these\n", warnings->total - warnings->told_count);
}

void warnings_free(struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->told_count; i++)
		free(warnings->told[i]);
	free(warnings->told);
	free(warnings->kinds);
	memset(warnings, 0, sizeof *warnings);
}
