/* SPDX-License-Identifier: MIT */
#include "render/trace_event.h"
#include "render/escape.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static void put_text(struct trace_writer *writer, const char *text)
{
	/* Bidi overrides and control characters must not change how a track's name reads. */
	char *escaped = escape_terminal(text, true);
	int error = escaped ? json_print(json_name(escaped), writer->out) : -ENOMEM;

	writer->error = writer->error ? writer->error : error;
	free(escaped);
}

/* {"ph":PH,"pid":P,"ts":T,"name":NAME — the caller goes on. */
static void begin_event(struct trace_writer *writer, char phase, int64_t ts_ns, const char *prefix, const char *name)
{
	int64_t relative_ns = ts_ns > writer->base_ns ? ts_ns - writer->base_ns : 0;
	char *full;

	fprintf(writer->out,
	        "%s{\"ph\":\"%c\",\"pid\":%" PRIu32 ",\"ts\":%" PRId64 ".%03d,\"name\":", writer->events++ ? ",\n" : "\n", phase,
	        writer->process, relative_ns / 1000, (int)(relative_ns % 1000));
	if (asprintf(&full, "%s%s%s", prefix ? prefix : "", prefix ? ": " : "", name) < 0) {
		writer->error = -ENOMEM;
		return;
	}
	put_text(writer, full);
	free(full);
}

static void put_args(struct trace_writer *writer, json_t *args)
{
	int error;

	fputs(",\"args\":", writer->out);
	error = json_print(args, writer->out);
	writer->error = writer->error ? writer->error : error;
	fputc('}', writer->out);
}

void trace_counters(struct trace_writer *writer, int64_t ts_ns, const char *name, json_t *values)
{
	begin_event(writer, 'C', ts_ns, writer->prefix, name);
	fprintf(writer->out, ",\"tid\":%" PRIu32, writer->process);
	put_args(writer, values);
}

/* A process's or thread's name, and its place among the others. */
static void put_name(struct trace_writer *writer, const char *what, uint32_t thread, const char *name, uint32_t place)
{
	char kind[32];

	snprintf(kind, sizeof(kind), "%s_name", what);
	begin_event(writer, 'M', writer->base_ns, NULL, kind);
	fprintf(writer->out, ",\"tid\":%" PRIu32 ",\"args\":{\"name\":", thread);
	put_text(writer, name);
	fputs("}}", writer->out);
	snprintf(kind, sizeof(kind), "%s_sort_index", what);
	begin_event(writer, 'M', writer->base_ns, NULL, kind);
	fprintf(writer->out, ",\"tid\":%" PRIu32 ",\"args\":{\"sort_index\":%" PRIu32 "}}", thread, place);
}

void trace_process(struct trace_writer *writer, const char *name)
{
	writer->process = ++writer->next;
	put_name(writer, "process", writer->process, name, writer->process);
}

uint32_t trace_thread(struct trace_writer *writer, const char *prefix, const char *name)
{
	uint32_t thread = ++writer->next;
	char *full;

	if (asprintf(&full, "%s%s%s", prefix ? prefix : "", prefix ? ": " : "", name) < 0) {
		writer->error = -ENOMEM;
		return thread;
	}
	put_name(writer, "thread", thread, full, thread);
	free(full);
	return thread;
}

void trace_instant(struct trace_writer *writer, uint32_t thread, int64_t ts_ns, const char *name, json_t *args)
{
	begin_event(writer, 'i', ts_ns, NULL, name);
	fprintf(writer->out, ",\"tid\":%" PRIu32 ",\"s\":\"t\"", thread);
	put_args(writer, args);
}

void trace_slice_end(struct trace_writer *writer, uint64_t id, int64_t ts_ns, const char *name)
{
	begin_event(writer, 'e', ts_ns, writer->prefix, name);
	fprintf(writer->out, ",\"tid\":%" PRIu32 ",\"cat\":\"fenceline\",\"id\":%" PRIu64 "}", writer->process, id);
}

uint64_t trace_slice_begin(struct trace_writer *writer, int64_t ts_ns, const char *name, json_t *args)
{
	begin_event(writer, 'b', ts_ns, writer->prefix, name);
	fprintf(writer->out, ",\"tid\":%" PRIu32 ",\"cat\":\"fenceline\",\"id\":%" PRIu64, writer->process, ++writer->ids);
	put_args(writer, args);
	return writer->ids;
}

void trace_slice(struct trace_writer *writer, int64_t begin_ns, int64_t end_ns, const char *name, json_t *args)
{
	uint64_t id = trace_slice_begin(writer, begin_ns, name, args);

	trace_slice_end(writer, id, end_ns, name);
}
