/* SPDX-License-Identifier: MIT */
#include "fleet/wanted.h"
#include "model/address.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#define SLOT_NS (600 * NS_PER_S)
#define DAY_NS  (86400 * NS_PER_S)
#define ROUNDS  3 /* a victim's address leads to its process, that to its UUID, that to its successor */

/* ---- Sets ---- */

static void *grown(void *array, size_t count, size_t size)
{
	/* In powers of two: appending stays cheap. */
	return count & (count - 1) ? array : reallocarray(array, count ? 2 * count : 1, size);
}

static int add_text(char ***texts, size_t *count, const char *text)
{
	char **more;

	for (size_t i = 0; i < *count; i++)
		if (!strcmp((*texts)[i], text))
			return 0;
	more = *text ? grown(*texts, *count, sizeof *more) : *texts;
	if (!*text)
		return 0;
	if (!more)
		return -ENOMEM;
	*texts = more;
	more[*count] = strdup(text);
	return more[(*count)++] ? 0 : -ENOMEM;
}

static int add_process(struct wanted *wanted, const char *host, int64_t pid)
{
	struct wanted_process *more;

	for (size_t i = 0; i < wanted->process_count; i++)
		if (wanted->processes[i].pid == pid && !strcmp(wanted->processes[i].host, host))
			return 0;
	if (!pid)
		return 0;
	more = grown(wanted->processes, wanted->process_count, sizeof *more);
	if (!more)
		return -ENOMEM;
	wanted->processes = more;
	more[wanted->process_count] = (struct wanted_process){ strdup(host), pid };
	return more[wanted->process_count++].host ? 0 : -ENOMEM;
}

static int add_client(struct wanted *wanted, const char *ip, int64_t nonce, bool any_nonce)
{
	struct wanted_client *more;

	for (size_t i = 0; i < wanted->client_count; i++)
		if (wanted->clients[i].nonce == nonce && wanted->clients[i].any_nonce == any_nonce &&
		    !strcmp(wanted->clients[i].ip, ip))
			return 0;
	if (!*ip)
		return 0;
	more = grown(wanted->clients, wanted->client_count, sizeof *more);
	if (!more)
		return -ENOMEM;
	wanted->clients = more;
	more[wanted->client_count] = (struct wanted_client){ strdup(ip), nonce, any_nonce };
	return more[wanted->client_count++].ip ? 0 : -ENOMEM;
}

static int add_slot(struct wanted *wanted, uint32_t slot)
{
	uint32_t *more;

	for (size_t i = 0; i < wanted->slot_count; i++)
		if (wanted->slots[i] == slot)
			return 0;
	more = grown(wanted->slots, wanted->slot_count, sizeof *more);
	if (!more)
		return -ENOMEM;
	wanted->slots = more;
	more[wanted->slot_count++] = slot;
	return 0;
}

/* What happened then, and the ten minutes before and after it. */
static int add_moment(struct wanted *wanted, int64_t ns)
{
	int64_t *more;
	int error = 0;

	for (int64_t slot = ns / SLOT_NS - 1; ns && !error && slot <= ns / SLOT_NS + 1; slot++)
		error = add_slot(wanted, (uint32_t)slot);
	more = error || !ns ? NULL : grown(wanted->moments, wanted->moment_count, sizeof *more);
	if (!more)
		return ns ? -ENOMEM : 0;
	wanted->moments = more;
	more[wanted->moment_count++] = ns;
	return 0;
}

/* ---- Parts of a WHERE ---- */

static void days(const struct wanted *wanted, struct query *query)
{
	int64_t until = wanted->until_ns + SLOT_NS;

	/* What has no time has the day that it was shipped on. */
	query_days(query, wanted->since_ns - SLOT_NS, until > INT64_MAX - DAY_NS ? until : until + DAY_NS);
}

