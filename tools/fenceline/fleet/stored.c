/* SPDX-License-Identifier: MIT */
#include "fleet/stored.h"
#include "ingest/event_text.h"
#include "model/address.h"
#include "model/times.h"
#include "run/now.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STANDS_NS (3600 * NS_PER_S) /* how long a fence does whose end nobody tells: Ceph's default */
#define BACK_NS   (90000 * NS_PER_S)
#define NOBODY_NS (50 * NS_PER_S)
#define POST_S    10

/* Not of the begin, which may move: versions of one row lie in one partition. */
void stored_day(const struct stored *stored, char day[16])
{
	time_t seconds = stored->episode_ns > 0 ? stored->episode_ns / NS_PER_S : 0;
	struct tm tm;

	strftime(day, 16, "%Y-%m-%d", gmtime_r(&seconds, &tm));
}

/* ---- The book ---- */

/* Begins nearer than STORY_NS are of one episode. */
static struct stored *find(const struct stored_book *book, const char *kind, const char *ip, uint64_t nonce, int64_t begin_ns)
{
	struct stored *nearest = NULL;

	for (struct stored *stored = book->list; stored; stored = stored->next)
		if (stored->nonce == nonce && !strcmp(stored->ip, ip) && !strcmp(stored->kind, kind) &&
		    llabs(stored->begin_ns - begin_ns) < STORY_NS &&
		    (!nearest || llabs(stored->begin_ns - begin_ns) < llabs(nearest->begin_ns - begin_ns)))
			nearest = stored;
	return nearest;
}

static struct stored *add(struct stored_book *book, const char *kind, const char *ip, uint64_t nonce, int64_t begin_ns,
                          int64_t episode_ns)
{
	struct stored *stored = calloc(1, sizeof *stored);

	if (!stored)
		return NULL;
	snprintf(stored->kind, sizeof stored->kind, "%s", kind);
	snprintf(stored->ip, sizeof stored->ip, "%s", ip);
	stored->nonce = nonce;
	stored->begin_ns = begin_ns;
	stored->episode_ns = episode_ns;
	stored->first_ms = monotonic_ms();
	stored->next = book->list;
	book->list = stored;
	return stored;
}

static int64_t until(int64_t begin_ns, int64_t expires_ns, int64_t removed_ns)
{
	return removed_ns ? removed_ns : expires_ns ? expires_ns : begin_ns + STANDS_NS;
}

/* A fenced client's I/O may fail for hours, and what is read then no longer has the command: the fence that it is of. */
static struct stored *find_standing(const struct stored_book *book, const char *ip, uint64_t nonce, int64_t at_ns)
{
	for (struct stored *stored = book->list; stored; stored = stored->next)
		if (stored->nonce == nonce && !strcmp(stored->ip, ip) && !strcmp(stored->kind, "fence") &&
		    stored->begin_ns <= at_ns && at_ns <= stored->until_ns)
			return stored;
	return NULL;
}

static int take(json_t *row, void *arg)
{
	struct stored_book *book = arg;
	const char *kind = row_text(row, "kind"), *ip = row_text(row, "client_ip");
	uint64_t nonce = (uint64_t)row_number(row, "client_nonce"), version = (uint64_t)row_number(row, "newest");
	int64_t begin_ns = row_number(row, "begin");
	struct stored *stored = find(book, kind, ip, nonce, begin_ns);

	if (!stored)
		stored = add(book, kind, ip, nonce, begin_ns, row_number(row, "episode_ns"));
	if (!stored)
		return -ENOMEM;
	if (version <= stored->version)
		return 0;
	stored->version = version;
	stored->begin_ns = begin_ns;
	stored->until_ns = until(begin_ns, row_number(row, "expires"), row_number(row, "removed"));
	free(stored->verdict);
	stored->verdict = strdup(row_text(row, "text"));
	stored->announced |= !strcmp(row_text(row, "text"), "{}");
	return stored->verdict ? 0 : -ENOMEM;
}

int stored_read(struct stored_book *book, int64_t begin_ns, int64_t end_ns)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	/* What was over long ago counts only by its end. */
	fprintf(query.stream,
	        "SELECT kind, client_ip, client_nonce, episode_ns, max(version) AS newest, argMax(begin_ns, version) AS begin, "
	        "argMax(visitParamExtractInt(verdict, 'expires_ns'), version) AS expires, "
	        "argMax(visitParamExtractInt(verdict, 'removed_ns'), version) AS removed, "
	        "argMax(if(begin_ns >= %" PRId64 ", verdict, '{}'), version) AS text FROM {db}.verdicts WHERE ",
	        begin_ns - 2 * STORY_NS);
	query_days(&query, begin_ns - BACK_NS, end_ns + STORY_NS);
	fprintf(query.stream, " AND begin_ns BETWEEN %" PRId64 " AND %" PRId64, begin_ns - BACK_NS, end_ns + 2 * STORY_NS);
	fputs(" GROUP BY kind, client_ip, client_nonce, episode_ns", query.stream);
	return query_rows(&query, book->store, take, book);
}

