/* SPDX-License-Identifier: MIT */
/* Pieces of SQL, and answers as JSON. */
#ifndef FENCELINE_FLEET_QUERY_H
#define FENCELINE_FLEET_QUERY_H

#include "fleet/store.h"
#include "ingest/event.h"

#include <jansson.h>
#include <stdio.h>

/* Which lines of logs about watches are wanted: expired, failed, dropped for a fence (enum watch_words). An OSD may log each
 * ping. */
#define QUERY_WATCH_BROKEN "(event != 'watch_logged' OR visitParamExtractUInt(fields, 'what') IN (3, 5, 11))"

struct query {
	FILE *stream; /* to be written to */
	char *text;
	size_t size;
};

/* 0 or -ENOMEM. */
int query_begin(struct query *query);
/* A literal; ' and \ in it do no harm. */
void query_text(struct query *query, const char *text);
/* toDate('...') of that moment. */
void query_day(struct query *query, int64_t ns);
/* day >= ... AND day <= ..., those moments' days. */
void query_days(struct query *query, int64_t since_ns, int64_t until_ns);
/* AND ..., by name or UUID. */
void query_vm(struct query *query, const char *vm);

/* Runs it, FORMAT JSONEachRow added, and frees it. Each row goes to `take`, whose nonzero return ends it. Says on stderr what went wrong. 0,
 * -EIO, -ENOMEM or what `take` returned. */
int query_rows(struct query *query, struct store *store, int (*take)(json_t *row, void *arg), void *arg);
/* The same, the answer's lines to `out` as they are. */
int query_copy(struct query *query, struct store *store, FILE *out);

const char *row_text(const json_t *row, const char *name);
int64_t row_number(const json_t *row, const char *name);

#endif
