/* SPDX-License-Identifier: MIT */
#include "fleet/query.h"
#include "ingest/event_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUERY_S 60

int query_begin(struct query *query)
{
	*query = (struct query){ NULL, NULL, 0 };
	query->stream = open_memstream(&query->text, &query->size);
	return query->stream ? 0 : -ENOMEM;
}

void query_text(struct query *query, const char *text)
{
	fputc('\'', query->stream);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', query->stream);
		fputc(*text, query->stream);
	}
	fputc('\'', query->stream);
}

void query_day(struct query *query, int64_t ns)
{
	time_t seconds = ns / NS_PER_S;
	struct tm tm;
	char day[16];

	if (seconds < 0)
		seconds = 0;
	strftime(day, sizeof day, "%Y-%m-%d", gmtime_r(&seconds, &tm));
	fprintf(query->stream, "toDate('%s')", day);
}

void query_days(struct query *query, int64_t since_ns, int64_t until_ns)
{
	fputs("day >= ", query->stream);
	query_day(query, since_ns);
	fputs(" AND day <= ", query->stream);
	query_day(query, until_ns);
}

void query_vm(struct query *query, const char *vm)
{
	fputs(" AND (vm = ", query->stream);
	query_text(query, vm);
	fputs(" OR uuid = ", query->stream);
	query_text(query, vm);
	fputc(')', query->stream);
}

static int run(struct query *query, struct store *store, char **answer)
{
	int error = 0;

	fputs(" FORMAT JSONEachRow", query->stream);
	if (fclose(query->stream))
		error = -ENOMEM;
	if (!error && store_query(store, query->text, NULL, 0, answer, QUERY_S) != STORE_DONE) {
		fprintf(stderr, "fenceline: the store does not answer: %s\n", store_why(store));
		error = -EIO;
	}
	free(query->text);
	return error;
}

int query_rows(struct query *query, struct store *store, int (*take)(json_t *row, void *arg), void *arg)
{
	char *answer = NULL;
	int error = run(query, store, &answer);

	for (char *rest = answer, *line; !error && (line = strsep(&rest, "\n"));) {
		json_t *row = *line ? json_loads(line, 0, NULL) : NULL;
		if (row)
			error = take(row, arg);
		else if (*line) {
			fprintf(stderr, "fenceline: the store's answer is no row: %.300s\n", line);
			error = -EIO;
		}
		json_decref(row);
	}
	free(answer);
	return error;
}

int query_copy(struct query *query, struct store *store, FILE *out)
{
	char *answer = NULL;
	int error = run(query, store, &answer);

	if (!error && fputs(answer, out) == EOF)
		error = -EIO;
	free(answer);
	return error;
}

const char *row_text(const json_t *row, const char *name)
{
	return event_text_plain(json_object_get(row, name));
}

int64_t row_number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}
