/* SPDX-License-Identifier: MIT */
#include "ingest/log_row.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct compiled {
	const struct log_row *row;
	enum log_family family;
	log_words word; /* its bit; 0: none */
	struct form form;
};

const struct log_table *const log_tables[] = { &log_osd_table,     &log_client_table,  &log_qemu_table,    &log_kernel_table,
	                                       &log_service_table, &log_refused_table, &log_listing_table, NULL };

const struct log_value_row log_values[VALUES] = {
#define LOG_VALUE_ROW(name, takes, field) { #name, TAKES_##takes, field },
	LOG_VALUES(LOG_VALUE_ROW)
#undef LOG_VALUE_ROW
};

static size_t value_named(const char *name, size_t length, const char *(*name_of)(size_t value))
{
	const char *known;

	for (size_t i = 0; (known = name_of(i)); i++)
		if (strlen(known) == length && !memcmp(known, name, length))
			return i;
	abort();
}

void form_cut(struct form *form, const char *text, const char *(*name_of)(size_t value))
{
	while (*text) {
		struct form_part *part = &XROOM(form->parts, form->count)[form->count];
		size_t length;

		form->count++;
		if (*text == '{' && *++text != '{') {
			length = strcspn(text, "}");
			*part = (struct form_part){ .value = value_named(text, length, name_of) };
			text += length + 1;
		} else {
			length = 1 + strcspn(text + 1, "{");
			*part = (struct form_part){ .literal = text, .length = length };
			text += length;
		}
	}
}

/* All tables' rows, and their words; made once. */
static struct compiled *rows;
static size_t row_count;
static struct log_scan *scan;

static const char *name_of(size_t value)
{
	return value == VALUES ? NULL : value == VALUE_none ? "" : log_values[value].name;
}

static void compile(const struct log_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		struct compiled *compiled = &XROOM(rows, row_count)[row_count];

		row_count++;
		*compiled = (struct compiled){ .row = &table->rows[i], .family = table->family };
		if (compiled->row->word)
			compiled->word = log_scan_add(scan, compiled->row->word);
		form_cut(&compiled->form, compiled->row->form, name_of);
	}
}

struct log_scan *log_rows_scan(void)
{
	if (scan)
		return scan;
	scan = log_scan_new();
	for (const struct log_table *const *table = log_tables; *table; table++)
		compile(*table);
	return scan;
}

log_words log_rows_words(const char *text, size_t length)
{
	return log_scan_words(log_rows_scan(), text, length);
}

/* Whether the literal stands at `at`, and where it ends there: NULL if not. */
static const char *literal_at(const struct form_part *part, const char *at, const char *end)
{
	for (size_t i = 0; i < part->length; i++) {
		if (at == end || *at != part->literal[i])
			return NULL;
		at++;
		if (part->literal[i] == ' ')
			at += text_run(at, (size_t)(end - at), " ");
	}
	return at;
}

/* The first place from `at` on where the literal stands. */
static const char *literal_find(const struct form_part *part, const char *at, const char *end)
{
	while (at < end) {
		at = memchr(at, *part->literal, (size_t)(end - at));
		if (!at || literal_at(part, at, end))
			return at;
		/* What does not follow a run of spaces follows none of them. */
		for (at++; *part->literal == ' ' && at < end && *at == ' ';)
			at++;
	}
	return NULL;
}

static const char *take_number(const char *at, const char *end, bool fraction)
{
	size_t digits = text_run(at, (size_t)(end - at), DECIMAL);

	return !digits ? NULL : at + (fraction ? text_run(at, (size_t)(end - at), DECIMAL ".") : digits);
}

static const char *take_set(const char *at, const char *end)
{
	if (at == end || *at != '[')
		return NULL;
	at = memchr(at, ']', (size_t)(end - at));
	return at ? at + 1 : NULL;
}

/* Up to what comes next in the form, or the end. */
static const char *take_up_to(const struct form_part *next, bool word, const char *at, const char *end)
{
	const char *stop = next ? literal_find(next, at, end) : end;

	if (!word)
		return stop;
	if (!next)
		stop = memchr(at, ' ', (size_t)(end - at)) ?: end;
	return stop && stop > at && !memchr(at, ' ', (size_t)(stop - at)) ? stop : NULL;
}

