/* SPDX-License-Identifier: MIT */
/* Times as --since and --until take them. */
#ifndef FENCELINE_WHEN_H
#define FENCELINE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

struct when { /* --since, --until */
	enum {
		WHEN_UNBOUNDED,
		WHEN_ABSOLUTE,    /* ns since the epoch */
		WHEN_BEFORE_END,  /* ns before the end of the inputs */
		WHEN_AFTER_BEGIN, /* ns after --since; of --since itself: after the beginning of the inputs */
		WHEN_CLOCK,       /* a time of day, as written in `clock` */
	} kind;
	int64_t ns;
	const char *clock, *tz; /* borrowed from argv */
};

/* "2026-11-22T21:41:07.5Z", "2026-11-22 21:41", "1700000000.5", "-10m" (before the end of the inputs), "-90" (seconds), "+5m",
 * "21:41" (a time of day). Without a zone the time is in tz (NULL: UTC). False if it is none of these. */
bool when_parse(const char *text, const char *tz, struct when *when);
/* The moment that is meant in inputs from begin_ns to end_ns; INT64_MIN and INT64_MAX if none. A time of day is the last such
 * moment before the end of the inputs; of an --until (since_ns: what --since came to, INT64_MIN if not given) the first one after
 * --since. */
int64_t since_resolve(const struct when *when, int64_t begin_ns, int64_t end_ns);
int64_t until_resolve(const struct when *when, int64_t since_ns, int64_t begin_ns, int64_t end_ns);

#endif
