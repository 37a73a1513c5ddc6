/* SPDX-License-Identifier: MIT */
#include "ingest/tz.h"
#include "ingest/text_in.h"
#include "ingest/xalloc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY      86400
#define NS_PER_S INT64_C(1000000000)

/* Reads exactly `count` digits; -1 if there are fewer. */
static int digits(const char *text, int count)
{
	int number = 0;

	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + text[i] - '0';
	}
	return number;
}

/* "Z", "+08:00", "+0800", "+08": seconds east of UTC. Returns the characters taken, 0 if it is none of them. */
static size_t parse_offset(const char *text, long *seconds)
{
	int hours, minutes = 0;
	size_t taken = 3;

	*seconds = 0;
	if (*text == 'Z')
		return 1;
	if (*text != '+' && *text != '-')
		return 0;
	hours = digits(text + 1, 2);
	if (hours < 0 || hours > 14)
		return 0;
	if (text[3] == ':' && digits(text + 4, 2) >= 0) {
		minutes = digits(text + 4, 2);
		taken = 6;
	} else if (digits(text + 3, 2) >= 0) {
		minutes = digits(text + 3, 2);
		taken = 5;
	}
	if (minutes > 59)
		return 0;
	*seconds = (hours * 60L + minutes) * 60 * (*text == '-' ? -1 : 1);
	return taken;
}

static bool zone_file_exists(const char *name)
{
	const char *folder = getenv("TZDIR");
	char path[512], magic[4];
	FILE *file;
	bool valid;

	/* A name, not a path: it must not lead out of the folder of zones. */
	if (!*name || *name == '/' || strstr(name, "..") || strlen(name) > 128)
		return false;
	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "/usr/share/zoneinfo", name);
	file = fopen(path, "re");
	valid = file && fread(magic, sizeof(magic), 1, file) == 1 && !memcmp(magic, "TZif", sizeof(magic));
	if (file)
		fclose(file);
	return valid;
}

bool tz_valid(const char *tz)
{
	long seconds;

	if (!strcmp(tz, "UTC") || !strcmp(tz, "GMT"))
		return true;
	if (*tz == '+' || *tz == '-' || *tz == 'Z')
		return parse_offset(tz, &seconds) == strlen(tz) && *tz;
	return zone_file_exists(tz);
}

static struct stamp later(struct stamp stamp, int64_t ns)
{
	stamp.ns += ns;
	stamp.again_ns += stamp.again_ns ? ns : 0;
	return stamp;
}

/* When the clock of a zone shows `wall`, in seconds as if it were UTC: by the offset of the day before, or of the day after. */
static struct stamp ask_zone(int64_t wall, const char *tz)
{
	char *before = getenv("TZ") ? xstrdup(getenv("TZ")) : NULL;
	time_t at[2] = { (time_t)wall - DAY, (time_t)wall + DAY };
	struct tm tm[2];
	bool right[2];

	setenv("TZ", tz, 1);
	tzset();
	for (int i = 0; i < 2; i++) {
		localtime_r(&at[i], &tm[i]);
		at[i] = (time_t)wall - tm[i].tm_gmtoff;
		localtime_r(&at[i], &tm[i]);
		right[i] = at[i] + tm[i].tm_gmtoff == wall;
	}
	if (before)
		setenv("TZ", before, 1);
	else
		unsetenv("TZ");
	tzset();
	free(before);
	if (right[0] && right[1] && tm[0].tm_isdst != tm[1].tm_isdst)
		return (struct stamp){ .ns = at[0] * NS_PER_S, .again_ns = at[1] * NS_PER_S };
	/* What neither shows was left out in spring, and counts as standard time. */
	if (right[0] || (!right[1] && tm[0].tm_isdst >= tm[1].tm_isdst))
		return (struct stamp){ .ns = at[0] * NS_PER_S };
	return (struct stamp){ .ns = at[1] * NS_PER_S };
}

/* A zone's offset changes at a full quarter of an hour if at all, and to ask for a zone is slow. */
static struct stamp in_same_quarter(int64_t wall, const char *tz)
{
	static char last_tz[64];
	static int64_t last_wall = INT64_MIN;
	static struct stamp last;

