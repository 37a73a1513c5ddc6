/* SPDX-License-Identifier: MIT */
/*
 * What each kind of input looks like to the merge: a feed, one run of events in order of time. An input may open several
 * feeds (a folder with several traces; a damaged trace, one per stream file). Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_FEED_H
#define FENCELINE_INGEST_FEED_H

#include "ingest/ingest.h"

#include <stdio.h>

struct line_reader;
struct log_vms;

struct feed {
	struct source *source; /* borrowed from the ingest: whose events these are */
	/* Points *event at the next event, which stays valid until the next call. 1: there is one, 0: the end, -errno:
	 * failed, said on stderr. Only feed->source of the event may differ from this feed's. */
	int (*next)(struct feed *feed, const struct event **event);
	void (*close)(struct feed *feed); /* frees the feed, too */
	bool shifted; /* the times are moved by their hosts' --clock-offset already: a feed of several hosts does that itself */
};

/* Finds or makes the source of that path and host ("" if not known). */
struct source *ingest_source(struct ingest *ingest, const char *path, const char *kind, const char *host);
/* Takes over the feed. */
void ingest_add_feed(struct ingest *ingest, struct feed *feed);
const struct ingest_options *ingest_options_of(const struct ingest *ingest);
/* What logs know of VMs, shared by all of them. */
struct log_vms *ingest_vms(struct ingest *ingest);
/* True the first time that this folder (by device and inode) is asked about: an input may be named twice, or contain
 * another one. */
bool ingest_first_visit(struct ingest *ingest, const char *path);

/* When the last of the inputs that name a year began; 0: none does. Only while inputs are opened. */
int64_t ingest_dated(struct ingest *ingest);
/* The same of these paths: dated.c. */
int64_t dated_latest(const char *const paths[], size_t count);

/* Where the traces' feed is kept, one for all of them; NULL until there is one. */
struct feed **ingest_traces(struct ingest *ingest);

/* One line on stderr, "fenceline: PATH: ...": what is wrong and what to do about it. */
void ingest_complain(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The kinds of input. A folder returns 0, or -errno after saying on stderr why. A reader stands at the first
 * line and stays the caller's; of a large log it is taken over, and *reader becomes NULL. */
int ctf_open_folder(struct ingest *ingest, const char *path);
/* Once all inputs are known: the traces in those folders are opened, each by who will read it. */
int ctf_begin(struct ingest *ingest);
bool text_events_recognise(const char *head, size_t length);
void text_events_open(struct ingest *ingest, const char *path, struct line_reader *reader);
void log_open(struct ingest *ingest, const char *path, struct line_reader **reader);

/* Decodes by the field table: where each field of struct fl_<event> lies. fields.c makes it from the X-macro list. */
enum field_type { FIELD_U8, FIELD_U32, FIELD_I32, FIELD_U64, FIELD_I64, FIELD_STR, FIELD_LAT };
struct field_row {
	const char *name;
	enum field_type type;
	size_t offset; /* in struct fl_<event> */
};
/* A field that is a number. One beyond INT64_MAX is its negative twin, and put back as itself. */
static inline int64_t field_number(enum field_type type, const void *from)
{
	switch (type) {
	case FIELD_U8:
		return *(const uint8_t *)from;
	case FIELD_U32:
		return *(const uint32_t *)from;
	case FIELD_I32:
		return *(const int32_t *)from;
	default:
		return *(const int64_t *)from;
	}
}
static inline void field_put_number(enum field_type type, void *to, uint64_t number)
{
	switch (type) {
	case FIELD_U8:
		*(uint8_t *)to = (uint8_t)number;
		break;
	case FIELD_U32:
	case FIELD_I32:
		*(uint32_t *)to = (uint32_t)number;
		break;
	default:
		*(uint64_t *)to = number;
		break;
	}
}
struct event_row {
	const char *name;
	const struct field_row *fields;
	size_t count, size; /* of the struct */
};
const struct event_row *event_row(enum fl_event kind);
/* FL_EV_COUNT if there is no such event. */
enum fl_event event_by_name(const char *name);
/* Sets every field of a payload to 0 or "". */
void event_clear(struct event *event, enum fl_event kind);

#endif
