/* SPDX-License-Identifier: MIT */
/* What ceph, rbd and rados print as JSON, and object_info dumps of ceph-dencoder. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_DOCUMENT_H
#define FENCELINE_INGEST_LOG_DOCUMENT_H

#include "ingest/event_list.h"
#include "ingest/tz.h"

/* True if an input with such a head can only be JSON. */
bool log_document_recognise(const char *head, size_t length);

/* Reads all of it. Sets *kind to the kind of the first document that is known, NULL if none is. *whole is false if the text is
 * damaged; what stands before the damage is read all the same, and *used says how far that is. */
void log_document_read(const char *text, size_t length, const struct stamp_zone *zone, const struct source *source,
                       struct event_list *list, const char **kind, bool *whole, size_t *used);

#endif