void wanted_time(const struct wanted *wanted, struct query *query)
{
	days(wanted, query);
	fputs(" AND slot IN (4294967295", query->stream); /* never empty */
	for (size_t i = 0; i < wanted->slot_count; i++)
		fprintf(query->stream, ",%" PRIu32, wanted->slots[i]);
	fputc(')', query->stream);
}

void wanted_processes(const struct wanted *wanted, struct query *query)
{
	fputs("(host, pid) IN (('', 0)", query->stream);
	for (size_t i = 0; i < wanted->process_count; i++) {
		fputs(",(", query->stream);
		query_text(query, wanted->processes[i].host);
		fprintf(query->stream, ",%" PRId64 ")", wanted->processes[i].pid);
	}
	fputc(')', query->stream);
}

static void clients(const struct wanted *wanted, struct query *query)
{
	fputs("((client_ip, client_nonce) IN (('', 0)", query->stream);
	for (size_t i = 0; i < wanted->client_count; i++) {
		if (wanted->clients[i].any_nonce)
			continue;
		fputs(",(", query->stream);
		query_text(query, wanted->clients[i].ip);
		fprintf(query->stream, ",%" PRIu64 ")", (uint64_t)wanted->clients[i].nonce);
	}
	fputs(") OR client_ip IN ('-'", query->stream);
	for (size_t i = 0; i < wanted->client_count; i++)
		if (wanted->clients[i].any_nonce) {
			fputc(',', query->stream);
			query_text(query, wanted->clients[i].ip);
		}
	fputs("))", query->stream);
}

/* COLUMN IN (...), each text behind `prefix`. */
static void texts(struct query *query, const char *column, const char *prefix, char *const *each, size_t count)
{
	char *text;

	fprintf(query->stream, "%s IN ('-'", column);
	for (size_t i = 0; i < count; i++) {
		if (asprintf(&text, "%s%s", prefix, each[i]) < 0)
			continue;
		fputc(',', query->stream);
		query_text(query, text);
		free(text);
	}
	fputc(')', query->stream);
}

void wanted_vms(const struct wanted *wanted, struct query *query)
{
	fputc('(', query->stream);
	texts(query, "vm", "", wanted->vms, wanted->vm_count);
	fputs(" OR ", query->stream);
	texts(query, "uuid", "", wanted->uuids, wanted->uuid_count);
	fputc(')', query->stream);
}

