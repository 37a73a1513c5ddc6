/* SPDX-License-Identifier: MIT */
/* What ceph, rbd and rados print as JSON, and object_info dumps of ceph-dencoder. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_DOCUMENT_H
#define FENCELINE_INGEST_LOG_DOCUMENT_H

#include "ingest/event_list.h"
#include "ingest/log_json.h"
#include "ingest/tz.h"

struct log_documents {
	/* Whose: set by the caller, as what is given each string (log_json.h) in a document of a kind that nobody knows. */
	const struct stamp_zone *zone;
	const struct source *source;
	struct event_list *list;
	log_json_fn *other;
	void *arg;
	/* What was found: */
	const char *kind; /* of the first document that is known; NULL: none is */
	size_t used;      /* up to there the text is whole */
	bool whole;       /* that is all of it; what stands before damage is read all the same */
	int64_t ts_ns;    /* of what is being read, 0: none */
};

/* Reads all documents of the text. */
void log_document_read(const char *text, size_t length, struct log_documents *documents);

#endif
