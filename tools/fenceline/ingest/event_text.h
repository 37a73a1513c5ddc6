/* SPDX-License-Identifier: MIT */
/*
 * Events as JSON and back, without loss: what text_events.c reads and the store (fleet/) keeps.
 *
 * A string may hold any byte. One that is part of no UTF-8 is written as the character U+10FF00 + byte, and so are the bytes of
 * those characters themselves, so that every text comes back as it was.
 */
#ifndef FENCELINE_INGEST_EVENT_TEXT_H
#define FENCELINE_INGEST_EVENT_TEXT_H

#include "ingest/event.h"

#include <jansson.h>
#include <stdio.h>

/* The payload as a JSON object of one line; what is 0 or "" is left out. */
void event_text_fields(FILE *out, const struct event *event);
/* A JSON string with its quotation marks. */
void event_text_string(FILE *out, const char *text);

/* The payload of event->fact, from an object of its fields; what is left out is 0 or "". Its strings lie in `fields` and are
 * changed there. */
void event_text_read(struct event *event, json_t *fields);
/* The string as it was, in place; "" if it is none. */
const char *event_text_plain(const json_t *string);

#endif
