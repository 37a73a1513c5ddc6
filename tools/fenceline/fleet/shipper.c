/* SPDX-License-Identifier: MIT */
#include "fleet/shipper.h"
#include "run/now.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_BYTES   ((size_t)4 << 20)
#define ROUTINE_MS    5000
#define URGENT_MS     10000 /* after a row that tells of harm routine rows, too, go with the next flush: the proof is in them */
#define BEAT_MS       10000
#define POST_S        30
#define RETRY_MS      1000
#define SLOWEST_RETRY 30000
#define DENIED_MS     15000 /* each try with a wrong password stands in the store's log */

struct queue {
	char *text;
	size_t size;
	FILE *stream;
	uint64_t rows;
	int64_t since_ms;
};

/* All columns but `arrived`. One that is not named gets its default; 18.16 does not fill in one that only the rows lack. */
#define COLUMNS \
	"(day, event, slot, host, pid, ts_ns, id, seq, shipper, uid, gid, client_ip, client_nonce, vm, uuid, pool, namespace, " \
	"image, image_id, " \
	"osd, result, rtt_ns, rare, source, source_kind, tz, tz_from, line, fields"

enum { RARE, ROUTINE, QUEUES };

struct shipper {
	struct store *store;
	struct spool *spool;
	struct rows *rows;
	const char *host;
	bool buffered, checked;
	struct queue queues[QUEUES];
	struct shipper_counts counts;
	int64_t started_ns, retry_at_ms, retry_ms, beat_ms;
	int64_t urgent_until_ms;   /* CLOCK_MONOTONIC */
	enum store_status trouble; /* that was told last */
};

struct shipper *shipper_new(struct store *store, struct spool *spool, struct rows *rows, const char *host, bool buffered)
{
	struct shipper *shipper = calloc(1, sizeof *shipper);

	if (shipper) {
		*shipper = (struct shipper){ .store = store, .spool = spool, .rows = rows, .host = host, .buffered = buffered };
		shipper->started_ns = epoch_ns();
		shipper->beat_ms = monotonic_ms() - BEAT_MS;
	}
	return shipper;
}

void shipper_free(struct shipper *shipper)
{
	for (int i = 0; shipper && i < QUEUES; i++) {
		if (shipper->queues[i].stream)
			fclose(shipper->queues[i].stream);
		free(shipper->queues[i].text);
	}
	free(shipper);
}

/* ---- Trouble, said once ---- */

static void trouble(struct shipper *shipper, enum store_status status)
{
	const char *what = status == STORE_DENIED           ? "lets nobody in"
	                   : status == STORE_SCHEMA_DIFFERS ? "has another schema"
	                                                    : "is away";
	int64_t longest = status == STORE_AWAY ? SLOWEST_RETRY : DENIED_MS;

	shipper->retry_ms = status != STORE_AWAY ? longest : shipper->retry_ms ? shipper->retry_ms * 2 : RETRY_MS;
	if (shipper->retry_ms > longest)
		shipper->retry_ms = longest;
	shipper->retry_at_ms = monotonic_ms() + shipper->retry_ms;
	shipper->checked = false;
	if (shipper->trouble == status)
		return;
	shipper->trouble = status;
	fprintf(stderr, "fenceline: the store %s: %s; rows wait in the spool\n", what, store_why(shipper->store));
}

static void well(struct shipper *shipper)
{
	if (shipper->trouble != STORE_DONE)
		fprintf(stderr, "fenceline: the store takes rows again\n");
	shipper->trouble = STORE_DONE;
	shipper->retry_ms = shipper->retry_at_ms = 0;
}

static bool may_try(const struct shipper *shipper)
{
	return monotonic_ms() >= shipper->retry_at_ms;
}

/* ---- Posts ---- */

