/* SPDX-License-Identifier: MIT */
/* Time zones of logs, and their stamps. Internal to ingest/. Not thread-safe: a named zone goes through TZ and mktime. */
#ifndef FENCELINE_INGEST_TZ_H
#define FENCELINE_INGEST_TZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "UTC", "Z", an offset ("+08:00", "+0800", "-03"), or a name that the system's zone files have. */
bool tz_valid(const char *tz);

/* Reads "2026-11-22T21:45:35.509+0000", "2020-03-12 23:53:11.646925" and what lies between at the beginning of text.
 * Returns how many characters it took, 0 if there is no stamp. *has_zone: the stamp names its zone, else tz applies.
 * tz must be valid. */
size_t stamp_parse(const char *text, const char *tz, int64_t *ts_ns, bool *has_zone);

#endif
