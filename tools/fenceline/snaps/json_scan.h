/* SPDX-License-Identifier: MIT */
/*
 * JSON as people paste it, token by token, in bounded memory however large it is. A strict parser gives up at the first odd byte
 * and wants the whole document; `ceph report` is hundreds of megabytes, radosgw's pools have numbers that no signed 64 bits hold,
 * and a paste has "..." where something was left out, ends in the middle, or has its strings wrapped. So: what is odd is told,
 * once for each place, and the next token is taken. Single quotes, unquoted keys, comments and trailing commas are let pass. Not
 * thread-safe.
 */
#ifndef FENCELINE_SNAPS_JSON_SCAN_H
#define FENCELINE_SNAPS_JSON_SCAN_H

#include "ingest/xalloc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_SCAN_DEPTH 64  /* what is nested deeper is skipped */
#define JSON_SCAN_KEY   128 /* bytes of a key, its NUL included; longer ones are cut */

#define JSON_SCAN_LEFT_OUT "'...', something was left out here"

enum json_event {
	JSON_EVENT_OPEN_OBJECT,
	JSON_EVENT_OPEN_ARRAY,
	JSON_EVENT_CLOSE, /* of the innermost object or array */
	JSON_EVENT_STRING,
	JSON_EVENT_WORD, /* a number, true, false, null */
	JSON_EVENT_ODD   /* text says what is odd here */
};

/* key: the member's, "" in an array or outside; text is terminated, borrowed for the call, and "" for the first three events. */
typedef void json_event_fn(void *arg, enum json_event event, const char *key, const char *text, size_t length);

struct json_scan {
	json_event_fn *event;
	void *arg;
	struct json_level {
		bool object;
		char key[JSON_SCAN_KEY]; /* of the member whose value comes next; "" none yet */
		bool implied;            /* nobody wrote its bracket: members found alone */
	} levels[JSON_SCAN_DEPTH];
	size_t depth;             /* open levels */
	size_t skipped;           /* open levels beyond those */
	struct text_buffer token; /* that is being read, or a string that may be a key; owned */
	enum { SCAN_NEUTRAL, SCAN_STRING, SCAN_ESCAPE, SCAN_UNICODE, SCAN_WORD, SCAN_COMMENT } state;
	char quote; /* that ends the string */
	unsigned int unicode, unicode_digits;
	bool has_string; /* text is a whole string; ':' makes it a key, anything else a value */
};

/* Takes a line or a part of one, its newline not in it; `edges` says which. Returns how many bytes were taken: all, or up to the
 * end of the outermost value. */
#define JSON_SCAN_BEGINS_LINE 1u
#define JSON_SCAN_ENDS_LINE   2u
size_t json_scan_take(struct json_scan *scan, const char *text, size_t length, unsigned int edges);
/* How long the key in quotes at the beginning of the text is; 0: there is none. */
size_t json_scan_key(const char *text, size_t length);
/* Members without the object around them come next: one is implied. */
void json_scan_imply(struct json_scan *scan);
/* There is no more: what is open is closed. True: something was. */
bool json_scan_end(struct json_scan *scan);
/* The text of the event that is being told, to own, in place of a copy. */
char *json_scan_steal(struct json_scan *scan);
void json_scan_drop(struct json_scan *scan); /* forgets what is open */
void json_scan_free(struct json_scan *scan);

#endif
