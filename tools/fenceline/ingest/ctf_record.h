/* SPDX-License-Identifier: MIT */
/* What a process that reads traces tells the one that gets the events: records, one after the other, of one build and one
 * machine. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_RECORD_H
#define FENCELINE_INGEST_CTF_RECORD_H

#include "ingest/fact_fields.h"

enum ctf_record_kind {
	RECORD_OPENED, /* `count`: its streams */
	RECORD_FAILED, /* text: why the trace cannot be opened */
	RECORD_HOST,   /* text */
	RECORD_EVENT,
	RECORD_ENDED, /* of a stream; `count`: io events that were not wanted, `unknown`: other programs'; text: the damage, or ""
	               */
};

struct ctf_record {
	uint32_t size; /* of all of it, a multiple of 8 */
	uint16_t kind, fact;
	uint32_t trace, stream;
	union {
		struct {
			int64_t ts_ns;
			uint64_t rank; /* orders events of equal time: trace and stream */
		};
		struct {
			uint64_t count, unknown;
		};
	};
	char rest[]; /* text, or an event's payload: the struct, with the place of each string in it, then the strings */
};

struct ctf_buffer {
	char *bytes; /* owned */
	size_t begin, end, capacity;
};

/* Room for `size` more bytes at the end. */
char *ctf_buffer_room(struct ctf_buffer *buffer, size_t size);
void ctf_buffer_release(struct ctf_buffer *buffer);
/* Takes out the first record, which stays valid until something is appended; NULL unless all of it is there. */
const struct ctf_record *ctf_buffer_take(struct ctf_buffer *buffer);

/* Append a record. */
void ctf_record_copy(struct ctf_buffer *buffer, const struct ctf_record *record);
void ctf_record_text(struct ctf_buffer *buffer, const struct ctf_record *head, const char *text);
void ctf_record_event(struct ctf_buffer *buffer, const struct ctf_record *head, const struct event *event);
/* By time, and equal times by rank. */
bool ctf_record_before(const struct ctf_record *a, const struct ctf_record *b);
/* The strings of *event point into the record. The source is left alone. */
void ctf_record_decode(const struct ctf_record *record, struct event *event);

#endif
