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

struct cached_line *line_cache_find(struct line_cache *cache, const char *text, size_t length, int64_t label)
{
	for (size_t i = 0; i < LINE_CACHE_LINES; i++) {
		struct cached_line *line = &cache->lines[i];

		if (line->text && line->length == length && line->label == label && !memcmp(line->text, text, length)) {
			if (line->samples != line->pool->sample_count) { /* the pool has moved on since */
				cache_drop(line);
				return NULL;
			}
			line->used = ++cache->clock;
			return line;
		}
	}
	return NULL;
}

static struct cached_line *cache_oldest(struct line_cache *cache)
{
	struct cached_line *line = &cache->lines[0];

	for (size_t i = 1; i < LINE_CACHE_LINES; i++)
		if (cache->lines[i].used < line->used)
			line = &cache->lines[i];
	return line;
}

static size_t bytes(const struct line_cache *cache)
{
	size_t sum = 0;

	for (size_t i = 0; i < LINE_CACHE_LINES; i++)
		sum += cache->lines[i].length;
	return sum;
}

void line_cache_add(struct line_cache *cache, const char *text, size_t length, int64_t label, struct snaps_pool *pool,
                    bool behind)
{
	struct cached_line *line;

	if (length > LINE_CACHE_BYTES)
		return;
	line = cache_oldest(cache);
	cache_drop(line);
	while (bytes(cache) + length > LINE_CACHE_BYTES) {
		struct cached_line *largest = &cache->lines[0];

		for (size_t i = 1; i < LINE_CACHE_LINES; i++)
			if (cache->lines[i].length > largest->length)
				largest = &cache->lines[i];
		cache_drop(largest);
	}
	*line = (struct cached_line){
		.text = xcopy(text, length), .length = length, .label = label, .pool = pool, .behind = behind
	};
	line->samples = pool->sample_count;
	line->used = ++cache->clock;
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