static const char *skip_all(const char *at, const char *end, const char *set)
{
	return at + text_run(at, (size_t)(end - at), set);
}

/* "10.0.0.9:0/7654321", "10.88.0.0/16", "[fd00::2]:0/7", "fd00::2:0/7", "[v2:…/7,v1:…/7]": a path, or an address with a file's
 * name before it, is none. */
static bool is_address(const char *begin, const char *end)
{
	const char *at = begin, *slash, *port;

	if (!text_skip(&at, end, "v1:") && !text_skip(&at, end, "v2:"))
		text_skip(&at, end, "any:");
	slash = memrchr(at, '/', (size_t)(end - at));
	if (!slash || slash == at || at + 1 == end || skip_all(slash + 1, end, DECIMAL) == slash + 1)
		return false;
	if (*at == '[')
		return skip_all(at, end, "0123456789abcdefABCDEF.:[]/,vny") == end;
	if (skip_all(slash, end, "/0123456789") != end)
		return false;
	port = skip_all(at, slash, "0123456789.");
	if (memchr(at, '.', (size_t)(port - at)))
		return port == slash || (*port == ':' && skip_all(port + 1, slash, DECIMAL) == slash);
	return skip_all(at, slash, "0123456789abcdefABCDEF:") == slash && memchr(at, ':', (size_t)(slash - at));
}

/* Where the value ends that begins at `at`; NULL: it is not there. */
static const char *take_value(enum log_takes takes, const struct form_part *next, const char *at, const char *end)
{
	const char *begin = at;

	if (takes == TAKES_NUMBER || takes == TAKES_FRACTION)
		return take_number(at, end, takes == TAKES_FRACTION);
	if (takes == TAKES_SET)
		return take_set(at, end);
	at = take_up_to(next, takes != TAKES_TEXT, at, end);
	if (!at || (takes == TAKES_ADDRESS && !is_address(begin, at)))
		return NULL;
	if (takes == TAKES_RBD && (at - begin < 4 || memcmp(begin, "rbd", 3) || begin[3] < '0' || begin[3] > '9'))
		return NULL;
	return takes == TAKES_CLIENT && (at - begin < 8 || memcmp(begin, "client.", 7)) ? NULL : at;
}

static bool matches(const struct form *form, const char *at, const char *end, struct log_span *into)
{
	for (size_t i = 0; i < form->count; i++) {
		const struct form_part *part = &form->parts[i], *next = i + 1 < form->count ? part + 1 : NULL;
		const char *begin = at;

		at = part->literal ? literal_at(part, at, end) : take_value(log_values[part->value].takes, next, at, end);
		if (!at)
			return false;
		if (!part->literal && part->value != VALUE_none)
			into[part->value] = (struct log_span){ begin, (size_t)(at - begin) };
	}
	return true;
}

bool log_rows_match(unsigned int families, log_words words, const char *text, size_t length, struct log_match *match)
{
	log_rows_scan();
	for (size_t i = 0; i < row_count; i++) {
		const struct compiled *compiled = &rows[i];

		if (!(compiled->family & families) || (compiled->row->word && !(compiled->word & words)))
			continue;
		memset(match->values, 0, sizeof(match->values));
		if (!matches(&compiled->form, text, text + length, match->values))
			continue;
		match->row = compiled->row;
		log_request_parse(match->values[VALUE_request], match->values);
		return true;
	}
	return false;
}

uint64_t log_span_number(struct log_span span)
{
	uint64_t number = 0;

	for (size_t i = 0; i < span.length && span.at[i] >= '0' && span.at[i] <= '9'; i++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(span.at[i] - '0'), &number))
			return 0;
	return number;
}

