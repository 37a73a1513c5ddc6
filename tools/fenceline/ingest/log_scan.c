/* SPDX-License-Identifier: MIT */
/*
 * Every word is at least eight bytes long, so whoever looks at four bytes, then at four bytes five further on, and so on, meets
 * four bytes of every eight that a word holds. A bitmap says whether four bytes belong to a word at all; they rarely do. The
 * looks do not depend on one another, so a processor does many at once: several GB a second, where a search that shifts by what
 * it found must wait for each step.
 * Which eight bytes of a longer word are looked for is free, and costs much or nothing: "client" stands in every line of an
 * audit log, "blocklis" in few. So each word is known by those eight that look least like the lines most logs are full of.
 */
#include "ingest/log_scan.h"
#include "ingest/xalloc.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GRAM   4
#define STRIDE (LOG_SCAN_SHORTEST - GRAM + 1)
#define BITS   16 /* of the hash */
#define CHAINS 256

/* What most lines hold: the envelopes, the audit log's commands, the cluster log's pgmap, an OSD's scrubs and its store. */
static const char most_lines[] =
        "mon.a (mon.0) 12 : audit [DBG] from='client.? 10.0.0.1:0/3' entity='client.admin' cmd=[{\"prefix\": \"osd pool ls\", "
        "\"prefix\":\"osd df\", \"pool\": \"volumes\", \"entity\": \"client.nova\", \"key\": \"mgr\", \"format\": \"json\"}]: dispatch "
        "mgr.x (mgr.4115) 7 : cluster [DBG] pgmap v9: 2049 pgs: 2048 active+clean, 1 active+clean+scrubbing+deep; 81 TiB data, "
        "osd.3 (osd.3) 9 : cluster [WRN] log_channel(cluster) log [DBG] : 1.2a deep-scrub starts, scrub ok "
        "pg_epoch: 41 pg[1.2a( v 41'9 lc 0'0 (0'0,41'9] local-lis/les=40/41 n=2 ec=9/9 lis/c=40/40 les/c/f=41/41/0 sis=40) [3,1] "
        "r=0 lpr=40 crt=41'9 mlcod 0'0 active+clean] rocksdb: [db_impl/db_impl_compaction_flush.cc:9] [default] [JOB 3] "
        "Level-0 commit table #3: memtable #1 done bluestore bluefs handle_auth_request failed to assign global_id "
        "heartbeat osd_stat(store_statfs peers op hist ms_handle_reset tick _status watch rbd: image libceph: error ";

/* Four bytes of a word, at `offset` in it. */
struct gram {
	uint32_t value;
	uint16_t word, offset;
	int16_t next; /* in its chain, -1: the last */
};

struct log_scan {
	const char *words[LOG_SCAN_WORDS];
	size_t lengths[LOG_SCAN_WORDS];
	size_t count, gram_count;
	struct gram grams[LOG_SCAN_WORDS * STRIDE];
	int16_t chains[CHAINS];
	uint8_t bitmap[(1 << BITS) / 8], common[(1 << BITS) / 8];
};

static uint32_t load(const char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint32_t hash(uint32_t value)
{
	return value * UINT32_C(0x9e3779b1) >> (32 - BITS);
}

static void scan_put(uint8_t *bitmap, uint32_t value)
{
	uint32_t hashed = hash(value);

	bitmap[hashed / 8] |= (uint8_t)(1 << hashed % 8);
}

static bool holds(const uint8_t *bitmap, const char *at)
{
	uint32_t hashed = hash(load(at));

	return bitmap[hashed / 8] >> hashed % 8 & 1;
}

struct log_scan *log_scan_new(void)
{
	struct log_scan *scan = xcalloc(1, sizeof(*scan));

	memset(scan->chains, 0xff, sizeof(scan->chains)); /* -1 each */
	for (size_t at = 0; at + GRAM < sizeof(most_lines); at++)
		scan_put(scan->common, load(most_lines + at));
	return scan;
}

/* Where in the word the rarest eight bytes begin. */
static size_t rarest(const struct log_scan *scan, const char *word, size_t length)
{
	unsigned int least = UINT_MAX;
	size_t best = 0;

	for (size_t begin = 0; begin + LOG_SCAN_SHORTEST <= length; begin++) {
		unsigned int sum = 0;

		for (size_t offset = begin; offset < begin + STRIDE; offset++)
			sum += holds(scan->common, word + offset);
		if (sum < least) {
			least = sum;
			best = begin;
		}
	}
	return best;
}

log_words log_scan_add(struct log_scan *scan, const char *word)
{
	size_t length = strlen(word), begin;

	for (size_t i = 0; i < scan->count; i++)
		if (!strcmp(scan->words[i], word))
			return (log_words)1 << i;
	if (length < LOG_SCAN_SHORTEST)
		return 0;
	if (scan->count == LOG_SCAN_WORDS)
		abort();
	begin = rarest(scan, word, length);
	for (uint16_t offset = (uint16_t)begin; offset < begin + STRIDE; offset++) {
		struct gram *gram = &scan->grams[scan->gram_count];
		uint32_t value = load(word + offset), hashed = hash(value);

		*gram = (struct gram){ value, (uint16_t)scan->count, offset, scan->chains[hashed % CHAINS] };
		scan->chains[hashed % CHAINS] = (int16_t)scan->gram_count++;
		scan_put(scan->bitmap, value);
	}
	scan->words[scan->count] = word;
	scan->lengths[scan->count] = length;
	return (log_words)1 << scan->count++;
}

static bool is_there(const struct log_scan *scan, const struct gram *gram, const char *text, size_t length, size_t at)
{
	size_t word = scan->lengths[gram->word];

	return at >= gram->offset && at - gram->offset + word <= length &&
	       !memcmp(text + at - gram->offset, scan->words[gram->word], word);
}

/* The words that cover the four bytes at `at`: their bits, and where the first of them begins. */
static log_words scan_look(const struct log_scan *scan, const char *text, size_t length, size_t at, size_t *begin)
{
	uint32_t value = load(text + at);
	log_words words = 0;

	for (int16_t i = scan->chains[hash(value) % CHAINS]; i >= 0; i = scan->grams[i].next) {
		const struct gram *gram = &scan->grams[i];

		if (gram->value != value || !is_there(scan, gram, text, length, at))
			continue;
		if (!words || at - gram->offset < *begin)
			*begin = at - gram->offset;
		words |= (log_words)1 << gram->word;
	}
	return words;
}

const char *log_scan_find(const struct log_scan *scan, const char *text, size_t length)
{
	size_t at = 0, begin;

	/* eight looks between two branches */
	for (; at + 7 * STRIDE + GRAM <= length; at += 8 * STRIDE) {
		bool any = false;

		for (size_t i = 0; i < 8; i++)
			any |= holds(scan->bitmap, text + at + i * STRIDE);
		if (!any)
			continue;
		for (size_t i = 0; i < 8; i++)
			if (holds(scan->bitmap, text + at + i * STRIDE) && scan_look(scan, text, length, at + i * STRIDE, &begin))
				return text + begin;
	}
	for (; at + GRAM <= length; at += STRIDE)
		if (scan_look(scan, text, length, at, &begin))
			return text + begin;
	return NULL;
}

log_words log_scan_words(const struct log_scan *scan, const char *text, size_t length)
{
	log_words words = 0;
	size_t begin;

	for (size_t at = 0; at + GRAM <= length; at += STRIDE)
		if (holds(scan->bitmap, text + at))
			words |= scan_look(scan, text, length, at, &begin);
	return words;
}
