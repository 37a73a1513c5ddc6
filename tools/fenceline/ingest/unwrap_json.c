/* SPDX-License-Identifier: MIT */
#include "ingest/unwrap_json.h"
#include "ingest/python_text.h"
#include "ingest/text_in.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define NAMED_WITHIN ((size_t)4096) /* the line's own key must show by then, or the object is no line */

/* Docker's json-file and Fluentd: log; journald: MESSAGE; Kolla: Payload; Elastic's shippers: message; Loki's: line; Google's:
 * textPayload; Splunk's: _raw; Amazon's: @message; OpenTelemetry's: body; Graylog's, and Ceph's own to it: short_message. */
static const char *const text_keys[] = { "log",         "MESSAGE", "Payload",  "message", "msg",           "line",
	                                 "textPayload", "_raw",    "@message", "body",    "short_message", NULL };
static const char *const host_keys[] = { "_HOSTNAME", "Hostname", "hostname", "host", "host_name", "nodename", NULL };
static const char *const program_keys[] = { "SYSLOG_IDENTIFIER", "programname", "ident", "_COMM", NULL };
static const char *const stamp_keys[] = { "time", "@timestamp", "Timestamp", "timestamp", "stamp", NULL };
static const char *const microsecond_keys[] = { "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", NULL };
/* objects that hold such keys, too */
static const char *const nested_keys[] = { "kubernetes", "_source", "docker", "log", "host", NULL };

static const json_t *first_of(const json_t *object, const char *const *keys)
{
	const json_t *value = NULL;

	for (; *keys && !value; keys++) {
		value = json_object_get(object, *keys);
		if (json_is_object(value) || json_is_null(value))
			value = NULL;
	}
	return value;
}

static const char *string_of(const json_t *object, const char *const *keys)
{
	return json_string_value(first_of(object, keys));
}

/* "MESSAGE": [27, 91, ...]: how journald writes what is not printable. */
static void read_bytes(const json_t *array, struct unwrapped_json *json)
{
	size_t count = json_array_size(array);

	json->bytes = xmalloc(count + 1);
	for (size_t i = 0; i < count; i++)
		json->bytes[i] = (char)json_integer_value(json_array_get(array, i));
	json->bytes[count] = '\0';
	json->text = json->bytes;
	json->length = count;
}

static void read_string(const json_t *value, struct unwrapped_json *json)
{
	json->text = json_string_value(value);
	json->length = json_string_length(value);
}

static void read_text(const json_t *object, struct unwrapped_json *json)
{
	const json_t *value = first_of(object, text_keys);

	if (json_is_array(value))
		read_bytes(value, json);
	else
		read_string(value, json);
}

/* Seconds since the epoch, with a fraction or without; milli-, micro- or nanoseconds as a whole number. */
static void read_epoch(const json_t *value, struct unwrapped_json *json)
{
	static const struct {
		double from; /* 2001-09-09, in that unit; eight times that is in the next centuries */
		int64_t ns;
	} units[] = { { 1e9, NS_PER_S }, { 1e12, 1000000 }, { 1e15, 1000 }, { 1e18, 1 } };
	double number = json_number_value(value);

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (number < units[i].from || number > units[i].from * 8)
			continue;
		if (json_is_integer(value))
			json->stamp.ns = (int64_t)json_integer_value(value) * units[i].ns;
		else if (!i)
			json->stamp.ns = (int64_t)(number * 1e6) * 1000; /* a double has no more digits */
		json->stamp.has_zone = json->stamp.ns;
	}
}

static void read_stamp(const json_t *object, const struct stamp_zone *zone, struct unwrapped_json *json)
{
	const char *stamp = string_of(object, microsecond_keys);

	if (stamp) {
		uint64_t us = log_span_number(span_of(stamp));

		json->stamp.ns = us < INT64_MAX / 1000 ? (int64_t)us * 1000 : 0;
		json->stamp.has_zone = true;
		return;
	}
	stamp = string_of(object, stamp_keys);
	if (!stamp)
		read_epoch(first_of(object, stamp_keys), json);
	else if (!stamp_parse(stamp, zone, &json->stamp))
		json->stamp.ns = 0;
}

static void read_host(const json_t *object, const char *const *keys, struct unwrapped_json *json)
{
	const char *host = string_of(object, keys);

	if (host && !json->host.length)
		json->host = span_of(host);
}

static void read_names(const json_t *object, struct unwrapped_json *json)
{
	static const char *const host_name[] = { "name", NULL };

	read_host(object, host_keys, json);
	read_host(json_object_get(object, "host"), host_name, json);
	if (!json->program)
		json->program = string_of(object, program_keys);
}

void unwrap_json_free(struct unwrapped_json *json)
{
	json_decref(json->root);
	free(json->bytes);
}

/* Behind the key in the text; NULL: it is not there. */
static const char *find_key(const char *text, size_t length, const char *name)
{
	char key[32];

	snprintf(key, sizeof(key), "\"%s\"", name);
	return text_behind(text, text + length, key);
}

bool unwrap_json_recognise(const char *text, size_t length)
{
	const char *newline;

	if (!length || *text != '{')
		return false;
	if (length > NAMED_WITHIN)
		length = NAMED_WITHIN;
	newline = memchr(text, '\n', length);
	if (newline)
		length = (size_t)(newline - text);
	for (const char *const *name = text_keys; *name; name++)
		if (find_key(text, length, *name))
			return true;
	return false;
}