int64_t log_span_ns(struct log_span seconds)
{
	uint64_t whole = log_span_number(seconds);
	int64_t ns = 0, unit = NS_PER_S / 10;
	const char *point = seconds.at ? memchr(seconds.at, '.', seconds.length) : NULL;

	if (whole > (uint64_t)(INT64_MAX / NS_PER_S - 1))
		return 0;
	for (const char *at = point ? point + 1 : NULL; at && at < seconds.at + seconds.length && *at >= '0' && *at <= '9';
	     at++, unit /= 10)
		ns += (*at - '0') * unit;
	return (int64_t)whole * NS_PER_S + ns;
}

uint64_t log_span_gid(struct log_span client)
{
	return span_begins(client, "client.") ? log_span_number(span_from(client, strlen("client."))) : 0;
}

int32_t log_span_result(struct log_span result)
{
	uint64_t number;

	while (result.length && !char_in(*result.at, DECIMAL))
		result = span_from(result, 1);
	number = log_span_number(result);
	return number <= 4096 ? -(int32_t)number : 0;
}

/* ---- an OSD's request ----
 *     osd_op(client.4167.0:16 1.6 1:6686f444:::rbd_header.102cdd587203:head [watch ping cookie 139889903416784] snapc …
 *     osd_op(client.8079633.0:30 rbd_header.301027238e1f29 [watch ping cookie 139996606507840 gen 1] 0.a5bd3cee …   before 12
 *     osd_op(client.4534.0:1 1.1 1.e09bba91 (undecoded) …        the object is not told
 *     osd_op(unknown.0.0:16 …                                    in the client's own log
 */

static struct log_span next_word(struct log_span *rest)
{
	const char *space = memchr(rest->at, ' ', rest->length);
	struct log_span word = { rest->at, space ? (size_t)(space - rest->at) : rest->length };

	*rest = span_from(*rest, word.length + (space != NULL));
	return word;
}

/* "1.6", "1.e09bba91" */
static bool is_pg(struct log_span word)
{
	size_t digits = text_run(word.at, word.length, DECIMAL);

	if (!digits || digits == word.length || word.at[digits] != '.')
		return false;
	word = span_from(word, digits + 1);
	return text_run(word.at, word.length, DECIMAL "abcdef") == word.length;
}

/* Of pool:hash:namespace:key:name:snapshot the name, in which a colon is written %3a. */
static struct log_span object_of(struct log_span object)
{
	const char *end = memrchr(object.at, ':', object.length), *colon;

	if (!end)
		return object;
	colon = memrchr(object.at, ':', (size_t)(end - object.at));
	if (!colon)
		return (struct log_span){ 0 };
	return (struct log_span){ colon + 1, (size_t)(end - colon - 1) };
}

static struct log_span cookie_of(struct log_span rest)
{
	const char *end = rest.length ? memchr(rest.at, ']', rest.length) : NULL, *at;

	if (!end || !span_begins(rest, "[watch "))
		return (struct log_span){ 0 };
	at = text_behind(rest.at, end, " cookie ");
	return at ? (struct log_span){ at, (size_t)(end - at) } : (struct log_span){ 0 };
}

void log_request_parse(struct log_span text, struct log_span values[VALUES])
{
	struct log_span word;

	if (span_begins(text, "osd_op("))
		text = span_from(text, strlen("osd_op("));
	if (!span_begins(text, "client.") && !span_begins(text, "unknown."))
		return;
	values[VALUE_client] = next_word(&text);
	word = next_word(&text);
	if (is_pg(word))
		word = next_word(&text);
	if (word.length && !is_pg(word))
		values[VALUE_object] = object_of(word);
	values[VALUE_cookie] = cookie_of(text);
}

struct log_span log_request_image_id(struct log_span object)
{
	static const char *const prefixes[] = { "rbd_header.", "rbd_object_map.", "rbd_data." };
	struct log_span id = { 0 };
	const char *dot;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (span_begins(object, prefixes[i]))
			id = span_from(object, strlen(prefixes[i]));
	if (!id.length || !span_begins(object, "rbd_data."))
		return id;
	dot = memrchr(id.at, '.', id.length);
	if (!dot)
		return (struct log_span){ 0 };
	id.length = (size_t)(dot - id.at);
	dot = memrchr(id.at, '.', id.length);
	return dot ? span_from(id, (size_t)(dot - id.at) + 1) : id;
}
