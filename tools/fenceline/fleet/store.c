/* SPDX-License-Identifier: MIT */
#include "fleet/store.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS  5000L
#define ANSWER_MOST ((size_t)256 << 20)

struct answer {
	char *text;
	size_t size, capacity;
};

struct store {
	struct store_url url;
	CURL *curl;
	struct curl_slist *headers;
	struct answer answer;
	char why[512], error[CURL_ERROR_SIZE], version[64];
	int number; /* of its schema; 0: none yet */
	bool has_later, remarked;
};

/* STORE_LATER, one by one. */
static const struct {
	const char *name, *type;
} later[] = { { "owner", "UInt32" }, { "cluster", "String" } };
#define LATER (sizeof later / sizeof *later)

/* schema.sql, put into the program as it is; FENCELINE_SCHEMA is its path while compiling */
__asm__(".section .rodata\n"
        "fleet_schema: .incbin \"" FENCELINE_SCHEMA "\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char fleet_schema[] __attribute__((visibility("hidden")));

static size_t take(char *data, size_t size, size_t count, void *arg)
{
	struct answer *answer = arg;
	size_t bytes = size * count;

	if (answer->size + bytes + 1 > answer->capacity) {
		size_t capacity = 2 * (answer->size + bytes + 1);
		char *text = capacity > ANSWER_MOST ? NULL : realloc(answer->text, capacity);
		if (!text)
			return 0;
		answer->text = text;
		answer->capacity = capacity;
	}
	memcpy(answer->text + answer->size, data, bytes);
	answer->size += bytes;
	answer->text[answer->size] = '\0';
	return bytes;
}

static void add_header(struct store *store, const char *name, const char *value)
{
	char text[STORE_PASSWORD + 64];

	snprintf(text, sizeof text, "%s: %s", name, value);
	store->headers = curl_slist_append(store->headers, text);
}

struct store *store_open(const struct store_url *url)
{
	struct store *store = calloc(1, sizeof *store);

	if (!store)
		return NULL;
	store->url = *url;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	store->curl = curl_easy_init();
	if (!store->curl) {
		free(store);
		return NULL;
	}
	/* In headers, since a URL ends up in logs. */
	if (*url->user || *url->password)
		add_header(store, "X-ClickHouse-User", *url->user ? url->user : "default");
	if (*url->password)
		add_header(store, "X-ClickHouse-Key", url->password);
	add_header(store, "Expect", ""); /* nothing is gained by asking before */
	curl_easy_setopt(store->curl, CURLOPT_HTTPHEADER, store->headers);
	curl_easy_setopt(store->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(store->curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(store->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(store->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(store->curl, CURLOPT_WRITEDATA, &store->answer);
	curl_easy_setopt(store->curl, CURLOPT_ERRORBUFFER, store->error);
	if (*url->ca)
		curl_easy_setopt(store->curl, CURLOPT_CAINFO, url->ca);
	return store;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	curl_easy_cleanup(store->curl);
	curl_slist_free_all(store->headers);
	free(store->answer.text);
	explicit_bzero(store->url.password, sizeof store->url.password);
	free(store);
}

const struct store_url *store_url_of(const struct store *store)
{
	return &store->url;
}

const char *store_why(const struct store *store)
{
	return store->why;
}

/* ---- What an answer means ---- */

/* ClickHouse's numbers, src/Common/ErrorCodes.cpp; they are never given anew. */
static enum store_status meaning(int code)
{
	switch (code) {
	case 6:
	case 26:
	case 27:
	case 38:
	case 41:
	case 53:
	case 69:
	case 72:
	case 130:
	case 131:
	case 321:
	case 349:
	case 131072:
		return STORE_REFUSED; /* a value that does not parse */
	case 16:
	case 47:
	case 60:
	case 81:
	case 117:
		return STORE_SCHEMA_DIFFERS; /* column, table or database not there; field not known */
	case 192:
	case 193:
	case 194:
	case 195:
	case 291:
	case 497:
	case 516:
		return STORE_DENIED;
	default:
		return STORE_AWAY;
	}
}

static enum store_status judge(struct store *store, CURLcode done)
{
	const char *text = store->answer.text ? store->answer.text : "", *code;
	long status = 0;

	if (done != CURLE_OK) {
		snprintf(store->why, sizeof store->why, "%s", *store->error ? store->error : curl_easy_strerror(done));
		return done == CURLE_PEER_FAILED_VERIFICATION || done == CURLE_SSL_CACERT_BADFILE ||
		                       done == CURLE_SSL_CONNECT_ERROR
		               ? STORE_DENIED
		               : STORE_AWAY;
	}
	curl_easy_getinfo(store->curl, CURLINFO_RESPONSE_CODE, &status);
	code = strstr(text, "Code: ");
	if (status == 200 && (!code || code != text)) /* an exception half-way through an answer of rows is told below it */
		return STORE_DONE;
	snprintf(store->why, sizeof store->why, "%.400s", *text ? text : "no words");
	store->why[strcspn(store->why, "\n")] = '\0';
	if (code)
		return meaning(atoi(code + strlen("Code: ")));
	return status == 401 || status == 403 ? STORE_DENIED : STORE_AWAY;
}

/* ---- Queries ---- */

/* The query with its database's name. */
static char *with_database(const struct store *store, const char *query)
{
	size_t size = strlen(query) * 2 + 64 * sizeof store->url.db;
	char *text = malloc(size), *to = text;

	while (text && *query && (size_t)(to - text) + sizeof store->url.db + 2 < size) {
		if (!strncmp(query, "{db}", 4)) {
			to = stpcpy(to, store->url.db);
			query += 4;
		} else {
			*to++ = *query++;
		}
	}
	if (text)
		*to = '\0';
	return text;
}

/* An INSERT has its query in the URL and its rows as the body. Every other query is the body itself. */
static char *make_url(struct store *store, const char *query, bool has_rows)
{
	/* The next reader must see what was inserted, over several shards, too: claims depend on it. */
	static const char settings[] = "output_format_json_quote_64bit_integers=0&max_execution_time=60",
	                  at_once[] = "&insert_distributed_sync=1", without_later[] = "&input_format_skip_unknown_fields=1";
	char *escaped = has_rows ? curl_easy_escape(store->curl, query, 0) : NULL, *url = NULL;

	if (asprintf(&url, "%s://%s:%u/?%s%s%s%s%s", store->url.tls ? "https" : "http", store->url.host, store->url.port,
	             settings, strstr(query, ".claims") || strstr(query, ".verdicts") ? at_once : "",
	             has_rows && !store->has_later ? without_later : "", has_rows ? "&query=" : "", has_rows ? escaped : "") < 0)
		url = NULL;
	curl_free(escaped);
	return url;
}

enum store_status store_query(struct store *store, const char *query, const char *rows, size_t size, char **answer, int seconds)
{
	char *text = with_database(store, query), *url = text ? make_url(store, text, rows != NULL) : NULL;
	enum store_status status;

	store->answer.size = 0;
	if (store->answer.text)
		*store->answer.text = '\0';
	*store->error = *store->why = '\0';
	if (answer)
		*answer = NULL;
	if (!url) {
		free(text);
		snprintf(store->why, sizeof store->why, "out of memory");
		return STORE_AWAY;
	}
	curl_easy_setopt(store->curl, CURLOPT_URL, url);
	curl_easy_setopt(store->curl, CURLOPT_POSTFIELDS, rows ? rows : text);
	curl_easy_setopt(store->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(rows ? size : strlen(text)));
	curl_easy_setopt(store->curl, CURLOPT_TIMEOUT, (long)seconds);
	status = judge(store, curl_easy_perform(store->curl));
	if (status == STORE_DONE && answer) {
		*answer = store->answer.text ? store->answer.text : strdup("");
		store->answer = (struct answer){ NULL, 0, 0 };
	}
	free(text);
	free(url);
	return status;
}

/* ---- The schema ---- */

enum store_status store_check_schema(struct store *store)
{
	static const char query[] =
	        "SELECT max(schema), version(), (SELECT count() FROM system.columns WHERE database = '{db}' AND "
	        "table IN ('events', 'events_buffer') AND name IN ('owner', 'cluster')) FROM "
	        "{db}.schema_version FORMAT TabSeparated";
	char *answer;
	enum store_status status;
	unsigned columns = 0;

	store->number = 0;
	status = store_query(store, query, NULL, 0, &answer, 10);
	if (status == STORE_SCHEMA_DIFFERS)
		snprintf(store->why, sizeof store->why,
		         "the database %s has no schema of fenceline; `fenceline ship --create` makes it", store->url.db);
	if (status != STORE_DONE)
		return status;
	sscanf(answer, "%d\t%63[^\t]\t%u", &store->number, store->version, &columns);
	free(answer);
	store->has_later = columns == 2 * LATER;
	if (store->number == STORE_SCHEMA)
		return STORE_DONE;
	snprintf(store->why, sizeof store->why, "the store has schema %d, this fenceline knows %d", store->number, STORE_SCHEMA);
	return STORE_SCHEMA_DIFFERS;
}

bool store_has_later(const struct store *store)
{
	return store->has_later;
}

void store_remark(struct store *store)
{
	if (store->remarked)
		return;
	store->remarked = true;
	if (strncmp(store->version, STORE_TRIED ".", strlen(STORE_TRIED ".")))
		fprintf(stderr,
		        "fenceline: the store is ClickHouse %s; fenceline was tried with " STORE_TRIED " alone and goes on\n",
		        store->version);
	if (!store->has_later)
		fprintf(stderr,
		        "fenceline: the store has no columns " STORE_LATER " yet, and goes without; `fenceline ship --create` "
		        "adds them\n");
}

/* 18.16 knows no ADD COLUMN IF NOT EXISTS: one that is there already is no failure, what counts is the check after it. */
static enum store_status add_later(struct store *store)
{
	static const char *const tables[] = { "events", "events_buffer" };
	enum store_status status;
	char statement[256], why[sizeof store->why] = "";

	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (size_t i = 0; i < LATER; i++) {
			snprintf(statement, sizeof statement, "ALTER TABLE {db}.%s ADD COLUMN %s %s", tables[t], later[i].name,
			         later[i].type);
			if (store_query(store, statement, NULL, 0, NULL, 30) != STORE_DONE)
				snprintf(why, sizeof why, "%s", store->why);
		}
	status = store_check_schema(store);
	if (status != STORE_DONE || store->has_later)
		return status;
	snprintf(store->why, sizeof store->why, "%s", why);
	return STORE_SCHEMA_DIFFERS;
}

/* Without the lines of comment; NULL at the end. Each statement ends with a semicolon at the end of a line. */
static const char *next_statement(const char *at, char *statement, size_t size)
{
	size_t used = 0;

	while (*at) {
		size_t line = strcspn(at, "\n");
		const char *comment = memmem(at, line, "--", 2);
		size_t code = comment ? (size_t)(comment - at) : line;
		bool end;
		while (code && at[code - 1] == ' ')
			code--;
		end = code && at[code - 1] == ';';
		if (used + code + 2 < size) {
			memcpy(statement + used, at, code - end);
			used += code - end;
			statement[used++] = '\n';
		}
		at += line + (at[line] == '\n');
		if (end) {
			statement[used] = '\0';
			return at;
		}
	}
	return NULL;
}

enum store_status store_create_schema(struct store *store)
{
	char statement[8192];
	const char *at = fleet_schema;
	enum store_status status = store_check_schema(store);
	bool numbered = status == STORE_DONE;

	if (!numbered && (status != STORE_SCHEMA_DIFFERS || store->number))
		return status;
	status = STORE_DONE;
	while (status == STORE_DONE && (at = next_statement(at, statement, sizeof statement)))
		if (!numbered || !strstr(statement, "INSERT INTO"))
			status = store_query(store, statement, NULL, 0, NULL, 30);
	if (status == STORE_DONE)
		status = store_check_schema(store);
	return status != STORE_DONE || store->has_later ? status : add_later(store);
}
