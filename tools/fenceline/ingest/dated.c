/* SPDX-License-Identifier: MIT */
#include "ingest/dated.h"
#include "ingest/event_text.h"
#include "ingest/line_reader.h"
#include "ingest/text_in.h"
#include "ingest/tz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEAD  ((size_t)4096)
#define TS_NS "\"ts_ns\": "

/* The first stamp with a year at a line's beginning, or the first time of a text event. 0: there is none. */
static int64_t first_time(const char *head, size_t length)
{
	const char *line, *end = head + length, *event = memmem(head, length, TS_NS, strlen(TS_NS));
	int64_t ts_ns;

	if (event && text_events_recognise(head, length))
		return strtoll(event + strlen(TS_NS), NULL, 10);
	for (ts_ns = 0; !ts_ns && text_line(&head, end, &line, &length);)
		ts_ns = stamp_of(line, length, "UTC");
	return ts_ns;
}

static int64_t dated_latest(const char *const paths[], size_t count)
{
	int64_t latest_ns = 0;

	for (size_t i = 0; i < count; i++) {
		struct line_reader *reader;
		struct stat info;
		const char *head;
		int64_t length, ts_ns;
		if (stat(paths[i], &info) || !S_ISREG(info.st_mode) || line_reader_open(paths[i], &reader))
			continue;
		length = line_reader_head(reader, HEAD, &head);
		ts_ns = length > 0 ? first_time(head, (size_t)length < HEAD ? (size_t)length : HEAD) : 0;
		latest_ns = ts_ns > latest_ns ? ts_ns : latest_ns;
		line_reader_close(reader);
	}
	return latest_ns;
}

int64_t dated_ns(struct ingest *ingest)
{
	if (ingest->dated_ns < 0)
		ingest->dated_ns = dated_latest(ingest->paths, ingest->path_count);
	return ingest->dated_ns;
}
