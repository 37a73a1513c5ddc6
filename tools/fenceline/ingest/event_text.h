/* SPDX-License-Identifier: MIT */
/*
 * Events as JSON and back, without loss, one object a line: hand-written traces, and what a store (fleet/) keeps and gives back.
 *
 *     {"schema": "fenceline/events/1"}
 *     {"ts_ns": 1584028391646925000, "host": "c1", "event": "ping_sent", "pid": 7, "cookie": 93825, "osd": "10.0.0.1:6802"}
 *     {"ts_ns": 1584028391646925000, "host": "c1", "event": "ping_sent", "source": "trace/ust", "source_kind": "ctf", "tz":
 * "UTC", "tz_from": "log", "line": 0, "owner": 1, "cluster": "", "fields":
 * "{\"pid\":7,\"cookie\":93825,\"osd\":\"10.0.0.1:6802\"}"}
 *
 * A field left out is 0 or "". Besides the trace's own events there are those of logs, by the names of enum fact. The second form
 * keeps where an event came from, `owner` being 1 + the uid (owner.h) and `cluster` an fsid (cluster.h); its `fields` are an
 * object or the text of one.
 *
 * A string may hold any byte. One that is part of no UTF-8 is written as the character U+10FF00 + byte, and so are the bytes of
 * those characters themselves, so that every text comes back as it was.
 */
#ifndef FENCELINE_INGEST_EVENT_TEXT_H
#define FENCELINE_INGEST_EVENT_TEXT_H

#include "ingest/event.h"

#include <jansson.h>
#include <stdio.h>

struct ingest;
struct line_reader;

/* The payload as a JSON object of one line. */
void event_text_fields(FILE *out, const struct event *event);
/* A JSON string with its quotation marks. */
void event_text_string(FILE *out, const char *text);

/* The payload of event->fact, from an object of its fields. Its strings lie in `fields` and are changed there. */
void event_text_read(struct event *event, json_t *fields);
/* The string as it was, in place; "" if it is none. */
const char *event_text_plain(const json_t *string);

/* Does a file that begins so hold such lines? */
bool text_events_recognise(const char *head, size_t length);
/* Its events become a feed. The reader stands at the first line and stays the caller's. */
void text_events_open(struct ingest *ingest, const char *path, struct line_reader *reader);

#endif
