/* SPDX-License-Identifier: MIT */
/* Events as text, one JSON object a line: text_events.c has the form. Internal to ingest/. */
#ifndef FENCELINE_INGEST_TEXT_EVENTS_H
#define FENCELINE_INGEST_TEXT_EVENTS_H

#include "ingest/intake.h"
#include "ingest/line_reader.h"

bool text_events_recognise(const char *head, size_t length);
/* The reader stands at the first line and stays the caller's. */
void text_events_open(struct ingest *ingest, const char *path, struct line_reader *reader);

#endif
