/* SPDX-License-Identifier: MIT */
#include "snaps/warnings.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_PER_KIND 3

static uint64_t count_kind(struct warnings *warnings, const char *path, const char *format)
{
	struct warning_kind *kinds;

	for (size_t i = 0; i < warnings->count; i++)
		if (warnings->kinds[i].format == format && !strcmp(warnings->kinds[i].path, path))
			return ++warnings->kinds[i].count;
	if (warnings->count == warnings->capacity) {
		kinds = reallocarray(warnings->kinds, warnings->capacity + 16, sizeof *kinds);
		if (!kinds)
			return 1; /* told each time: better than not at all */
		warnings->kinds = kinds;
		warnings->capacity += 16;
	}
	warnings->kinds[warnings->count++] = (struct warning_kind){ path, format, 1 };
	return 1;
}

static void keep(struct warnings *warnings, char *text)
{
	char **told = reallocarray(warnings->told, warnings->told_count + 1, sizeof *told);

	if (!told) {
		free(text);
		return;
	}
	warnings->told = told;
	told[warnings->told_count++] = text;
}

static char *where(const struct place *place)
{
	char *text, epoch[32] = "", column[32] = "";
	int ret;

	if (place->epoch)
		snprintf(epoch, sizeof epoch, ": epoch %" PRIu64, place->epoch);
	if (place->column)
		snprintf(column, sizeof column, ":%" PRIu64, place->column);
	if (place->line)
		ret = asprintf(&text, "%s:%" PRIu64 "%s%s", place->path, place->line, column, epoch);
	else
		ret = asprintf(&text, "%s%s", place->path, epoch);
	return ret < 0 ? NULL : text;
}

/* Prints and keeps the message, which it takes over. */
static void tell(struct warnings *warnings, const struct place *place, char *message)
{
	char *at = where(place), *text = NULL;

	if (at && message && asprintf(&text, "%s: %s", at, message) >= 0) {
		fprintf(stderr, "fenceline: %s\n", text);
		keep(warnings, text);
	}
	free(message);
	free(at);
}

#define QUOTED_MOST 36 /* two numbers of 64 bits and what is between */

void warn_interval(struct warnings *warnings, const struct place *place, const char *whose, const char *text, const char *at,
                   const char *end)
{
	size_t length = 0;
	char *message;

	warnings->total++;
	if (count_kind(warnings, place->path, text) > TOLD_PER_KIND)
		return;
	while (at + length < end && length < QUOTED_MOST && (isxdigit((unsigned char)at[length]) || at[length] == '~'))
		length++;
	if (asprintf(&message, "%s%.*s%s%s", whose, (int)length, at, length ? ": " : "", text) >= 0)
		tell(warnings, place, message);
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
		tell(warnings, place, message);
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
