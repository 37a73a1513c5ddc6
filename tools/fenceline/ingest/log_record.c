/* SPDX-License-Identifier: MIT */
#include "ingest/log_record.h"

#include "ingest/text_in.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TIMESTAMP "__REALTIME_TIMESTAMP=" /* in µs; systemd's Journal Export Format */
#define MESSAGE   "MESSAGE="
#define HEAD      128

/* "Wed 2024-03-27 12:59:18.620123 UTC [s=5b;i=1;b=2;m=3;t=4;x=5]" */
static bool take_heading(struct log_record *record, const char *head, const struct stamp_zone *zone)
{
	struct stamp stamp;
	size_t taken = stamp_parse_full(head, zone, &stamp);

	if (!taken || strncmp(head + taken, " [s=", 4))
		return false;
	record->stamp = stamp;
	return true;
}

bool log_record_begins(struct log_record *record, const struct line *line, const struct stamp_zone *zone)
{
	size_t length = line->length < HEAD ? line->length : HEAD - 1;
	unsigned long long us;
	char head[HEAD], *end;

	if (!length || (*line->text != '_' && !isupper((unsigned char)*line->text)))
		return false;
	memcpy(head, line->text, length);
	head[length] = '\0';
	if (strncmp(head, TIMESTAMP, strlen(TIMESTAMP)))
		return take_heading(record, head, zone);
	us = strtoull(head + strlen(TIMESTAMP), &end, 10);
	record->stamp = (struct stamp){ 0 };
	if (!*end && us < INT64_MAX / 1000)
		record->stamp = (struct stamp){ .ns = (int64_t)us * 1000, .has_zone = true };
	return true;
}

void log_record_give(const struct log_record *record, const struct line *line, struct stamp *stamp)
{
	size_t blanks = text_run(line->text, line->length, " ");

	if (!stamp->ns && record->stamp.ns && line->length - blanks > strlen(MESSAGE) &&
	    !memcmp(line->text + blanks, MESSAGE, strlen(MESSAGE)))
		*stamp = record->stamp;
}
