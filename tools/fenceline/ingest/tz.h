/* SPDX-License-Identifier: MIT */
/* Time zones of logs, and their stamps. Internal to ingest/. Not thread-safe: a named zone goes through TZ. */
#ifndef FENCELINE_INGEST_TZ_H
#define FENCELINE_INGEST_TZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a stamp that names no zone, or no year, is taken for. */
struct stamp_zone {
	const char *tz;  /* valid */
	int64_t near_ns; /* a year is such that the stamp lies nearest to this, and at most a day after it */
};

/* "UTC", "Z", an offset ("+08:00", "+0800", "-03"), or a name that the system's zone files have. */
bool tz_valid(const char *tz);

struct stamp {
	int64_t ns;       /* since the epoch; 0: there is none */
	int64_t again_ns; /* its second pass, where a clock shows it twice, as in the night when summer time ends; 0: there is none */
	bool has_zone; /* it names its zone, or needs none: else that of stamp_zone was taken */
	bool no_year;  /* it names none, likewise */
	bool odd_zone; /* it names one by letters that stand for several (CST): as if it had none */
};

/* Reads a stamp at the beginning of text, and returns how many characters it took, 0 if there is none. */
typedef size_t stamp_fn(const char *text, const struct stamp_zone *zone, struct stamp *stamp);

/* "2026-11-22T21:45:35.509+0000", "2020-03-12 23:53:11.646925" and what lies between. */
stamp_fn stamp_parse;
/* "Mar 12 15:53:40", "Mar  2 15:53:40.123456": syslog's, without year and zone. */
stamp_fn stamp_parse_syslog;
/* "1584028420.123456": journalctl -o short-unix. */
stamp_fn stamp_parse_unix;
/* "I0327 12:59:18.620123", klog's: severity, month and day; without year and zone. */
stamp_fn stamp_parse_klog;
/* "Wed 2024-03-27 12:59:18 UTC": journalctl -o short-full. Of zones by a short name only UTC says which it is. */
stamp_fn stamp_parse_full;
/* "[Thu Mar 12 15:53:40 2020]": dmesg -T. */
stamp_fn stamp_parse_dmesg;

/* The time of a stamp as stamp_parse reads it, at the beginning of a text that no NUL ends. 0: there is none. */
int64_t stamp_of(const char *text, size_t length, const char *tz);

#endif
