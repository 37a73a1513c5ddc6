/* SPDX-License-Identifier: MIT */
#include "fleet/news.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct look {
	struct news *news;
	struct news now;
};

static int64_t rows_seen(const struct news *news, int64_t second)
{
	for (size_t i = 0; i < news->count; i++)
		if (news->seen[i].second == second)
			return news->seen[i].rows;
	return 0;
}

static int take(json_t *row, void *arg)
{
	struct look *look = arg;
	struct news *news = look->news, *now = &look->now;
	int64_t second = row_number(row, "second"), rows = row_number(row, "rows");
	int64_t begin_ns = row_number(row, "begin_ns"), end_ns = row_number(row, "end_ns");

	if (second > news->newest_s)
		news->newest_s = second;
	if (now->count < sizeof now->seen / sizeof *now->seen) {
		now->seen[now->count].second = second;
		now->seen[now->count++].rows = rows;
	}
	if (rows <= rows_seen(news, second) || !begin_ns)
		return 0;
	if (!news->begin_ns || begin_ns < news->begin_ns)
		news->begin_ns = begin_ns;
	if (end_ns > news->end_ns)
		news->end_ns = end_ns;
	return 0;
}

int news_look(struct news *news, struct store *store, int64_t back_s)
{
	struct look look = { .news = news };
	struct query query;
	int error;

	if (query_begin(&query))
		return -ENOMEM;
	/* Rare kinds alone, and they stand first in the key: a look costs a few thousand rows. */
	fprintf(query.stream,
	        "SELECT toUInt32(arrived) AS second, count() AS rows, min(ts_ns) AS begin_ns, max(ts_ns) AS end_ns FROM "
	        "{db}.events WHERE "
	        "event IN ('blocklist', 'blocklist_result', 'audit_blocklist', 'watch_error', 'io_eshutdown', 'io_error', "
	        "'io_failure', "
	        "'lock_break_begin', 'lock_break_end', 'ping_sample', 'ping_reply', 'watch_logged', 'process_stalled', "
	        "'snapshot_end', "
	        "'watchers_listed', 'lost_events', 'slow_request') AND rare = 1 AND ts_ns > 0 AND arrived >= now() - %" PRId64
	        " AND " QUERY_WATCH_BROKEN " GROUP BY second ORDER BY second DESC LIMIT %zu",
	        news->count ? (int64_t)NEWS_SECONDS : back_s, sizeof look.now.seen / sizeof *look.now.seen);
	error = query_rows(&query, store, take, &look);
	if (!error && look.now.count) {
		memcpy(news->seen, look.now.seen, sizeof news->seen);
		news->count = look.now.count;
	}
	return error;
}

void news_forget(struct news *news)
{
	news->begin_ns = news->end_ns = 0;
}
