/* SPDX-License-Identifier: MIT */
#include "fleet/wanted_where.h"

#include <inttypes.h>
#include <stdlib.h>

void where_days(const struct wanted *wanted, struct query *query)
{
	int64_t until = wanted->until_ns + SLOT_NS;

	/* What has no time has the day that it was shipped on. */
	query_days(query, wanted->since_ns - SLOT_NS, until > INT64_MAX - DAY_NS ? until : until + DAY_NS);
}

void where_time(const struct wanted *wanted, struct query *query)
{
	where_days(wanted, query);
	fputs(" AND slot IN (4294967295", query->stream); /* never empty */
	for (size_t i = 0; i < wanted->slot_count; i++)
		fprintf(query->stream, ",%" PRIu32, wanted->slots[i]);
	fputc(')', query->stream);
}

void where_some_processes(const struct wanted *wanted, struct query *query, size_t from, size_t to)
{
	fputs("(host, pid) IN (('', 0)", query->stream);
	for (size_t i = from; i < to && i < wanted->process_count; i++) {
		fputs(",(", query->stream);
		query_text(query, wanted->processes[i].host);
		fprintf(query->stream, ",%" PRId64 ")", wanted->processes[i].pid);
	}
	fputc(')', query->stream);
}

void where_processes(const struct wanted *wanted, struct query *query)
{
	where_some_processes(wanted, query, 0, wanted->process_count);
}

/* Those whose nonce is known, from the from-th on. */
void where_nonces(const struct wanted *wanted, struct query *query, size_t from)
{
	fputs("client_nonce IN (0", query->stream);
	for (size_t i = from; i < wanted->client_count; i++)
		if (!wanted->clients[i].any_nonce)
			fprintf(query->stream, ",%" PRIu64, (uint64_t)wanted->clients[i].nonce);
	fputc(')', query->stream);
}

void where_addresses(const struct wanted *wanted, struct query *query, size_t from)
{
	fputs("(client_ip, client_nonce) IN (('', 0)", query->stream);
	for (size_t i = from; i < wanted->client_count; i++) {
		if (wanted->clients[i].any_nonce)
			continue;
		fputs(",(", query->stream);
		query_text(query, wanted->clients[i].ip);
		fprintf(query->stream, ",%" PRIu64 ")", (uint64_t)wanted->clients[i].nonce);
	}
	fputc(')', query->stream);
}

/* Those of which all clients of the IP are meant. */
void where_hosts(const struct wanted *wanted, struct query *query, size_t from)
{
	fputs("client_ip IN ('-'", query->stream);
	for (size_t i = from; i < wanted->client_count; i++)
		if (wanted->clients[i].any_nonce) {
			fputc(',', query->stream);
			query_text(query, wanted->clients[i].ip);
		}
	fputc(')', query->stream);
}

void where_clients(const struct wanted *wanted, struct query *query)
{
	fputc('(', query->stream);
	where_addresses(wanted, query, 0);
	fputs(" OR ", query->stream);
	where_hosts(wanted, query, 0);
	fputc(')', query->stream);
}

/* COLUMN IN (...), each text behind `prefix`, from the from-th on. */
void where_texts(struct query *query, const char *column, const char *prefix, char *const *each, size_t from, size_t count)
{
	char *text;

	fprintf(query->stream, "%s IN ('-'", column);
	for (size_t i = from; i < count; i++) {
		if (asprintf(&text, "%s%s", prefix, each[i]) < 0)
			continue;
		fputc(',', query->stream);
		query_text(query, text);
		free(text);
	}
	fputc(')', query->stream);
}

void where_vms(const struct wanted *wanted, struct query *query)
{
	fputc('(', query->stream);
	where_texts(query, "vm", "", wanted->vms, 0, wanted->vm_count);
	fputs(" OR ", query->stream);
	where_texts(query, "uuid", "", wanted->uuids, 0, wanted->uuid_count);
	fputc(')', query->stream);
}

static int by_number(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

void where_moments(const struct wanted *wanted, struct query *query, int64_t before_ns, int64_t after_ns)
{
	const char * or = "";

	if (wanted->moment_count)
		qsort(wanted->moments, wanted->moment_count, sizeof *wanted->moments, by_number);
	fputs(wanted->moment_count ? "(" : "0", query->stream);
	for (size_t i = 0; i < wanted->moment_count;) {
		int64_t begin = wanted->moments[i] - before_ns, end = wanted->moments[i] + after_ns;
		for (i++; i < wanted->moment_count && wanted->moments[i] - before_ns <= end; i++)
			end = wanted->moments[i] + after_ns;
		fprintf(query->stream, "%sts_ns BETWEEN %" PRId64 " AND %" PRId64, or, begin, end);
		or = " OR ";
	}
	fputs(wanted->moment_count ? ")" : "", query->stream);
}
