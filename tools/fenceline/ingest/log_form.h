/* SPDX-License-Identifier: MIT */
/* One envelope or wrapper as a form (log_row.h; the names stand in log_form.c), and what it held in a line. A space stands for one
 * blank or more. Internal to ingest/. Not thread-safe, as tz.h is not. */
#ifndef FENCELINE_INGEST_LOG_FORM_H
#define FENCELINE_INGEST_LOG_FORM_H

#include "ingest/log_row.h"
#include "ingest/tz.h"

/* Whose lines hold what the client in them says, too. */
#define CEPH    (FAMILY_CEPH | FAMILY_CLIENT)
#define QEMU    (FAMILY_QEMU | FAMILY_CLIENT)
#define SERVICE (FAMILY_SERVICE | FAMILY_CLIENT)

struct log_form {
	const char *kind;      /* of the log that has such lines: "ceph-cluster", "qemu" ... */
	unsigned int families; /* whose rows may match the text; a program's name says it better */
	const char *form;
	const char *example; /* a line up to where its text has begun */
	struct form cut;     /* the form in parts, once it was asked for */
};

struct log_line {
	const char *text; /* what the envelope holds, within the line */
	size_t length;    /* of what unwrap_line leaves, where no NUL may follow; else 0, and one does */
	struct stamp stamp;
	char channel[16];          /* "audit", "cluster"; "" if the form has none */
	const char *kind;          /* as above */
	unsigned int families;     /* whose rows may match the text */
	struct log_span who;       /* mon.a, osd.3: whom a cluster log quotes; length 0 if the form has none */
	struct log_span host;      /* of journald and syslog, the same way */
	struct log_span file;      /* the same way, as grep -H names it */
	struct log_span vm;        /* QEMU's -msg guest-name=on, the same way */
};

/* `line` ends with NUL. */
bool log_form_match(struct log_form *form, const char *line, const struct stamp_zone *zone, struct log_line *parsed);

/* Which rows may match what that program says; `program` may have anything behind its name. */
unsigned int log_form_families(const char *program);

/* Ceph's own envelope, by its first bytes. Most lines have it, and no wrapper around it. */
struct log_plain {
	uint64_t thread; /* 0: a daemon's name stands there, it is a line of the cluster's log */
	size_t text;     /* of a thread's line: where the text behind the level begins */
};

/* A stamp, then a thread and a level, or a daemon. */
bool log_plain_split(const char *text, size_t length, struct log_plain *plain);

#endif