	if (wall / 900 != last_wall / 900 || strcmp(tz, last_tz)) {
		last = ask_zone(wall, tz);
		last_wall = wall;
		snprintf(last_tz, sizeof(last_tz), "%s", tz);
	}
	return later(last, (wall - last_wall) * NS_PER_S);
}

static struct stamp when_shown(struct tm *tm, const char *tz)
{
	long offset;

	if (!strcmp(tz, "UTC") || !strcmp(tz, "GMT"))
		return (struct stamp){ .ns = timegm(tm) * NS_PER_S };
	if (parse_offset(tz, &offset))
		return (struct stamp){ .ns = (timegm(tm) - offset) * NS_PER_S };
	return in_same_quarter(timegm(tm), tz);
}

/* Of the fraction after the point, nanoseconds; more than nine digits are cut. */
static size_t parse_fraction(const char *text, int64_t *nanoseconds)
{
	int64_t unit = 100000000;
	size_t taken = 0;

	*nanoseconds = 0;
	if (*text != '.' && *text != ',')
		return 0;
	for (taken = 1; isdigit((unsigned char)text[taken]); taken++) {
		*nanoseconds += (text[taken] - '0') * unit;
		unit /= 10;
	}
	return taken;
}

/* "15:53:40", 8 characters. */
static bool parse_clock(const char *text, struct tm *tm)
{
	tm->tm_hour = digits(text, 2);
	tm->tm_min = tm->tm_hour < 0 || text[2] != ':' ? -1 : digits(text + 3, 2);
	tm->tm_sec = tm->tm_min < 0 || text[5] != ':' ? -1 : digits(text + 6, 2);
	return tm->tm_sec >= 0 && tm->tm_hour <= 23 && tm->tm_min <= 59 && tm->tm_sec <= 60;
}

/* The date and the time of day, 19 characters. */
static bool parse_date(const char *text, struct tm *tm)
{
	*tm = (struct tm){ .tm_year = digits(text, 4) - 1900 };
	if (tm->tm_year < 70 || tm->tm_year > 300 || text[4] != '-')
		return false;
	tm->tm_mon = digits(text + 5, 2) - 1;
	if (tm->tm_mon < 0 || tm->tm_mon > 11 || text[7] != '-')
		return false;
	tm->tm_mday = digits(text + 8, 2);
	return tm->tm_mday >= 1 && tm->tm_mday <= 31 && (text[10] == ' ' || text[10] == 'T') && parse_clock(text + 11, tm);
}

size_t stamp_parse(const char *text, const struct stamp_zone *zone, struct stamp *stamp)
{
	struct tm tm;
	int64_t fraction;
	long offset;
	size_t taken = 19, named;

	if (!parse_date(text, &tm))
		return 0;
	taken += parse_fraction(text + taken, &fraction);
	named = parse_offset(text + taken, &offset);
	*stamp = named ? (struct stamp){ .ns = (timegm(&tm) - offset) * NS_PER_S, .has_zone = true } : when_shown(&tm, zone->tz);
	*stamp = later(*stamp, fraction);
	return taken + named;
}

int64_t stamp_of(const char *text, size_t length, const char *tz)
{
	const struct stamp_zone zone = { .tz = tz };
	struct stamp stamp;
	char copy[48];

	text_copy(copy, sizeof(copy), text, length);
	return stamp_parse(copy, &zone, &stamp) ? stamp.ns : 0;
}

/* "Mar": 0 to 11; -1 if it is none. */
static int parse_month(const char *text)
{
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	for (int i = 0; i < 12; i++)
		if (!strncmp(text, months[i], 3))
			return i;
	return -1;
}

/* "Mar 12 15:53:40", 15 characters. */
static bool parse_short_date(const char *text, struct tm *tm)
{
	*tm = (struct tm){ .tm_mon = parse_month(text) };
	if (tm->tm_mon < 0 || text[3] != ' ')
		return false;
	tm->tm_mday = text[4] == ' ' ? digits(text + 5, 1) : digits(text + 4, 2);
	return tm->tm_mday >= 1 && tm->tm_mday <= 31 && text[6] == ' ' && parse_clock(text + 7, tm);
}

/* A day and a time, in the year that puts them nearest to zone->near_ns, with the fraction that stands `behind`. Returns how many
 * characters that takes. */
