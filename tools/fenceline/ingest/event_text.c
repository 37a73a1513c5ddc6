/* SPDX-License-Identifier: MIT */
#include "ingest/event_text.h"
#include "ingest/fact_fields.h"

#include <inttypes.h>
#include <string.h>

#define RAW "\xf4\x8f" /* U+10FF80 to U+10FFFF are F4 8F BE 80 to F4 8F BF BF: the byte less its first bit, in the last two */

/* Length of the character of UTF-8 that begins here; 0: none does, or one of those above. */
static size_t utf8_length(const unsigned char *at)
{
	size_t length = *at < 0x80                  ? 1
	                : *at >= 0xc2 && *at < 0xe0 ? 2
	                : *at >= 0xe0 && *at < 0xf0 ? 3
	                : *at >= 0xf0 && *at < 0xf5 ? 4
	                                            : 0;

	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) || (*at == 0xf0 && at[1] < 0x90) ||
	    (*at == 0xf4 && at[1] > 0x8f))
		return 0;
	return length == 4 && *at == 0xf4 && at[1] == 0x8f && at[2] >= 0xbe ? 0 : length;
}

void event_text_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (const unsigned char *at = (const unsigned char *)text; *at;) {
		size_t length = utf8_length(at);
		if (!length)
			fprintf(out, RAW "%c%c", *at < 0xc0 ? 0xbe : 0xbf, 0x80 | (*at & 0x3f));
		else if (*at < 0x20)
			fprintf(out, "\\u%04x", *at);
		else if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else
			fwrite(at, 1, length, out);
		at += length ? length : 1;
	}
	fputc('"', out);
}

const char *event_text_plain(const json_t *string)
{
	char *text = (char *)json_string_value(string), *to;

	if (!text)
		return "";
	to = strstr(text, RAW);
	for (char *at = to; at && *at; to++) {
		const unsigned char *bytes = (const unsigned char *)at;
		if (bytes[0] == 0xf4 && bytes[1] == 0x8f && (bytes[2] == 0xbe || bytes[2] == 0xbf)) {
			*to = (char)((bytes[2] == 0xbe ? 0x80 : 0xc0) | (bytes[3] & 0x3f));
			at += 4;
		} else {
			*to = *at++;
		}
	}
	if (to)
		*to = '\0';
	return text;
}

static void write_latency(FILE *out, const char *name, const uint32_t *buckets)
{
	fprintf(out, "\"%s\":[", name);
	for (int i = 0; i < FL_LATENCY_BUCKETS; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : "", buckets[i]);
	fputc(']', out);
}

static bool is_zero(const struct field_row *row, const void *from)
{
	static const uint32_t none[FL_LATENCY_BUCKETS];

	if (row->type == FIELD_STR)
		return !**(const char *const *)from;
	return row->type == FIELD_LAT ? !memcmp(from, none, sizeof(none)) : !field_number(row->type, from);
}

void event_text_fields(FILE *out, const struct event *event)
{
	const struct event_row *rows = fact_row(event->fact);
	const char *comma = "";

	fputc('{', out);
	for (size_t i = 0; i < rows->count; i++) {
		const struct field_row *row = &rows->fields[i];
		const void *from = fact_field(event, row);
		if (is_zero(row, from))
			continue;
		fputs(comma, out);
		comma = ",";
		if (row->type == FIELD_LAT) {
			write_latency(out, row->name, from);
		} else if (row->type == FIELD_STR) {
			fprintf(out, "\"%s\":", row->name);
			event_text_string(out, *(const char *const *)from);
		} else {
			fprintf(out, "\"%s\":%" PRId64, row->name, field_number(row->type, from));
		}
	}
	fputc('}', out);
}

static void read_field(const json_t *value, const struct field_row *row, void *to)
{
	switch (row->type) {
	case FIELD_STR:
		if (json_is_string(value))
			*(const char **)to = event_text_plain(value);
		break;
	case FIELD_LAT:
		for (size_t i = 0; i < FL_LATENCY_BUCKETS && i < json_array_size(value); i++)
			((uint32_t *)to)[i] = (uint32_t)json_integer_value(json_array_get(value, i));
		break;
	default:
		field_put_number(row, to, (uint64_t)json_integer_value(value));
	}
}

void event_text_read(struct event *event, json_t *fields)
{
	const struct event_row *rows = fact_row(event->fact);

	for (size_t i = 0; i < rows->count; i++)
		read_field(json_object_get(fields, rows->fields[i].name), &rows->fields[i], fact_field(event, &rows->fields[i]));
}