static uint64_t lines_in(const char *text, size_t size)
{
	uint64_t lines = 0;

	for (const char *at = text, *end = text + size; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
		lines++;
	return lines;
}

static bool is_urgent(const struct shipper *shipper)
{
	return monotonic_ms() < shipper->urgent_until_ms;
}

static enum store_status post(struct shipper *shipper, bool rare, const char *text, size_t size)
{
	/* A store that lacks the columns that came later gets the rows without them. */
	bool whole = store_has_later(shipper->store);
	enum store_status status;
	char query[512];

	snprintf(query, sizeof query, "INSERT INTO {db}.events%s %s%s) FORMAT JSONEachRow",
	         rare || !shipper->buffered || is_urgent(shipper) ? "" : "_buffer", COLUMNS, whole ? ", " STORE_LATER : "");
	status = store_query(shipper->store, query, text, size, NULL, POST_S);

	if (status == STORE_DONE)
		shipper->counts.rows += lines_in(text, size);
	return status;
}

static void refuse(struct shipper *shipper, const char *row, size_t size)
{
	size -= size && row[size - 1] == '\n';
	if (!shipper->counts.refused++)
		fprintf(stderr, "fenceline: the store refuses a row, which is kept in refused.ndjson of the spool: %s: %.*s\n",
		        store_why(shipper->store), size < 300 ? (int)size : 300, row);
	spool_refuse(shipper->spool, row, size, store_why(shipper->store));
}

/* The batch is refused for a row or a few. Halves of it are posted until they are found: log2(rows) times for each row at most.
 */
static enum store_status post_halves(struct shipper *shipper, bool rare, const char *text, size_t size)
{
	enum store_status status = post(shipper, rare, text, size);
	const char *middle;
	size_t first;

	if (status != STORE_REFUSED)
		return status;
	if (lines_in(text, size) <= 1) {
		refuse(shipper, text, size);
		return STORE_DONE;
	}
	middle = memchr(text + size / 2, '\n', size - size / 2 - 1);
	if (!middle)
		middle = memrchr(text, '\n', size - 1);
	first = (size_t)(middle - text) + 1;
	status = post_halves(shipper, rare, text, first);
	return status == STORE_DONE ? post_halves(shipper, rare, text + first, size - first) : status;
}

static enum store_status ready(struct shipper *shipper)
{
	enum store_status status = shipper->checked ? STORE_DONE : store_check_schema(shipper->store);

	shipper->checked = status == STORE_DONE;
	if (shipper->checked)
		store_remark(shipper->store);
	return status;
}

/* True: each of its rows has been taken, or is written down as refused. */
static bool ship(struct shipper *shipper, bool rare, const char *text, size_t size)
{
	enum store_status status;

	if (!may_try(shipper))
		return false;
	status = ready(shipper);
	if (status == STORE_DONE)
		status = post_halves(shipper, rare, text, size);
	if (status != STORE_DONE) {
		trouble(shipper, status);
		return false;
	}
	well(shipper);
	return true;
}

/* ---- Queues ---- */

int shipper_add(struct shipper *shipper, const struct event *event)
{
	struct queue *queue = &shipper->queues[row_is_rare(event) ? RARE : ROUTINE];

	if (!queue->stream) {
		queue->stream = open_memstream(&queue->text, &queue->size);
		queue->since_ms = monotonic_ms();
		queue->rows = 0;
	}
	if (!queue->stream)
		return -ENOMEM;
	if (row_tells_harm(event))
		shipper->urgent_until_ms = monotonic_ms() + URGENT_MS;
	rows_write(shipper->rows, event, queue->stream);
	queue->rows++;
	if (queue->rows % 256 == 0 && (fflush(queue->stream), queue->size > BATCH_BYTES))
		shipper_flush(shipper, false);
	return 0;
}

static bool is_due(const struct shipper *shipper, int which)
{
	const struct queue *queue = &shipper->queues[which];

	return queue->stream && (which == RARE || is_urgent(shipper) || queue->size > BATCH_BYTES ||
	                         monotonic_ms() - queue->since_ms >= ROUTINE_MS);
}

static void flush_queue(struct shipper *shipper, int which)
{
	struct queue *queue = &shipper->queues[which];

	fclose(queue->stream);
	queue->stream = NULL;
	/* What waits on disk comes first, but for what is rare: nothing depends on the order. */
	if (queue->size &&
	    ((which == ROUTINE && spool_bytes(shipper->spool)) || !ship(shipper, which == RARE, queue->text, queue->size)))
		spool_add(shipper->spool, which == RARE, queue->text, queue->size);
	free(queue->text);
	*queue = (struct queue){ .text = NULL };
}

static void drain(struct shipper *shipper)
{
	char *rows;
	size_t size;
	bool rare;

	while (may_try(shipper) && spool_first(shipper->spool, &rare, &rows, &size)) {
		bool shipped = ship(shipper, rare, rows, size);
		free(rows);
		if (!shipped)
			return;
		spool_drop_first(shipper->spool);
	}
}

/* What the spool could not hold is told as lost events of this host, with their first and last time. */
static void tell_lost(struct shipper *shipper)
{
	struct spool_lost lost = spool_lost(shipper->spool);
	struct source source = { .path = "spool", .kind = "spool", .host = shipper->host, .tz = "UTC", .tz_from = "log" };
	struct event event = { .ts_ns = lost.end_ns ? lost.end_ns : epoch_ns(), .fact = FACT_lost_events, .source = &source };

	if (!lost.rows || spool_bytes(shipper->spool) || !may_try(shipper))
		return;
	event.lost = (struct lost_events){ lost.rows, lost.begin_ns, lost.end_ns };
	fprintf(stderr, "fenceline: the spool could not hold %" PRIu64 " rows; they are lost, and the store is told\n",
	        lost.rows);
	shipper->counts.lost += lost.rows;
	spool_forget_lost(shipper->spool);
	if (!shipper_add(shipper, &event))
		flush_queue(shipper, RARE);
}

void shipper_flush(struct shipper *shipper, bool all)
{
	for (int i = 0; i < QUEUES; i++) {
		if (shipper->queues[i].stream)
			fflush(shipper->queues[i].stream);
		if (shipper->queues[i].stream && (all || is_due(shipper, i)))
			flush_queue(shipper, i);
	}
	drain(shipper);
	tell_lost(shipper);
}

void shipper_beat(struct shipper *shipper)
{
	int64_t now = epoch_ns();
	time_t seconds = now / NS_PER_S;
	char day[16], row[1024];
	struct tm tm;
	int length;

	if (monotonic_ms() - shipper->beat_ms < BEAT_MS || !may_try(shipper) || ready(shipper) != STORE_DONE)
		return;
	shipper->beat_ms = monotonic_ms();
	shipper->checked = store_has_later(shipper->store); /* somebody may add them meanwhile */
	strftime(day, sizeof day, "%Y-%m-%d", gmtime_r(&seconds, &tm));
	length = snprintf(row, sizeof row,
	                  "{\"day\":\"%s\",\"shipper\":\"%s\",\"started_ns\":%" PRId64 ",\"sent_ns\":%" PRId64
	                  ",\"schema\":%d,\"version\":\"%s\",\"rows\":%" PRIu64 ",\"spooled_bytes\":%" PRIu64
	                  ",\"lost_rows\":%" PRIu64 ",\"refused_rows\":%" PRIu64 "}\n",
	                  day, shipper->host, shipper->started_ns, now, STORE_SCHEMA, FENCELINE_VERSION, shipper->counts.rows,
	                  spool_bytes(shipper->spool), shipper->counts.lost, shipper->counts.refused);
	store_query(
	        shipper->store,
	        "INSERT INTO {db}.shippers (day, shipper, started_ns, sent_ns, schema, version, rows, spooled_bytes, lost_rows, "
	        "refused_rows) FORMAT JSONEachRow",
	        row, (size_t)length, NULL, 5);
}

void shipper_sums(struct shipper *shipper, const char *rows, size_t size)
{
	if (may_try(shipper) && ready(shipper) == STORE_DONE)
		store_query(shipper->store, "INSERT INTO {db}.osd_sums FORMAT JSONEachRow", rows, size, NULL, 5);
}

const char *shipper_host(const struct shipper *shipper)
{
	return shipper->host;
}

bool shipper_is_refused(const struct shipper *shipper)
{
	return shipper->trouble == STORE_DENIED || shipper->trouble == STORE_SCHEMA_DIFFERS;
}

bool shipper_is_idle(const struct shipper *shipper)
{
	return !shipper->queues[RARE].stream && !shipper->queues[ROUTINE].stream && !spool_bytes(shipper->spool);
}

struct shipper_counts shipper_counts(const struct shipper *shipper)
{
	return shipper->counts;
}
