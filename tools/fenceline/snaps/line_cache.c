/* SPDX-License-Identifier: MIT */
#include "snaps/line_cache.h"

#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void flush_line(struct cached_line *line)
{
	if (!line->hits)
		return;
	if (line->behind) {
		line->pool->lines += line->hits;
		line->pool->behind += line->hits;
	} else {
		account_repeat(line->pool, line->hits, line->epoch, line->ts_ns);
	}
	line->hits = 0;
}

static void cache_drop(struct cached_line *line)
{
	flush_line(line);
	free(line->text);
	memset(line, 0, sizeof *line);
}

/* Puts a line in front of those before the i-th, whose place it takes. */
static struct cached_line *put_first(struct line_cache *cache, size_t i, struct cached_line line)
{
	memmove(cache->lines + 1, cache->lines, i * sizeof line);
	cache->lines[0] = line;
	return cache->lines;
}

struct cached_line *line_cache_find(struct line_cache *cache, const char *text, size_t length, int64_t label)
{
	for (size_t i = 0; i < LINE_CACHE_LINES; i++) {
		struct cached_line *line = &cache->lines[i];

		if (!line->text || line->length != length || line->label != label || memcmp(line->text, text, length))
			continue;
		if (line->samples == line->pool->sample_count)
			return put_first(cache, i, *line);
		cache_drop(line); /* the pool has moved on since */
		return NULL;
	}
	return NULL;
}

void line_cache_add(struct line_cache *cache, const char *text, size_t length, int64_t label, struct snaps_pool *pool,
                    bool behind)
{
	size_t last = 0, bytes = 0;

	while (last < LINE_CACHE_LINES - 1 && cache->lines[last].text)
		last++;
	cache_drop(&cache->lines[last]);
	put_first(cache, last,
	          (struct cached_line){ .text = xcopy(text, length),
	                                .length = length,
	                                .label = label,
	                                .pool = pool,
	                                .samples = pool->sample_count,
	                                .behind = behind });
	for (size_t i = 0; i < LINE_CACHE_LINES; i++) {
		bytes += cache->lines[i].length;
		if (bytes > LINE_CACHE_BYTES)
			cache_drop(&cache->lines[i]);
	}
}

void line_cache_flush(struct line_cache *cache)
{
	for (size_t i = 0; i < LINE_CACHE_LINES; i++)
		flush_line(&cache->lines[i]);
}

void line_cache_free(struct line_cache *cache)
{
	for (size_t i = 0; i < LINE_CACHE_LINES; i++)
		cache_drop(&cache->lines[i]);
}
