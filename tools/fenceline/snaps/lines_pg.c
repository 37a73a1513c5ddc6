/* SPDX-License-Identifier: MIT */
#include "snaps/lines_pg.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORDS_WITHIN 4096
#define QUEUE_DIGITS 13
#define IN_STATE     "abcdefghijklmnopqrstuvwxyz+_" /* of "active+clean+snaptrim" */

static size_t next_word(const char **at, const char *end)
{
	const char *begin;

	while (*at < end && isspace((unsigned char)**at))
		(*at)++;
	begin = *at;
	while (*at < end && !isspace((unsigned char)**at))
		(*at)++;
	return (size_t)(*at - begin);
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && !strncasecmp(text, word, length);
}

static enum pg_column column_of(const char *text, size_t length)
{
	if (length >= 5 && !strncasecmp(text + length - 5, "STAMP", 5))
		return PG_COLUMN_STAMP;
	if (is_word(text, length, "STATE"))
		return PG_COLUMN_STATE;
	if (is_word(text, length, "UP") || is_word(text, length, "ACTING"))
		return PG_COLUMN_OSDS;
	return is_word(text, length, "SNAPTRIMQ_LEN") ? PG_COLUMN_QUEUE : PG_COLUMN_OTHER;
}

static bool is_column(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalpha((unsigned char)text[i]) && !char_in(text[i], "_*%"))
			return false;
	return length > 0;
}

/* Adds the columns that text names; false: it is no head of a table. */
static bool add_columns(struct pg_rows *rows, const char *at, const char *end)
{
	size_t length;

	while ((length = next_word(&at, end))) {
		enum pg_column column = column_of(at - length, length);

		if (!is_column(at - length, length))
			return false;
		if (rows->count == PG_COLUMNS)
			break;
		if (column == PG_COLUMN_STATE || column == PG_COLUMN_QUEUE)
			rows->last = rows->count;
		rows->columns[rows->count++] = column;
	}
	return true;
}

/* PG_STAT OBJECTS … STATE STATE_STAMP … SNAPTRIMQ_LEN …, up to 11 in small letters; `pg ls` has PG and SINCE. */
static bool take_pg_header(struct line_parser *parser, struct taken *t)
{
	const char *at = t->text;
	size_t length = next_word(&at, t->end);
	struct pg_rows *rows = &parser->rows;

	if (!is_word(at - length, length, "PG_STAT") && !is_word(at - length, length, "PG"))
		return false;
	*rows = (struct pg_rows){ .where = PG_ROWS_HEAD };
	if (!add_columns(rows, t->text, t->end) || rows->count < 2) {
		rows->where = PG_ROWS_NONE;
		return false;
	}
	parser->account->recognised++;
	return true;
}

static void row_begin(struct pg_rows *rows, const struct pg_sighting *pg)
{
	rows->where = PG_ROWS_ROW;
	rows->at = 1;
	rows->in_stamp = rows->in_osds = false;
	rows->pg = *pg;
	rows->pg.state = rows->state;
	rows->state[0] = '\0';
}

/* The next word of a row, by its column; false: it does not fit. */
static bool row_word(struct pg_rows *rows, const char *word, size_t length)
{
	enum pg_column column = rows->columns[rows->at];
	const char *behind;

	if (rows->in_stamp) {
		rows->in_stamp = false;
		column = rows->columns[++rows->at];
		if (memchr(word, ':', length)) /* the time behind its date */
			return true;
	}
	switch (column) {
	case PG_COLUMN_STAMP:
		rows->in_stamp = length == 10 && word[4] == '-';
		rows->at += !rows->in_stamp;
		return isdigit((unsigned char)*word);
	case PG_COLUMN_OSDS:
		if (!rows->in_osds && *word != '[')
			return false;
		rows->in_osds = !memchr(word, ']', length); /* [5, 7, 3], with blanks */
		rows->at += !rows->in_osds;
		return true;
	case PG_COLUMN_STATE:
		snprintf(rows->state, sizeof rows->state, "%.*s", (int)length, word);
		rows->at++;
		return text_run(word, length, IN_STATE) == length;
	case PG_COLUMN_QUEUE:
		rows->pg.queued = read_number(word, word + length, &behind);
		rows->pg.has_queue = true;
		rows->at++;
		return behind == word + length && length <= QUEUE_DIGITS;
	case PG_COLUMN_OTHER:
		rows->at++;
	}
	return true;
}

/* Words of the row, up to the last column of interest. */
static void row_words(struct line_parser *parser, const char *at, const char *end)
{
	struct pg_rows *rows = &parser->rows;
	size_t length;

	while (rows->where == PG_ROWS_ROW && (length = next_word(&at, end))) {
		if (!row_word(rows, at - length, length)) {
			rows->where = PG_ROWS_BETWEEN;
			warn_at(&parser->account->warnings, &parser->place,
			        "a row that does not fit the head of its table; left out");
			return;
		}
		if (rows->at > rows->last) {
			rows->where = PG_ROWS_BETWEEN;
			account_pg(parser->account, &rows->pg);
			return;
		}
	}
}

/* A row whose head is not there (grep snaptrim): its state is known by its form, nothing else is. */
static bool headless(struct line_parser *parser, struct pg_sighting *pg, const char *at, const char *end)
{
	char state[128];
	size_t length;

	while ((length = next_word(&at, end))) {
		const char *word = at - length;

		if (length >= sizeof state || !islower((unsigned char)*word) || !text_behind(word, at, "snaptrim"))
			continue;
		snprintf(state, sizeof state, "%.*s", (int)length, word);
		pg->state = state;
		account_pg(parser->account, pg);
		return true;
	}
	return false;
}

