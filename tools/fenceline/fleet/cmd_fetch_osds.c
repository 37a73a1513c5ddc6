/* SPDX-License-Identifier: MIT */
/*
 * `fenceline-fleet fetch-osds URL SINCE UNTIL [VM]`, for `fenceline osds` alone: pings by OSD and by who sent them, added up by
 * the store. Times in ns since the epoch. One JSON object a line: osd, who (what tells senders apart), name, answered, errors,
 * lost, median_ns (-1: not told), buckets, begin_ns, end_ns, counted.
 *
 * The hosts' own counts (osd_sums, `counted`) know all pings of all VMs, by host. Where there are none, or one VM is asked for,
 * it is the pings that were shipped, by process.
 */
#include "run/commands.h"
#include "fleet/fetch.h"
#include "fleet/query.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define LOST_NS (8 * NS_PER_S) /* a ping that is younger may still be answered */

struct asked {
	int64_t since_ns, until_ns;
	const char *vm; /* NULL: all */
};

static void during(struct query *query, const struct asked *asked)
{
	query_days(query, asked->since_ns, asked->until_ns);
	fprintf(query->stream, " AND ts_ns BETWEEN %" PRId64 " AND %" PRId64 " AND osd != ''", asked->since_ns, asked->until_ns);
}

static int copy_sums(struct store *store, const struct asked *asked, FILE *out)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT osd, shipper AS who, shipper AS name, sum(answered) AS answered, sum(errors) AS errors, sum(lost) AS lost, "
	      "toInt64(-1) AS median_ns, sumForEach(rtt) AS buckets, min(ts_ns) AS begin_ns, max(ts_ns) AS end_ns, 1 AS counted FROM "
	      "(SELECT osd, shipper, ts_ns, answered, errors, lost, rtt FROM {db}.osd_sums WHERE ",
	      query.stream);
	during(&query, asked);
	fputs(") GROUP BY osd, shipper ORDER BY who, osd", query.stream);
	return query_copy(&query, store, out);
}

static int copy_pings(struct store *store, const struct asked *asked, FILE *out)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	/* The buckets are made beneath the sums: 18.16 does not see a column of an inner question that only a lambda names. */
	fprintf(query.stream,
	        "SELECT osd, concat(host, ' ', toString(pid), ' ', toString(gid)) AS who, any(vm) AS name, "
	        "countIf(event = 'ping_reply') AS answered, countIf(event = 'ping_reply' AND result < 0) AS errors, "
	        "toInt64(countIf(event = 'ping_sent' AND ts_ns < %" PRId64 ")) - toInt64(countIf(event = 'ping_reply' AND "
	        "sent_ns < %" PRId64 ")) AS lost, if(answered = 0, toInt64(-1), toInt64(quantileExactIf(0.5)(rtt_ns, event = "
	        "'ping_reply'))) AS median_ns, sumForEach(spread) AS buckets, min(ts_ns) AS begin_ns, max(ts_ns) AS end_ns, 0 AS counted "
	        "FROM (SELECT id, event, osd, host, pid, gid, vm, result, rtt_ns, ts_ns, visitParamExtractInt(fields, 'sent_ns') AS "
	        "sent_ns, arrayMap(i -> toUInt64(event = 'ping_reply' AND i = toUInt8(if(rtt_ns < 2000, 0, floor(log2(rtt_ns / "
	        "1000))))), range(%d)) AS spread FROM {db}.events WHERE event IN ('ping_sent', 'ping_reply') AND ",
	        asked->until_ns - LOST_NS, asked->until_ns - LOST_NS, FL_LATENCY_BUCKETS);
	during(&query, asked);
	if (asked->vm)
		query_vm(&query, asked->vm);
	fputs(" LIMIT 1 BY id) GROUP BY osd, host, pid, gid ORDER BY who, osd", query.stream);
	return query_copy(&query, store, out);
}

static int fetch(struct store *store, const struct asked *asked)
{
	char *sums = NULL;
	size_t size = 0;
	FILE *out;
	int error = 0;

	out = open_memstream(&sums, &size);
	if (!out)
		return -ENOMEM;
	if (!asked->vm)
		error = copy_sums(store, asked, out);
	fclose(out);
	if (!error && size)
		fputs(sums, stdout);
	else if (!error)
		error = copy_pings(store, asked, stdout);
	free(sums);
	return error ? error : fflush(stdout) ? -errno : 0;
}

int cmd_fetch_osds(int argc, char **argv)
{
	struct asked asked = { 0 };
	struct store *store;
	int code = fetch_begin(argc, argv, "fetch-osds is for `fenceline osds`", &store);

	if (code)
		return code;
	asked.since_ns = strtoll(argv[2], NULL, 10);
	asked.until_ns = strtoll(argv[3], NULL, 10);
	asked.vm = argc > 4 && *argv[4] ? argv[4] : NULL;
	code = fetch(store, &asked) ? EXIT_FAILED : EXIT_DONE;
	store_close(store);
	return code;
}
