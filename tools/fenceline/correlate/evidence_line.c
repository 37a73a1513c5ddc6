/* SPDX-License-Identifier: MIT */
/* A line of evidence, and the order of lines. */
#include "correlate/evidence_line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int evidence_add(struct incident *incident, unsigned int roles, int64_t ts_ns, const struct source *source, const char *format,
                 ...)
{
	struct evidence *lines = realloc(incident->evidence, (incident->evidence_count + 1) * sizeof *lines);
	va_list args;
	int length;

	if (!lines)
		return -ENOMEM;
	incident->evidence = lines;
	lines += incident->evidence_count;
	*lines = (struct evidence){ .ts_ns = ts_ns, .source = source ? source->path : "", .roles = roles };
	va_start(args, format);
	length = vasprintf(&lines->text, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	incident->evidence_count++;
	return 0;
}

void evidence_sort(struct incident *incident)
{
	struct evidence *lines = incident->evidence;

	/* Insertion sort: stable, so that lines of one instant keep the order of the chain; there are few lines. */
	for (size_t i = 1; i < incident->evidence_count; i++)
		for (size_t j = i; j > 0 && lines[j].ts_ns < lines[j - 1].ts_ns; j--) {
			struct evidence line = lines[j];
			lines[j] = lines[j - 1];
			lines[j - 1] = line;
		}
}

/* "rbd (pid 4711 on storage1)", in a buffer of the caller's. */
const char *process_text(const struct process *process, char *buf, size_t size)
{
	if (!process)
		return "an untraced process";
	snprintf(buf, size, "%s (pid %" PRIu32 "%s%s)", *process->name ? process->name : "a process", process->pid,
	         *process->host ? " on " : "", process->host);
	return buf;
}
