/* SPDX-License-Identifier: MIT */
/* The envelopes around a log line's text, one table for all kinds of logs. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_FORMS_H
#define FENCELINE_INGEST_LOG_FORMS_H

#include "ingest/log_row.h"
#include "ingest/tz.h"

struct log_line {
	int64_t ts_ns;         /* 0: it has no time */
	bool has_zone;         /* the stamp names its zone, or needs none */
	bool year_assumed;     /* the stamp names no year */
	char channel[16];      /* "audit", "cluster"; "" if the form has none */
	const char *kind;      /* of the log that has such lines: "ceph-cluster", "ceph-daemon", "qemu" ... */
	unsigned int families; /* whose rows may match the text */
	struct log_span who;   /* mon.a, osd.3: whom a cluster log quotes; length 0 if the form has none */
	struct log_span host;  /* of journald and syslog, the same way */
	struct log_span vm;    /* QEMU's -msg guest-name=on, the same way */
	const char *text;      /* what the envelope holds, within the line */
};

/* `line` ends with NUL. False if no form matches it. */
bool log_line_parse(const char *line, const struct stamp_zone *zone, struct log_line *parsed);

#endif