void stored_free(struct stored_book *book)
{
	struct stored *next;

	for (struct stored *stored = book->list; stored; stored = next) {
		next = stored->next;
		free(stored->verdict);
		free(stored);
	}
	book->list = NULL;
}

/* ---- Rows ---- */

/* object.key, or of an object in it, object.key.inner; NULL where any is missing. */
static const json_t *within(const json_t *object, const char *key, const char *inner)
{
	const json_t *value = json_object_get(object, key);

	return inner ? json_object_get(value, inner) : value;
}

struct column {
	const char *name, *key, *inner;
};

static const struct column texts[] = {
	{ "vm", "vm", "name" },
	{ "uuid", "vm", "uuid" },
	{ "host", "vm", "host" },
	{ "pool", "image", "pool" },
	{ "namespace", "image", "namespace" },
	{ "image", "image", "name" },
	{ "image_id", "image", "id" },
	{ "cause", "cause", NULL },
	{ "cause", "kind", NULL }, /* of a near miss */
	{ "confidence", "confidence", NULL },
	{ "client_state", "client_state", NULL },
	{ "osd", "header", "osd" },
	{ "side", "where", "side" },
	{ "entry", "blocklist", "entry" },
	{ "by_entity", "blocklist", "entity" },
	{ "by_host", "blocklist", "host" },
	{ "by_process", "blocklist", "process" },
	{ "snapshot_op", "snapshot_window", "op" },
	{ "snapshot", "snapshot_window", "snap" },
};

static const struct column numbers[] = {
	{ "first_eshutdown_ns", "first_eshutdown", "ts_ns" },
	{ "lost_pings", "lost_pings", NULL },
	{ "failed_ios", "failed_ios", NULL },
};

static void write_row(FILE *out, const struct stored_book *book, const struct stored *stored, const json_t *verdict)
{
	char day[16];

	stored_day(stored, day);
	fprintf(out, "{\"day\":\"%s\",\"client_ip\":", day);
	event_text_string(out, stored->ip);
	fprintf(out,
	        ",\"client_nonce\":%" PRIu64 ",\"episode_ns\":%" PRId64 ",\"version\":%" PRIu64
	        ",\"kind\":\"%s\",\"begin_ns\":%" PRId64 ",\"evidence\":%zu",
	        stored->nonce, stored->episode_ns, stored->version, stored->kind, stored->begin_ns,
	        json_array_size(json_object_get(verdict, "evidence")));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const json_t *value = within(verdict, texts[i].key, texts[i].inner);
		if (!json_is_string(value))
			continue;
		fprintf(out, ",\"%s\":", texts[i].name);
		event_text_string(out, json_string_value(value));
	}
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		fprintf(out, ",\"%s\":%" JSON_INTEGER_FORMAT, numbers[i].name,
		        json_integer_value(within(verdict, numbers[i].key, numbers[i].inner)));
	fputs(",\"watcher\":", out);
	event_text_string(out, book->watcher);
	fputs(",\"verdict\":", out);
	event_text_string(out, stored->verdict);
	fputs("}\n", out);
}

/* A listing of the cluster's blocklist tells of a fence and not when it was: it is the one that the evidence leads up to, and is
 * the same episode when its command comes to light. */
static int64_t last_evidence_of(const json_t *verdict)
{
	int64_t last_ns = 0;
	const json_t *line;
	size_t i;

	json_array_foreach(json_object_get(verdict, "evidence"), i, line)
	{
		int64_t ns = json_integer_value(json_object_get(line, "ts_ns"));
		last_ns = ns > last_ns ? ns : last_ns;
	}
	return last_ns;
}

/* 0: nothing in it has a time. */
static int64_t begin_of(const json_t *verdict)
{
	const json_t *begin = within(verdict, "blocklist", "ts_ns");

	if (!json_is_integer(begin))
		begin = within(verdict, "first_eshutdown", "ts_ns");
	if (!json_is_integer(begin))
		begin = json_object_get(verdict, "begin_ns");
	return json_integer_value(begin) ? json_integer_value(begin) : last_evidence_of(verdict);
}

static void client_of(const json_t *verdict, char *ip, size_t size, uint64_t *nonce)
{
	const char *text = json_string_value(within(verdict, "client", "address"));
	struct address address;

	*nonce = 0;
	if (!text) /* a range that no known client is in */
		text = json_string_value(within(verdict, "blocklist", "range"));
	snprintf(ip, size, "%s", text ? text : "");
	if (text && address_parse(text, &address) && inet_ntop(address.family, address.ip, ip, (socklen_t)size))
		*nonce = address.nonce;
}

