/* SPDX-License-Identifier: MIT */
/*
 * The last few distinct lines, so that one equal to a line before is recognised by comparing bytes: an OSD that walks through
 * its epochs says the same thousands of times. Not thread-safe.
 */
#ifndef FENCELINE_SNAPS_LINE_CACHE_H
#define FENCELINE_SNAPS_LINE_CACHE_H

#include "snaps/account.h"

#define LINE_CACHE_LINES 8
#define LINE_CACHE_BYTES ((size_t)32 << 20) /* of all of them together */

struct cached_line {
	char *text; /* owned; NULL: none */
	size_t length;
	int64_t label; /* the pool that lines around it named, -1: none */
	struct snaps_pool *pool;
	size_t samples; /* the pool's when it was parsed: as long as that is so, the line says nothing new */
	bool behind;    /* it told of a state that was history already */
	uint64_t epoch; /* of the last hit, 0: not known */
	uint64_t hits;  /* not yet handed to the account */
	int64_t ts_ns;  /* of the last hit that had a stamp; 0: none had */
};

struct line_cache {
	struct cached_line lines[LINE_CACHE_LINES]; /* the one that was used last comes first */
};

/* The entry for the same text under the same label, if it still holds (see `samples`); else NULL. */
struct cached_line *line_cache_find(struct line_cache *cache, const char *text, size_t length, int64_t label);
/* Remembers a line that was just parsed; the account's latest pool is what it was about. */
void line_cache_add(struct line_cache *cache, const char *text, size_t length, int64_t label, struct snaps_pool *pool,
                    bool behind);
/* Hands what was counted to the account. */
void line_cache_flush(struct line_cache *cache);
void line_cache_free(struct line_cache *cache);

#endif