static int by_number(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

void wanted_moments(const struct wanted *wanted, struct query *query, int64_t before_ns, int64_t after_ns)
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

/* ---- Finding ---- */

static int add_vm(struct wanted *wanted, const json_t *row)
{
	int error = add_text(&wanted->uuids, &wanted->uuid_count, row_text(row, "uuid"));

	return error ? error : add_text(&wanted->vms, &wanted->vm_count, row_text(row, "vm"));
}

/* A client as an address names it; without a nonce it is all clients of the IP. */
static int add_address(struct wanted *wanted, const char *text)
{
	struct address address;
	char ip[INET6_ADDRSTRLEN];

	if (!address_parse(text, &address) || !inet_ntop(address.family, address.ip, ip, sizeof ip))
		return 0;
	return add_client(wanted, ip, (int64_t)address.nonce, !address.has_nonce || !address.nonce);
}

static int take_happened(json_t *row, void *arg)
{
	struct wanted *wanted = arg;
	int64_t nonce = row_number(row, "client_nonce");
	int error = add_moment(wanted, row_number(row, "ts_ns"));

	if (!error)
		error = add_process(wanted, row_text(row, "host"), row_number(row, "pid"));
	if (!error)
		error = add_vm(wanted, row);
	if (!error && nonce)
		error = add_client(wanted, row_text(row, "client_ip"), nonce, false);
	if (!error && row_number(row, "is_range"))
		error = add_text(&wanted->ranges, &wanted->range_count, row_text(row, "target"));
	else if (!error)
		error = add_address(wanted, row_text(row, "target"));
	return error ? error : add_address(wanted, row_text(row, "from_address")); /* the monitors know who sent the command */
}

/* ping_sample: overdue ones. watch_logged: expired, failed, dropped for a fence (enum watch_words). */
static const char happened[] =
        "SELECT host, pid, client_ip, client_nonce, vm, uuid, ts_ns, "
        "visitParamExtractString(fields, 'from_address') AS from_address, if(event IN ('blocklist', 'audit_blocklist'), "
        "visitParamExtractString(fields, 'target'), '') AS target, visitParamExtractUInt(fields, 'range') AS is_range "
        "FROM {db}.events WHERE event IN ('blocklist', 'audit_blocklist', 'watch_error', 'io_eshutdown', 'io_failure', "
        "'lock_break_begin', "
        "'ping_sample', 'watch_logged', 'process_stalled') AND (event != 'ping_sample' OR rare = 1) AND "
        "(event != 'watch_logged' OR visitParamExtractUInt(fields, 'what') IN (3, 5, 11)) AND ";

static int find_happened(struct wanted *wanted, struct store *store)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	fputs(happened, query.stream);
	days(wanted, &query);
	fprintf(query.stream,
	        " AND (slot BETWEEN %" PRId64 " AND %" PRId64 " AND ts_ns BETWEEN %" PRId64 " AND %" PRId64 " OR slot = 0)",
	        wanted->since_ns / SLOT_NS, wanted->until_ns / SLOT_NS, wanted->since_ns, wanted->until_ns);
	/* One of a kind in ten minutes tells enough. */
	fputs(" ORDER BY ts_ns LIMIT 1 BY event, slot, host, pid, client_ip, client_nonce, vm, uuid, target", query.stream);
	return query_rows(&query, store, take_happened, wanted);
}

static int take_process(json_t *row, void *arg)
{
	struct wanted *wanted = arg;
	int error = add_process(wanted, row_text(row, "host"), row_number(row, "pid"));

	if (!error && row_number(row, "client_nonce"))
		error = add_client(wanted, row_text(row, "client_ip"), row_number(row, "client_nonce"), false);
	if (!error)
		error = add_text(&wanted->image_ids, &wanted->image_id_count, row_text(row, "image_id"));
	return error ? error : add_vm(wanted, row);
}

static int find_processes(struct wanted *wanted, struct store *store)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT DISTINCT host, pid, client_ip, client_nonce, vm, uuid, image_id FROM {db}.events WHERE event IN ('state', "
	      "'client_connect') AND ",
	      query.stream);
	wanted_time(wanted, &query);
	fputs(" AND (", query.stream);
	clients(wanted, &query);
	fputs(" OR ", query.stream);
	texts(&query, "uuid", "", wanted->uuids, wanted->uuid_count);
	fputs(" OR ", query.stream);
	wanted_processes(wanted, &query);
	fputc(')', query.stream);
	return query_rows(&query, store, take_process, wanted);
}

static int take_caller(json_t *row, void *arg)
{
	return add_process(arg, row_text(row, "host"), row_number(row, "pid"));
}

/* Who took snapshots of the images, or looked at their locks: each command is a process of its own. */
static int find_callers(struct wanted *wanted, struct store *store)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT DISTINCT host, pid FROM {db}.events WHERE ", query.stream);
	wanted_time(wanted, &query);
	fputs(" AND (event = 'snapshot_begin' AND ", query.stream);
	texts(&query, "image_id", "", wanted->image_ids, wanted->image_id_count);
	fputs(" OR event IN ('header_op', 'watchers_listed') AND ", query.stream);
	texts(&query, "visitParamExtractString(fields, 'oid')", "rbd_header.", wanted->image_ids, wanted->image_id_count);
	fputc(')', query.stream);
	return query_rows(&query, store, take_caller, wanted);
}

static int take_former(json_t *row, void *arg)
{
	int error = take_process(row, arg);

	return error ? error : add_moment(arg, row_number(row, "ts_ns"));
}

