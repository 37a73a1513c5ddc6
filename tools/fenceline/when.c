/* SPDX-License-Identifier: MIT */
#include "when.h"
#include "ingest/event.h"
#include "ingest/tz.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "90", "15m", "2h", "1.5d" */
static int parse_span(const char *text, int64_t *ns)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char *end;
	double number = strtod(text, &end);

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (end != text && number >= 0 && number < 1e9 && *end == units[i].unit && (!*end || !end[1])) {
			*ns = (int64_t)(number * (double)units[i].seconds * NS_PER_S);
			return 0;
		}
	return -EINVAL;
}

/* Nanoseconds as in the JSON, microseconds as in a journal, milliseconds as in a dashboard's address, else seconds: what has more
 * digits than the unit above it can have before the year 5138 is of the next one. */
static int64_t epoch_unit(int64_t number)
{
	const int64_t year_5138 = 100000000000LL;

	if (number < year_5138)
		return NS_PER_S;
	return number < year_5138 * 1000 ? NS_PER_MS : number < year_5138 * 1000000 ? NS_PER_MS / 1000 : 1;
}

static bool parse_epoch(const char *text, struct when *when)
{
	char *end;
	long long whole;
	int64_t fraction = 0, scale = NS_PER_S;

	errno = 0;
	whole = strtoll(text, &end, 10);
	if (end == text || errno || end - text < 5)
		return false;
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++)
			if (scale > 1)
				fraction += (*end - '0') * (scale /= 10);
	if (*end)
		return false;
	when->kind = WHEN_ABSOLUTE;
	when->ns = whole * epoch_unit(whole) + fraction;
	return true;
}

/* Is it a stamp once what is missing is added? */
static bool parse_stamp(const char *text, const char *tz, int64_t *ns)
{
	static const char *const completions[] = { "", ":00", "T00:00:00" };
	char stamp[96];
	const struct stamp_zone zone = { .tz = tz ? tz : "UTC" };
	struct stamp parsed;

	for (size_t i = 0; i < sizeof completions / sizeof *completions && strlen(text) < 64; i++) {
		snprintf(stamp, sizeof stamp, "%s%s", text, completions[i]);
		if (stamp_parse(stamp, &zone, &parsed) == strlen(stamp)) {
			*ns = parsed.ns;
			return true;
		}
	}
	return false;
}

/* That time on the day that is `days` after the one (in UTC) of near_ns. */
static bool clock_on_day(const char *clock, const char *tz, int64_t near_ns, int days, int64_t *ns)
{
	time_t day = (time_t)(near_ns / NS_PER_S) + (time_t)days * 86400;
	char stamp[96], date[16];
	struct tm utc;

	if (!gmtime_r(&day, &utc) || !strftime(date, sizeof date, "%Y-%m-%d", &utc) || strlen(clock) > 64)
		return false;
	snprintf(stamp, sizeof stamp, "%sT%s", date, clock);
	return parse_stamp(stamp, tz, ns);
}

static bool is_clock(const char *text)
{
	return isdigit((unsigned char)text[0]) && (text[1] == ':' || (isdigit((unsigned char)text[1]) && text[2] == ':'));
}

bool when_parse(const char *text, const char *tz, struct when *when)
{
	char padded[80];
	int64_t ns;

	memset(when, 0, sizeof *when);
	if (*text == '-' || !strcmp(text, "now")) {
		when->kind = WHEN_BEFORE_END;
		return !parse_span(*text == '-' ? text + 1 : "0", &when->ns);
	}
	if (*text == '+') {
		when->kind = WHEN_AFTER_BEGIN;
		return !parse_span(text + 1, &when->ns);
	}
	if (is_clock(text)) {
		snprintf(padded, sizeof padded, "%s%s", text[1] == ':' ? "0" : "", text);
		*when = (struct when){ .kind = WHEN_CLOCK, .clock = text, .tz = tz };
		return clock_on_day(padded, tz, 86400 * NS_PER_S, 0, &ns);
	}
	when->kind = WHEN_ABSOLUTE;
	return *text && (parse_epoch(text, when) || parse_stamp(text, tz, &when->ns));
}

/* The last such moment at or before end_ns; its day in the zone may be the one before or after that in UTC. */
static int64_t last_clock(const struct when *when, int64_t end_ns)
{
	char padded[80];
	int64_t ns;

	snprintf(padded, sizeof padded, "%s%s", when->clock[1] == ':' ? "0" : "", when->clock);
	for (int days = 1; days >= -2; days--)
		if (clock_on_day(padded, when->tz, end_ns, days, &ns) && ns <= end_ns)
			return ns;
	return end_ns;
}

int64_t since_resolve(const struct when *when, int64_t begin_ns, int64_t end_ns)
{
	switch (when->kind) {
	case WHEN_ABSOLUTE:
		return when->ns;
	case WHEN_BEFORE_END:
		return end_ns - when->ns;
	case WHEN_AFTER_BEGIN:
		return begin_ns + when->ns;
	case WHEN_CLOCK:
		return last_clock(when, end_ns);
	case WHEN_UNBOUNDED:
		break;
	}
	return INT64_MIN;
}

int64_t until_resolve(const struct when *when, int64_t since_ns, int64_t begin_ns, int64_t end_ns)
{
	int64_t from_ns = since_ns == INT64_MIN ? begin_ns : since_ns;

	switch (when->kind) {
	case WHEN_UNBOUNDED:
		return INT64_MAX;
	case WHEN_CLOCK:
		return last_clock(when, from_ns + 86400 * NS_PER_S); /* the first one after it */
	default:
		return since_resolve(when, from_ns, end_ns);
	}
}
