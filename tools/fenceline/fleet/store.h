/* SPDX-License-Identifier: MIT */
/* ClickHouse over HTTP: a query with or without rows behind it. One handle, one thread. */
#ifndef FENCELINE_FLEET_STORE_H
#define FENCELINE_FLEET_STORE_H

#include "fleet/url.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_SCHEMA 1
#define STORE_LATER  "owner, cluster" /* columns of `events` */
#define STORE_TRIED  "18.16"          /* the server's version begins so */

enum store_status {
	STORE_DONE,
	STORE_AWAY,           /* cannot be reached, is full, is overloaded: the same again, later */
	STORE_DENIED,         /* user, password or certificate: later, once somebody has seen to it */
	STORE_SCHEMA_DIFFERS, /* no such table or column: likewise */
	STORE_REFUSED,        /* of what was sent at least one row is not taken, now or ever */
};

struct store;

/* NULL: no memory. The URL is copied. */
struct store *store_open(const struct store_url *url);
void store_close(struct store *store);
const struct store_url *store_url_of(const struct store *store);

/*
 * Runs the query; `{db}.` in it stands for the database. rows[0, size), if not NULL, are the rows of an INSERT. The answer comes
 * into *answer, to be freed by the caller, if that is not NULL. At most `seconds`.
 */
enum store_status store_query(struct store *store, const char *query, const char *rows, size_t size, char **answer, int seconds);

/* Why the last one was not done, one line. */
const char *store_why(const struct store *store);

/* Is the schema there, and ours? STORE_SCHEMA_DIFFERS with the reason if not. Asks what server it is, too. */
enum store_status store_check_schema(struct store *store);
/* After the check. Columns that came later have defaults, so that rows without them are whole: a store that lacks them
 * (STORE_LATER) is written and read without; `store_create_schema` adds them. */
bool store_has_later(const struct store *store);
/* After the check: says on stderr, once, that the server is not one that this was tried with, or that columns are missing. */
void store_remark(struct store *store);
/* Makes what is not there; a store of another schema number stays as it is. */
enum store_status store_create_schema(struct store *store);

#endif
