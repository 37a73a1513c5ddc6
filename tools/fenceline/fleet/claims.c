/* SPDX-License-Identifier: MIT */
#include "fleet/claims.h"
#include "ingest/event_text.h"
#include "run/now.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define POST_S 10

static bool is_open(const struct stored *stored)
{
	return stored->wanted && !stored->announced;
}

static int take_first(json_t *row, void *arg)
{
	struct stored_book *book = arg;

	for (struct stored *stored = book->list; stored; stored = stored->next)
		if (is_open(stored) && stored->nonce == (uint64_t)row_number(row, "client_nonce") &&
		    stored->episode_ns == row_number(row, "episode_ns") && !strcmp(stored->ip, row_text(row, "client_ip")))
			snprintf(stored->first, sizeof stored->first, "%s", row_text(row, "watcher"));
	return 0;
}

static int read_first(struct stored_book *book)
{
	int64_t since_ns = INT64_MAX, until_ns = 0;
	struct query query;

	for (struct stored *stored = book->list; stored; stored = stored->next) {
		if (!is_open(stored))
			continue;
		*stored->first = '\0';
		since_ns = stored->episode_ns < since_ns ? stored->episode_ns : since_ns;
		until_ns = stored->episode_ns > until_ns ? stored->episode_ns : until_ns;
	}
	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT client_ip, client_nonce, episode_ns, watcher FROM {db}.claims WHERE ", query.stream);
	query_days(&query, since_ns, until_ns);
	fprintf(query.stream, " AND episode_ns BETWEEN %" PRId64 " AND %" PRId64, since_ns, until_ns);
	fputs(" ORDER BY claimed_ns, watcher LIMIT 1 BY client_ip, client_nonce, episode_ns", query.stream);
	return query_rows(&query, book->store, take_first, book);
}

static void write_claim(FILE *out, const struct stored_book *book, const struct stored *stored)
{
	char day[16];

	stored_day(stored, day);
	fprintf(out, "{\"day\":\"%s\",\"client_ip\":", day);
	event_text_string(out, stored->ip);
	fprintf(out,
	        ",\"client_nonce\":%" PRIu64 ",\"episode_ns\":%" PRId64 ",\"claimed_ns\":%" PRId64 ",\"watcher\":", stored->nonce,
	        stored->episode_ns, epoch_ns());
	event_text_string(out, book->watcher);
	fputs("}\n", out);
}

/* All at once: the store makes files of each INSERT. */
static int claim(struct stored_book *book)
{
	char *rows = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&rows, &size);
	int error = 0;

	if (!out)
		return -ENOMEM;
	for (struct stored *stored = book->list; stored; stored = stored->next)
		if (is_open(stored) && stored->claiming)
			write_claim(out, book, stored);
	fclose(out);
	if (size &&
	    store_query(book->store, "INSERT INTO {db}.claims FORMAT JSONEachRow", rows, size, NULL, POST_S) != STORE_DONE) {
		fprintf(stderr, "fenceline: claims cannot be written: %s\n", store_why(book->store));
		error = -EIO;
	}
	free(rows);
	for (struct stored *stored = book->list; stored; stored = stored->next) {
		if (stored->claiming && !error)
			stored->claimed_ms = monotonic_ms();
		stored->claiming = false;
	}
	return error;
}

/* Whose it is. */
static void settle(struct stored_book *book, struct stored *stored, void (*announce)(struct stored *stored, void *arg), void *arg)
{
	if (stored->claimed_ms && monotonic_ms() - stored->claimed_ms < CLAIMS_SETTLE_MS)
		return;
	if (!*stored->first) {
		stored->claiming = true;
		return;
	}
	stored->announced = true;
	if (stored->claimed_ms && !strcmp(stored->first, book->watcher))
		announce(stored, arg);
}

int claims_round(struct stored_book *book, void (*announce)(struct stored *stored, void *arg), void *arg)
{
	bool any = false;
	int error;

	for (struct stored *stored = book->list; stored; stored = stored->next)
		any |= is_open(stored);
	error = any ? read_first(book) : 0;
	for (struct stored *stored = book->list; any && !error && stored; stored = stored->next)
		if (is_open(stored))
			settle(book, stored, announce, arg);
	return error || !any ? error : claim(book);
}