/* A line between rows: the head goes on, or the row, or the table is over. */
static bool other_line(struct line_parser *parser, const char *at, const char *end)
{
	struct pg_rows *rows = &parser->rows;

	if (at == end || rows->where == PG_ROWS_NONE)
		return false;
	if (rows->where == PG_ROWS_HEAD && add_columns(rows, at, end))
		return true;
	if (rows->where == PG_ROWS_ROW) {
		row_words(parser, at, end);
		return true;
	}
	if (isalpha((unsigned char)*at))
		rows->where = PG_ROWS_NONE;
	return false;
}

bool take_pg_row(struct line_parser *parser, struct taken *t)
{
	struct pg_rows *rows = &parser->rows;
	struct pg_sighting pg = { .pool = -1 };
	const char *behind = t->text + pg_name_parse(t->text, left(t), &pg);

	if (behind == t->text || behind == t->end || !isspace((unsigned char)*behind))
		return other_line(parser, t->text, t->end);
	if (rows->where == PG_ROWS_NONE)
		return headless(parser, &pg, behind, t->end);
	row_begin(rows, &pg);
	row_words(parser, behind, t->end);
	return true;
}

/* ceph version 12.2.10 (…) luminous (stable) */
static bool take_version(struct line_parser *parser, struct taken *t)
{
	const char *at = text_behind_within(t->text, t->end, 512, "ceph version ");
	uint64_t major = at ? read_number(at, t->end, &at) : 0;

	if (!major || at >= t->end || *at != '.' || major > 99)
		return false;
	parser->account->version = (int)major;
	parser->account->recognised++;
	return false;
}

/* snap trim queue for pg 1.3f at 40000 */
static bool take_queue_of(struct line_parser *parser, const char *at, const char *end)
{
	struct pg_sighting pg = { .pool = -1, .has_queue = true };
	size_t length = pg_name_parse(at, (size_t)(end - at), &pg);

	at += length;
	if (!length || !text_skip(&at, end, " at "))
		return false;
	pg.queued = read_number(at, end, NULL);
	account_pg(parser->account, &pg);
	return true;
}

/* snap trim queue for 64 pg(s) >= 32768 (mon_osd_snap_trim_queue_warn_on) */
static bool take_slow(struct line_parser *parser, const char *at, const char *end)
{
	uint64_t pgs = read_number(at, end, &at);

	if (!pgs || !text_skip(&at, end, " pg(s) >= "))
		return false;
	parser->account->slow_pgs = pgs;
	parser->account->slow_limit = read_number(at, end, NULL);
	return true;
}

/* 24 active+clean+snaptrim, in `ceph -s`, `ceph pg stat` and pgmap lines; the newest of them counts. */
static bool take_states(struct line_parser *parser, const char *text, const char *end)
{
	const char *at = text, *word, *pgs = text_behind(text, end, "pgs:");
	bool told = false;

	if (pgs)
		parser->account->pg_counts = (struct pg_counts){ 0 };
	while ((word = memmem(at, (size_t)(end - at), "+snaptrim", 9))) {
		const char *begin = word, *digit;
		char state[128];
		size_t length;

		while (begin > text && char_in(begin[-1], IN_STATE))
			begin--;
		at = word + text_run(word, (size_t)(end - word), IN_STATE);
		for (digit = begin; digit > text && digit[-1] == ' ';)
			digit--;
		digit -= text_digits_at_end(text, (size_t)(digit - text));
		length = (size_t)(at - begin);
		if (!isdigit((unsigned char)*digit) || digit == begin || length >= sizeof state)
			continue;
		snprintf(state, sizeof state, "%.*s", (int)length, begin);
		account_pg_state(parser->account, state, read_number(digit, end, NULL));
		told = true;
	}
	return told;
}

/* ceph pg 1.31d query, in front of a document that may not say it again */
static void name_pg(struct line_parser *parser, const char *text, const char *end)
{
	const char *at = text_behind(text, end, "ceph pg "), *behind;
	struct pg_sighting pg;

	if (!at)
		return;
	behind = at + pg_name_parse(at, (size_t)(end - at), &pg);
	if (behind > at && text_begins(behind, (size_t)(end - behind), " query"))
		json_read_name_pg(parser->json, at, (size_t)(behind - at));
}

bool take_words(struct line_parser *parser, struct taken *t)
{
	const char *end = left(t) < WORDS_WITHIN ? t->end : t->text + WORDS_WITHIN, *at;
	bool told = false;

	if (t->thread) /* an OSD's own words are forms */
		return false;
	at = text_behind(t->text, end, "nosnaptrim");
	if (at && text_behind(at, end, "flag")) {
		parser->account->nosnaptrim = true;
		told = true;
	}
	at = text_behind(t->text, end, "snap trim queue for ");
	if (at)
		return (text_skip(&at, end, "pg ") ? take_queue_of(parser, at, end) : take_slow(parser, at, end)) || told;
	name_pg(parser, t->text, end);
	told |= take_states(parser, t->text, end);
	return told || take_version(parser, t);
}

const struct line_form lines_pg_forms[] = {
	{ "ceph version ", true, take_version,
	  "ceph version 12.2.10 (177915764b752804194937482a39e95e0ca3de94) luminous (stable), process ceph-osd, pid 812" },
	{ "PG", false, take_pg_header,
	  "PG_STAT OBJECTS MISSING_ON_PRIMARY DEGRADED STATE STATE_STAMP VERSION REPORTED UP ACTING SNAPTRIMQ_LEN" },
	{ "pg", false, take_pg_header,
	  "pg_stat objects mip degr misp unf bytes log disklog state state_stamp v reported up up_primary acting acting_primary" },
	{ 0 },
};
