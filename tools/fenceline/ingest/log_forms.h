/* SPDX-License-Identifier: MIT */
/* The envelopes around a log line's text, one table for all Ceph logs. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_FORMS_H
#define FENCELINE_INGEST_LOG_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_line {
	int64_t ts_ns;
	bool has_zone;    /* the stamp names its zone */
	char channel[16]; /* "audit", "cluster"; "" if the form has none */
	const char *kind; /* of the log that has such lines: "ceph-cluster", "ceph-daemon" */
	const char *text; /* what the envelope holds, within the line */
};

/* `line` ends with NUL. False if no form matches it. tz: for stamps without a zone. */
bool log_line_parse(const char *line, const char *tz, struct log_line *parsed);

#endif