/* The string at `text` up to its closing quote; where that is missing, as far as it is whole. */
static json_t *load_string(const char *text, size_t length)
{
	const char *end = text + 1, *stop = text + length;
	char *string;
	json_t *root;

	for (; end < stop && *end != '"'; end += *end == '\\' ? 2 : 1)
		if (*end == '\\' && (stop - end < 2 || (end[1] == 'u' && stop - end < 6)))
			break;
	length = (size_t)((end < stop ? end : stop) - text);
	string = xmalloc(length + 1);
	for (size_t i = 0; i < length; i++) /* a tab that should have been written as one */
		string[i] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
	string[length] = '"';
	root = json_loadb(string, length + 1, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	free(string);
	return root;
}

/* Docker keeps the line's own newline. */
static void drop_newline(struct unwrapped_json *json)
{
	size_t length = json->length;

	while (length && (json->text[length - 1] == '\n' || json->text[length - 1] == '\r'))
		length--;
	if (length == json->length)
		return;
	if (!json->bytes)
		json->bytes = xcopy(json->text, length + 1);
	json->bytes[length] = '\0';
	json->text = json->bytes;
	json->length = length;
}

/* "he said ""yes""": a quote is written as two, nothing else is changed. */
static bool read_doubled(const char *text, size_t length, struct unwrapped_json *json)
{
	json->bytes = xmalloc(length);
	for (size_t at = 1; at < length; at++) {
		if (text[at] == *text && (++at == length || text[at] != *text))
			break;
		json->bytes[json->length++] = text[at];
	}
	json->bytes[json->length] = '\0';
	json->text = json->bytes;
	return true;
}

/* The value, which is taken over, is the string. */
static bool take_string(json_t *root, const json_t *value, struct unwrapped_json *json)
{
	read_string(value, json);
	if (!json->text) {
		json_decref(root);
		return false;
	}
	json->root = root;
	drop_newline(json);
	return true;
}

/* 'from=\'client.4123': Python's, which has a backslash where YAML doubles the quote. */
static bool read_python(const char *text, size_t length, struct unwrapped_json *json)
{
	size_t used;
	json_t *root = memchr(text, '\\', length) ? python_load(text, length, &used) : NULL;

	return take_string(root, json_array_get(root, 0), json);
}

bool unwrap_json_string(const char *text, size_t length, struct unwrapped_json *json)
{
	const char *doubled;
	json_t *value;

	*json = (struct unwrapped_json){ 0 };
	if (!length || !char_in(*text, UNWRAP_QUOTES))
		return false;
	if (*text == '\'' && read_python(text, length, json))
		return true;
	if (*text != '"')
		return read_doubled(text, length, json);
	doubled = memmem(text + 1, length - 1, "\"\"", 2);
	if (doubled && !memchr(text, '\\', (size_t)(doubled - text)) && memchr(text + 1, '"', length - 1) == doubled)
		return read_doubled(text, length, json);
	value = load_string(text, length);
	return take_string(value, value, json);
}

/* Of an object that jansson does not take: what its text's key has. */
static bool read_damaged(const char *text, size_t length, struct unwrapped_json *json)
{
	for (const char *const *name = text_keys; *name; name++) {
		const char *at = find_key(text, length, *name), *end = text + length;

		if (!at)
			continue;
		at += text_run(at, (size_t)(end - at), " :");
		if (unwrap_json_string(at, (size_t)(end - at), json))
			return true;
	}
	return false;
}

bool unwrap_json_object(const char *text, size_t length, const struct stamp_zone *zone, struct unwrapped_json *json)
{
	const json_t *nested;

	*json = (struct unwrapped_json){ 0 };
	if (!unwrap_json_recognise(text, length))
		return false;
	json->root = json_loadb(text, length, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, NULL);
	if (!json->root)
		return read_damaged(text, length, json);
	read_names(json->root, json);
	for (const char *const *name = nested_keys; *name; name++) {
		nested = json_object_get(json->root, *name);
		read_names(nested, json);
		if (!json->text && json_is_object(nested))
			read_text(nested, json);
	}
	if (!json->text)
		read_text(json->root, json);
	read_stamp(json->root, zone, json);
	if (json->text)
		drop_newline(json);
	else
		unwrap_json_free(json);
	return json->text;
}

const char *unwrap_closing_quote(const char *text, const char *end)
{
	const char *at = text + 1;

	while (at < end) {
		bool doubled = *text == '\'' && end - at > 1 && at[0] == '\'' && at[1] == '\'';

		if (*at == *text && !doubled)
			break;
		at += doubled || (*text != '`' && *at == '\\') ? 2 : 1;
	}
	return at;
}

static bool separates(char c)
{
	return c == ',' || c == ';' || c == '\t';
}

static const char *end_of_field(const char *at, const char *end)
{
	bool quoted = at < end && *at == '"';

	for (at += quoted; at < end; at++) {
		if (quoted && *at == '"' && end - at > 1 && at[1] == '"')
			at++;
		else if (quoted && *at == '"')
			return at + 1;
		else if (!quoted && separates(*at))
			return at;
	}
	return end;
}

size_t unwrap_longest_field(const char *text, size_t length, const char **field)
{
	const char *end = text + length, *next;
	size_t longest = 0;

	for (const char *at = text; at < end; at = next + 1) {
		next = end_of_field(at, end);
		if (next < end && !separates(*next))
			return 0;
		if (*at != '"' || (size_t)(next - at) <= longest || !memmem(at + 1, (size_t)(next - at) - 1, "\"\"", 2))
			continue;
		*field = at;
		longest = (size_t)(next - at);
	}
	return longest == length ? 0 : longest;
}
