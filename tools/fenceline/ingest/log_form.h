/* SPDX-License-Identifier: MIT */
/*
 * One form of envelope or wrapper, and what it held in a line. Internal to ingest/. Not thread-safe, as tz.h is not.
 *
 *   %T stamp   %Z stamp in UTC that says so   %F "Wed 2024-03-27 12:59:18 UTC"   %S syslog's stamp, without a year
 *   %I klog's "I0327 12:59:18.620123"   %U seconds since the epoch   %D dmesg -T's stamp in brackets
 *   %K seconds since boot in brackets
 *   %w who says it: mon.a, osd.3   %e the same, and only that   %k audit or cluster   %y INF, WRN ...   %W any word   %a address
 * %n decimal number, may be negative   %N one that may not %x hexadecimal thread id   %X one of eight digits and more   %c
 * channel   %p priority   %h host   %H host before a colon   %v a VM's name %g program, maybe with its pid   %G program with its
 * pid, or the kernel   %A program, a word   %q QEMU's own name %C container or pod (a second %C: the container in it)   %P file
 * %Q file, line and dashes   %d RFC 5424's structured data   %f syslog's facility %l its severity   %L OpenStack's level   %o
 * stdout or stderr %m the text: the rest of the line   a space: one or more blanks   anything else: itself
 */
#ifndef FENCELINE_INGEST_LOG_FORM_H
#define FENCELINE_INGEST_LOG_FORM_H

#include "ingest/log_row.h"
#include "ingest/tz.h"

struct log_form {
	const char *kind;      /* of the log that has such lines: "ceph-cluster", "qemu" ... */
	unsigned int families; /* whose rows may match the text; a program's name says it better */
	const char *form;
	const char *example; /* a line up to where its text has begun */
};

struct log_line {
	int64_t ts_ns;             /* 0: it has no time */
	bool has_zone;             /* the stamp names its zone, or needs none */
	bool year_assumed;         /* the stamp names no year */
	char channel[16];          /* "audit", "cluster"; "" if the form has none */
	const char *kind;          /* as above */
	unsigned int families;     /* whose rows may match the text */
	struct log_span who;       /* mon.a, osd.3: whom a cluster log quotes; length 0 if the form has none */
	struct log_span host;      /* of journald and syslog, the same way */
	struct log_span container; /* or pod, the same way */
	struct log_span file;      /* the same way, as grep -H names it */
	struct log_span vm;        /* QEMU's -msg guest-name=on, the same way */
	const char *text;          /* what the envelope holds, within the line */
};

/* `line` ends with NUL. */
bool log_form_match(const struct log_form *form, const char *line, const struct stamp_zone *zone, struct log_line *parsed);

/* Which rows may match what that program says; `program` may have anything behind its name. */
unsigned int log_form_families(const char *program);

#endif
