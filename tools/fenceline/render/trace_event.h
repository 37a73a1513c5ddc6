/* SPDX-License-Identifier: MIT */
/*
 * Writes the Trace Event Format (JSON), the part of it that perfetto.c needs. Names are escaped here; `args` are the callee's from then
 * on. What goes wrong is kept in `error`.
 *
 * What Perfetto's importer takes (src/trace_processor/importers/json, read in August 2026): "ts" in microseconds, a number that has
 * passed through a double; hence times relative to the first one, exact to the nanosecond for 104 days, and the absolute one
 * in each event's args. "b" and "e" pair by name, id and process; slices of one thread must nest, so nothing here is an "X".
 */
#ifndef FENCELINE_RENDER_TRACE_EVENT_H
#define FENCELINE_RENDER_TRACE_EVENT_H

#include "render/json.h"

struct trace_writer {
	FILE *out;
	int64_t base_ns;  /* what all times are relative to */
	uint64_t events, ids;
	uint32_t next;    /* process and thread ids: made up, so that two hosts' do not meet; 0 is the idle task's */
	uint32_t process; /* the one at hand, whose everything is that follows */
	char *prefix;     /* before the name of each of its slices and counters; NULL: none */
	int error;
};

void trace_process(struct trace_writer *writer, const char *name);
/* A thread of the process at hand; prefix may be NULL. */
uint32_t trace_thread(struct trace_writer *writer, const char *prefix, const char *name);
void trace_instant(struct trace_writer *writer, uint32_t thread, int64_t ts_ns, const char *name, json_t *args);
/* Returns the id that its end is given. */
uint64_t trace_slice_begin(struct trace_writer *writer, int64_t ts_ns, const char *name, json_t *args);
void trace_slice_end(struct trace_writer *writer, uint64_t id, int64_t ts_ns, const char *name);
void trace_slice(struct trace_writer *writer, int64_t begin_ns, int64_t end_ns, const char *name, json_t *args);
/* values: an object of numbers, a track each. */
void trace_counters(struct trace_writer *writer, int64_t ts_ns, const char *name, json_t *values);

#endif
