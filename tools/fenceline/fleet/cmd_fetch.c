/* SPDX-License-Identifier: MIT */
/*
 * `fenceline-fleet fetch URL SINCE UNTIL [VM [IMAGE]]`, for the reading commands alone: the events that the question needs, as
 * text (fenceline/events/1), in order of their sources. Times in ns since the epoch; VM and IMAGE may be "".
 */
#include "run/commands.h"
#include "fleet/fetch.h"
#include "fleet/wanted_find.h"
#include "fleet/wanted_where.h"

#include <errno.h>
#include <stdlib.h>

#define BEFORE_NS (150 * NS_PER_S) /* silences that matter lie in it */
#define AFTER_NS  (30 * NS_PER_S)  /* a ping that is answered later than that is lost */

#define AT_A_TIME 1000

#define VM_NS (30 * DAY_NS) /* how long ago a VM may have been started for its log to be looked for */

/* A store that lacks the columns that came later is asked without them. */
static void columns(struct query *query, const struct store *store)
{
	fprintf(query->stream,
	        "SELECT ts_ns, event, host, source, source_kind, tz, tz_from, line%s, fields FROM {db}.events WHERE ",
	        store_has_later(store) ? ", " STORE_LATER : "");
}

/* Logs first and then traces, as the inputs of files are merged. */
#define IN_ORDER " ORDER BY source_kind = 'ctf', source, ts_ns, line, seq LIMIT 1 BY id"

/* The kinds that only logs tell, and what says how much is not there. */
#define LOGGED \
	"event IN ('audit_blocklist', 'lost_events', 'slow_request', 'snaptrim', 'removed_snaps', 'watch_logged', " \
	"'io_failure', " \
	"'blocklist_entry', 'lock_logged', 'snapshot_logged', 'osd_latency', 'watch_timeout', 'cluster_paused', 'vm_logged')"

/* All that logs said then, whoever it is about: a slow OSD names nobody. */
static int copy_logged(const struct wanted *wanted, struct store *store)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	columns(&query, store);
	fputs(LOGGED " AND (", query.stream);
	where_time(wanted, &query);
	fputs(" OR slot = 0 AND ", query.stream);
	query_days(&query, wanted->since_ns, wanted->until_ns + DAY_NS);
	/* A VM's start and drives are told once, in its log. */
	fputs(" OR event = 'vm_logged' AND day >= ", query.stream);
	query_day(&query, wanted->since_ns - VM_NS);
	fputs(" AND ", query.stream);
	where_vms(wanted, &query);
	fputs(")" IN_ORDER, query.stream);
	return query_copy(&query, store, stdout);
}

static int copy_processes(const struct wanted *wanted, struct store *store)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	columns(&query, store);
	fputs("NOT " LOGGED " AND ", query.stream);
	where_time(wanted, &query);
	fputs(" AND ", query.stream);
	where_processes(wanted, &query);
	fputs(IN_ORDER, query.stream);
	return query_copy(&query, store, stdout);
}

/* GLOBAL, since over several shards the inner question is to be asked once; on one server the word changes nothing.
 * The pings of the same hosts and to the same OSDs say on which side pings were lost. */
static void neighbours(const struct wanted *wanted, struct query *query, const char *events, int64_t before_ns, int64_t after_ns)
{
	fprintf(query->stream, "event IN (%s) AND ", events);
	where_time(wanted, query);
	fputs(" AND ", query->stream);
	where_moments(wanted, query, before_ns, after_ns);
	fputs(" AND NOT ", query->stream);
	where_processes(wanted, query);
	fputs(" AND (host IN (''", query->stream);
	for (size_t i = 0; i < wanted->process_count; i++) {
		fputc(',', query->stream);
		query_text(query, wanted->processes[i].host);
	}
	fputs(") OR osd GLOBAL IN (SELECT osd FROM {db}.events WHERE event = 'ping_sent' AND ", query->stream);
	where_time(wanted, query);
	fputs(" AND ", query->stream);
	where_processes(wanted, query);
	fputs("))", query->stream);
}

static int copy_neighbours(const struct wanted *wanted, struct store *store)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	columns(&query, store);
	fputs("(", query.stream);
	neighbours(wanted, &query, "'ping_sent'", BEFORE_NS, 0);
	fputs(" OR ", query.stream);
	neighbours(wanted, &query, "'ping_reply'", BEFORE_NS, AFTER_NS);
	fputs(")" IN_ORDER, query.stream);
	return query_copy(&query, store, stdout);
}

static int find_neighbours(const struct wanted *wanted, struct store *store, struct wanted *found)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT DISTINCT host, pid FROM {db}.events WHERE ", query.stream);
	neighbours(wanted, &query, "'ping_sent'", BEFORE_NS, 0);
	return query_rows(&query, store, wanted_take, found);
}

/* Who they are: one state of each will do. Named, they are found by the key; so many at a time as a query may be long. */
static int copy_neighbours_states(const struct wanted *wanted, struct store *store)
{
	struct wanted found = { .since_ns = 0 };
	int error = find_neighbours(wanted, store, &found);

	for (size_t i = 0; !error && i < found.process_count; i += AT_A_TIME) {
		struct query query;
		if (query_begin(&query)) {
			error = -ENOMEM;
			break;
		}
		columns(&query, store);
		fputs("event = 'state' AND ", query.stream);
		where_time(wanted, &query);
		fputs(" AND ", query.stream);
		where_moments(wanted, &query, BEFORE_NS, 0);
		fputs(" AND ", query.stream);
		where_some_processes(&found, &query, i, i + AT_A_TIME);
		fputs(" ORDER BY ts_ns LIMIT 1 BY host, pid, gid, image_id", query.stream);
		error = query_copy(&query, store, stdout);
	}
	wanted_free(&found);
	return error;
}

static int fetch(struct store *store, struct wanted *wanted)
{
	int error;

	puts("{\"schema\": \"fenceline/events/1\"}");
	error = wanted_find(wanted, store);
	if (!error)
		error = copy_logged(wanted, store);
	if (!error && wanted->process_count)
		error = copy_processes(wanted, store);
	if (!error && wanted->process_count && wanted->moment_count)
		error = copy_neighbours(wanted, store);
	if (!error && wanted->process_count && wanted->moment_count)
		error = copy_neighbours_states(wanted, store);
	return error ? error : fflush(stdout) ? -errno : 0;
}

int cmd_fetch(int argc, char **argv)
{
	struct wanted wanted = { .since_ns = 0 };
	struct store *store;
	int code = fetch_begin(argc, argv, "fetch is for `fenceline incidents` and its like", &store);

	if (code)
		return code;
	wanted.since_ns = strtoll(argv[2], NULL, 10);
	wanted.until_ns = strtoll(argv[3], NULL, 10);
	wanted.vm = argc > 4 && *argv[4] ? argv[4] : NULL;
	wanted.image = argc > 5 && *argv[5] ? argv[5] : NULL;
	code = fetch(store, &wanted) ? EXIT_FAILED : EXIT_DONE;
	wanted_free(&wanted);
	store_close(store);
	return code;
}