/* 1: it is to be written; 0: the store has it; -ENOMEM. */
static int note(struct stored_book *book, const char *kind, const json_t *verdict, uint64_t version, struct stored **noted)
{
	char ip[64], *text = json_dumps(verdict, JSON_COMPACT | JSON_SORT_KEYS);
	int64_t begin_ns = begin_of(verdict) ?: epoch_ns();
	bool has_command = json_is_object(json_object_get(verdict, "blocklist"));
	struct stored *stored;
	uint64_t nonce;

	if (!text)
		return -ENOMEM;
	client_of(verdict, ip, sizeof ip, &nonce);
	stored = find(book, kind, ip, nonce, begin_ns);
	if (!stored && !has_command && !strcmp(kind, "fence") && find_standing(book, ip, nonce, begin_ns)) {
		free(text);
		return 0;
	}
	if (!stored)
		stored = add(book, kind, ip, nonce, begin_ns, begin_ns / STORY_NS * STORY_NS);
	if (!stored ||
	    (stored->verdict && !stored->unwritten && (!strcmp(stored->verdict, text) || stored->version >= version))) {
		free(text);
		return stored ? 0 : -ENOMEM;
	}
	free(stored->verdict);
	stored->verdict = text;
	stored->version = version;
	stored->begin_ns = begin_ns;
	stored->until_ns = until(begin_ns, json_integer_value(within(verdict, "blocklist", "expires_ns")),
	                         json_integer_value(within(verdict, "blocklist", "removed_ns")));
	stored->fresh = stored->unwritten = true;
	*noted = stored;
	return 1;
}

static bool is_inside(const json_t *verdict, const struct stored_range *range)
{
	int64_t begin_ns = begin_of(verdict);

	return !begin_ns || (begin_ns >= range->begin_ns && begin_ns <= range->end_ns);
}

static bool is_log(const json_t *document, const char *source)
{
	const json_t *input;
	size_t i;

	json_array_foreach(json_object_get(document, "inputs"), i, input)
	{
		const char *path = json_string_value(json_object_get(input, "path"));
		const char *kind = json_string_value(json_object_get(input, "kind"));
		if (source && path && kind && !strcmp(path, source))
			return strcmp(kind, "ctf") && strcmp(kind, "events") && strcmp(kind, "page");
	}
	return false;
}

/* No command, and no trace with the -108: a QEMU's log that names a VM may mean another process of it than the one that is known.
 */
static bool is_by_logs_alone(const json_t *document, const json_t *verdict)
{
	const json_t *evidence = json_object_get(verdict, "evidence"), *link, *number;
	size_t i, k;

	if (json_is_object(json_object_get(verdict, "blocklist")))
		return false;
	json_array_foreach(json_object_get(verdict, "chain"), i, link)
	{
		if (strcmp(json_string_value(json_object_get(link, "link")) ?: "", "harm"))
			continue;
		json_array_foreach(json_object_get(link, "evidence"), k, number)
		{
			const json_t *line = json_array_get(evidence, (size_t)json_integer_value(number) - 1);
			if (!is_log(document, json_string_value(json_object_get(line, "source"))))
				return false;
		}
		return true;
	}
	return false;
}

/* The rows that name the client may come late from a shard. Written now, it would be a second fence beside the client's own. */
static bool is_early(const json_t *document, const json_t *verdict)
{
	uint64_t nonce;
	char ip[64];

	client_of(verdict, ip, sizeof ip, &nonce);
	return epoch_ns() - begin_of(verdict) < NOBODY_NS && (!*ip || is_by_logs_alone(document, verdict));
}

static int write_list(struct stored_book *book, const char *kind, json_t *document, const struct stored_range *range, FILE *out)
{
	json_t *list = json_object_get(document, strcmp(kind, "fence") ? "near_misses" : "incidents");
	struct stored *stored;
	const json_t *verdict;
	size_t i;
	int any;

	json_array_foreach(list, i, verdict)
	{
		any = is_inside(verdict, range) && !is_early(document, verdict)
		              ? note(book, kind, verdict, range->version, &stored)
		              : 0;
		if (any < 0)
			return any;
		if (any)
			write_row(out, book, stored, verdict);
	}
	return 0;
}

/* All but `written`, which so gets its default. */
static const char insert[] = "INSERT INTO {db}.verdicts (day, client_ip, client_nonce, episode_ns, version, kind, begin_ns, "
                             "first_eshutdown_ns, vm, uuid, host, pool, "
                             "namespace, image, image_id, cause, confidence, client_state, osd, side, lost_pings, entry, "
                             "by_entity, by_host, by_process, "
                             "snapshot_op, snapshot, failed_ios, evidence, verdict, watcher) FORMAT JSONEachRow";

int stored_write(struct stored_book *book, json_t *document, const struct stored_range *range)
{
	char *rows = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&rows, &size);
	int error = out ? 0 : -ENOMEM;

	if (!error)
		error = write_list(book, "fence", document, range, out);
	if (!error)
		error = write_list(book, "near-miss", document, range, out);
	if (out)
		fclose(out);
	if (!error && size && store_query(book->store, insert, rows, size, NULL, POST_S) != STORE_DONE) {
		fprintf(stderr, "fenceline: the verdicts cannot be written: %s\n", store_why(book->store));
		error = -EIO;
	}
	free(rows);
	for (struct stored *stored = book->list; !error && stored; stored = stored->next)
		stored->unwritten = false;
	return error;
}
