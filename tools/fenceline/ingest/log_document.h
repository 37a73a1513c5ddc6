/* SPDX-License-Identifier: MIT */
/* What ceph, rbd and rados print as JSON, and object_info dumps of ceph-dencoder. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_DOCUMENT_H
#define FENCELINE_INGEST_LOG_DOCUMENT_H

#include "ingest/event_list.h"
#include "ingest/tz.h"

#include <jansson.h>

/* True if an input with such a head can only be JSON. */
bool log_document_recognise(const char *head, size_t length);
/* Where such a value may begin in the first line of text[0, length): behind marks, or behind "mon1 | SUCCESS => "; NULL: nowhere. */
const char *log_document_in(const char *text, size_t length, size_t line);

struct log_documents {
	void (*other)(void *arg, const char *text, size_t length); /* is given each document of a kind that nobody knows */
	void *arg;
	/* What was found: */
	const char *kind; /* of the first document that is known; NULL: none is */
	size_t used;      /* up to there the text is whole */
	bool whole;       /* that is all of it; what stands before damage is read all the same */
};

/* Reads all documents of the text. `other` and its `arg` are the caller's. */
void log_document_read(const char *text, size_t length, const struct stamp_zone *zone, const struct source *source,
                       struct event_list *list, struct log_documents *documents);

/* The JSON value at or behind text[*at], which the caller frees; *at is the place behind it then. NULL: there is none, and *at is
 * `length`, or it is damaged. */
json_t *log_document_next(const char *text, size_t length, size_t *at);

#endif