/* A client may be fenced long after it was gone. */
static int find_former(struct wanted *wanted, struct store *store)
{
	struct query query;

	if (!wanted->client_count)
		return 0;
	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT host, pid, client_ip, client_nonce, vm, uuid, image_id, ts_ns FROM {db}.events WHERE event IN "
	      "('client_connect', "
	      "'client_shutdown') AND day >= ",
	      query.stream);
	query_day(&query, wanted->since_ns - DAY_NS);
	fprintf(query.stream, " AND ts_ns <= %" PRId64 " AND ", wanted->until_ns);
	clients(wanted, &query);
	fputs(" ORDER BY ts_ns DESC LIMIT 1 BY event, host, pid, client_ip, client_nonce", query.stream);
	return query_rows(&query, store, take_former, wanted);
}

static int take_in_range(json_t *row, void *arg)
{
	struct wanted *wanted = arg;
	struct address address;
	char text[128];

	snprintf(text, sizeof text, strchr(row_text(row, "client_ip"), ':') ? "[%s]:0/1" : "%s:0/1", row_text(row, "client_ip"));
	if (!address_parse(text, &address))
		return 0;
	for (size_t i = 0; i < wanted->range_count; i++)
		if (address_in_range(&address, wanted->ranges[i]))
			return add_client(wanted, row_text(row, "client_ip"), 0, true);
	return 0;
}

static int find_in_ranges(struct wanted *wanted, struct store *store)
{
	struct query query;

	if (!wanted->range_count)
		return 0;
	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT DISTINCT client_ip FROM {db}.events WHERE event IN ('state', 'client_connect') AND ", query.stream);
	wanted_time(wanted, &query);
	return query_rows(&query, store, take_in_range, wanted);
}

/* A VM or an image that was named is wanted whether something happened to it or not. */
static int find_named(struct wanted *wanted, struct store *store)
{
	const char *image = wanted->image ? strrchr(wanted->image, '/') : NULL;
	struct query query;

	if (!wanted->vm && !wanted->image)
		return 0;
	for (int64_t slot = wanted->since_ns / SLOT_NS; slot <= wanted->until_ns / SLOT_NS; slot++)
		if (add_slot(wanted, (uint32_t)slot))
			return -ENOMEM;
	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT DISTINCT host, pid, client_ip, client_nonce, vm, uuid, image_id FROM {db}.events WHERE event IN ('state', "
	      "'client_connect', 'image_open') "
	      "AND ",
	      query.stream);
	wanted_time(wanted, &query);
	if (wanted->vm)
		query_vm(&query, wanted->vm);
	if (wanted->image) {
		fputs(" AND (image_id = ", query.stream);
		query_text(&query, wanted->image);
		fputs(" OR image = ", query.stream);
		query_text(&query, image ? image + 1 : wanted->image);
		fputc(')', query.stream);
	}
	return query_rows(&query, store, take_process, wanted);
}

int wanted_find(struct wanted *wanted, struct store *store)
{
	int error = find_happened(wanted, store);

	if (!error)
		error = find_in_ranges(wanted, store);
	if (!error)
		error = find_named(wanted, store);
	if (!error)
		error = find_former(wanted, store);
	for (int i = 0; !error && i < ROUNDS; i++)
		error = find_processes(wanted, store);
	return error ? error : find_callers(wanted, store);
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

void wanted_free(struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->process_count; i++)
		free(wanted->processes[i].host);
	for (size_t i = 0; i < wanted->client_count; i++)
		free(wanted->clients[i].ip);
	free(wanted->processes);
	free(wanted->clients);
	free_texts(wanted->uuids, wanted->uuid_count);
	free_texts(wanted->vms, wanted->vm_count);
	free_texts(wanted->image_ids, wanted->image_id_count);
	free_texts(wanted->ranges, wanted->range_count);
	free(wanted->slots);
	free(wanted->moments);
}
