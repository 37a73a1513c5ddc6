/* SPDX-License-Identifier: MIT */
#include "fleet/claims.h"
#include "ingest/event_text.h"
#include "run/now.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define POST_S 10

static bool is_open(const struct told *told)
{
	return told->wanted && !told->announced;
}

static int take_first(json_t *row, void *arg)
{
	struct told_book *book = arg;

	for (struct told *told = book->list; told; told = told->next)
		if (is_open(told) && told->nonce == (uint64_t)row_number(row, "client_nonce") &&
		    told->episode_ns == row_number(row, "episode_ns") && !strcmp(told->ip, row_text(row, "client_ip")))
			snprintf(told->first, sizeof told->first, "%s", row_text(row, "watcher"));
	return 0;
}

static int read_first(struct told_book *book)
{
	int64_t since_ns = INT64_MAX, until_ns = 0;
	struct query query;

	for (struct told *told = book->list; told; told = told->next) {
		if (!is_open(told))
			continue;
		*told->first = '\0';
		since_ns = told->episode_ns < since_ns ? told->episode_ns : since_ns;
		until_ns = told->episode_ns > until_ns ? told->episode_ns : until_ns;
	}
	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT client_ip, client_nonce, episode_ns, watcher FROM {db}.claims WHERE ", query.stream);
	query_days(&query, since_ns, until_ns);
	fprintf(query.stream, " AND episode_ns BETWEEN %" PRId64 " AND %" PRId64, since_ns, until_ns);
	fputs(" ORDER BY claimed_ns, watcher LIMIT 1 BY client_ip, client_nonce, episode_ns", query.stream);
	return query_rows(&query, book->store, take_first, book);
}

static void write_claim(FILE *out, const struct told_book *book, const struct told *told)
{
	char day[16];

	told_day(told, day);
	fprintf(out, "{\"day\":\"%s\",\"client_ip\":", day);
	event_text_string(out, told->ip);
	fprintf(out,
	        ",\"client_nonce\":%" PRIu64 ",\"episode_ns\":%" PRId64 ",\"claimed_ns\":%" PRId64 ",\"watcher\":", told->nonce,
	        told->episode_ns, epoch_ns());
	event_text_string(out, book->watcher);
	fputs("}\n", out);
}

/* All at once: the store makes files of each INSERT. */
static int claim(struct told_book *book)
{
	char *rows = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&rows, &size);
	int error = 0;

	if (!out)
		return -ENOMEM;
	for (struct told *told = book->list; told; told = told->next)
		if (is_open(told) && told->claiming)
			write_claim(out, book, told);
	fclose(out);
	if (size &&
	    store_query(book->store, "INSERT INTO {db}.claims FORMAT JSONEachRow", rows, size, NULL, POST_S) != STORE_DONE) {
		fprintf(stderr, "fenceline: claims cannot be written: %s\n", store_why(book->store));
		error = -EIO;
	}
	free(rows);
	for (struct told *told = book->list; told; told = told->next) {
		if (told->claiming && !error)
			told->claimed_ms = monotonic_ms();
		told->claiming = false;
	}
	return error;
}

/* Whose it is. */
static void settle(struct told_book *book, struct told *told, void (*announce)(struct told *told, void *arg), void *arg)
{
	if (told->claimed_ms && monotonic_ms() - told->claimed_ms < CLAIMS_SETTLE_MS)
		return;
	if (!*told->first) {
		told->claiming = true;
		return;
	}
	told->announced = true;
	if (told->claimed_ms && !strcmp(told->first, book->watcher))
		announce(told, arg);
}

int claims_round(struct told_book *book, void (*announce)(struct told *told, void *arg), void *arg)
{
	bool any = false;
	int error;

	for (struct told *told = book->list; told; told = told->next)
		any |= is_open(told);
	error = any ? read_first(book) : 0;
	for (struct told *told = book->list; any && !error && told; told = told->next)
		if (is_open(told))
			settle(book, told, announce, arg);
	return error || !any ? error : claim(book);
}