static size_t put_in_year(struct tm *tm, const char *behind, const struct stamp_zone *zone, struct stamp *stamp)
{
	time_t near = (time_t)(zone->near_ns / NS_PER_S), latest = near + DAY;
	struct tm reference, normalised;
	bool no_leap_day;
	int64_t fraction;
	size_t taken = parse_fraction(behind, &fraction);

	gmtime_r(&near, &reference);
	tm->tm_year = reference.tm_year + 2;
	do {
		tm->tm_year--;
		normalised = *tm;
		*stamp = when_shown(&normalised, zone->tz);
		/* 29 February is in one year of four, or of eight */
		no_leap_day = tm->tm_mon == 1 && tm->tm_mday == 29 && normalised.tm_mon != 1;
	} while (no_leap_day || stamp->ns > latest * NS_PER_S);
	*stamp = later(*stamp, fraction);
	stamp->no_year = true;
	return taken;
}

size_t stamp_parse_syslog(const char *text, const struct stamp_zone *zone, struct stamp *stamp)
{
	struct tm tm;

	return parse_short_date(text, &tm) ? 15 + put_in_year(&tm, text + 15, zone, stamp) : 0;
}

size_t stamp_parse_klog(const char *text, const struct stamp_zone *zone, struct stamp *stamp)
{
	struct tm tm = { 0 };
	size_t fraction;

	if (!*text || !strchr("IWEF", *text) || (tm.tm_mon = digits(text + 1, 2) - 1) < 0 || tm.tm_mon > 11 ||
	    (tm.tm_mday = digits(text + 3, 2)) < 1 || tm.tm_mday > 31 || text[5] != ' ' || !parse_clock(text + 6, &tm))
		return 0;
	fraction = put_in_year(&tm, text + 14, zone, stamp);
	return fraction ? 14 + fraction : 0;
}

size_t stamp_parse_full(const char *text, const struct stamp_zone *zone, struct stamp *stamp)
{
	static const struct stamp_zone utc = { .tz = "UTC" };
	static const char days[] = "Mon Tue Wed Thu Fri Sat Sun ";
	char day[5] = "";
	size_t taken, name;
	long offset = 0;

	if (strnlen(text, 5) < 5)
		return 0;
	memcpy(day, text, 4);
	if (day[3] != ' ' || !strstr(days, day) || !(taken = stamp_parse(text + 4, zone, stamp)))
		return 0;
	taken += 4;
	if (text[taken] != ' ')
		return taken;
	text += taken + 1;
	name = !strncmp(text, "UTC ", 4) || !strncmp(text, "GMT ", 4) ? 3 : parse_offset(text, &offset);
	if (name) {
		stamp_parse(text - taken + 3, &utc, stamp);
		stamp->ns -= offset * NS_PER_S;
		stamp->has_zone = true;
	} else {
		name = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		stamp->odd_zone = name;
	}
	return name && text[name] == ' ' ? taken + 1 + name : 0;
}

size_t stamp_parse_unix(const char *text, const struct stamp_zone *zone, struct stamp *stamp)
{
	int64_t seconds = 0, fraction;
	size_t taken = 0;

	(void)zone;
	for (; isdigit((unsigned char)text[taken]); taken++) {
		if (taken == 10)
			return 0;
		seconds = seconds * 10 + text[taken] - '0';
	}
	if (taken < 9 || seconds > 7258118400 /* the year 2200, as elsewhere */ || text[taken] != '.')
		return 0;
	taken += parse_fraction(text + taken, &fraction);
	*stamp = (struct stamp){ .ns = seconds * NS_PER_S + fraction, .has_zone = true };
	return taken;
}

size_t stamp_parse_dmesg(const char *text, const struct stamp_zone *zone, struct stamp *stamp)
{
	struct tm tm;
	int year;

	/* A weekday that is none is no matter. */
	if (*text != '[' || strnlen(text, 26) < 26 || text[4] != ' ' || !parse_short_date(text + 5, &tm) || text[20] != ' ')
		return 0;
	year = digits(text + 21, 4);
	if (year < 1970 || year > 2200 || text[25] != ']')
		return 0;
	tm.tm_year = year - 1900;
	*stamp = when_shown(&tm, zone->tz);
	return 26;
}
