/* SPDX-License-Identifier: MIT */
#include "wire_format.h"

#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#define OP_WATCH 0x220f
#define OP_SIZE  27 /* up to and with gen */
#define NO_ENDS  4  /* the length in front of a name */

/* From the -1 that ends a reply's pg, for which replies are searched. */
#define PG_BEFORE     13 /* the name ends so much before it */
#define RESULT_BEHIND 12
#define COUNT_BEHIND  32
#define OP_BEHIND     36
#define REPLY_BEHIND  (OP_BEHIND + OP_SIZE)

/* So much may be wanted before the -1: the name, its length, the header. */
#define LOOK_BACK (PG_BEFORE + 100 + NO_ENDS + WIRE_HEAD_MAX)
_Static_assert(WIRE_TAIL >= LOOK_BACK + REPLY_BEHIND - 16, "a reply that ends in the next read's first bytes is whole");

static inline uint16_t get_u16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

static inline uint32_t get_u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

static inline uint64_t get_u64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

static inline bool is_watch_op(uint8_t op)
{
	return op == WIRE_OP_PING || op == 5 || op == 3 || op <= 1;
}

static inline void read_op(struct wire_op *op, const uint8_t *data, size_t at, size_t name_end)
{
	op->at = at;
	op->name_end = data + name_end;
	op->before = name_end;
	op->op = data[at + 22];
	op->cookie = get_u64(data + at + 6);
	op->gen = get_u32(data + at + 23);
}

bool wire_name_is(const struct wire_op *op, const char *name)
{
	size_t length = strlen(name);

	return op->before >= length + NO_ENDS && get_u32(op->name_end - length - NO_ENDS) == length &&
	       !memcmp(op->name_end - length, name, length);
}

uint64_t wire_tid(const uint8_t *front, size_t before, enum wire_type type)
{
	static const size_t begins_before[] = { 41 + 4, 41, 53 };

	for (size_t i = 0; i < sizeof begins_before / sizeof *begins_before; i++)
		if (before >= begins_before[i] && get_u16(front - begins_before[i] + 16) == type)
			return get_u64(front - begins_before[i] + 8);
	return 0;
}

/* ---- requests, in what is sent: short segments ---- */

bool wire_next_request(const uint8_t *data, size_t from, size_t length, struct wire_op *op)
{
	const uint8_t *found;

	for (size_t at = from < 2 ? 2 : from; at + OP_SIZE <= length; at++) {
		found = memchr(data + at, OP_WATCH & 0xff, length - OP_SIZE + 1 - at);
		if (!found)
			return false;
		at = (size_t)(found - data);
		if (found[1] == OP_WATCH >> 8 && get_u16(found - 2) == 1 && is_watch_op(found[22])) {
			read_op(op, data, at, at - 2);
			return true;
		}
	}
	return false;
}

/* ---- replies, in what is received: everything ---- */

/* Could the -1 of a reply begin here? data goes on for REPLY_BEHIND bytes. */
static inline bool is_reply_at(const uint8_t *at)
{
	return get_u16(at + OP_BEHIND) == OP_WATCH && get_u32(at) == UINT32_MAX && get_u32(at + COUNT_BEHIND) == 1 &&
	       is_watch_op(at[OP_BEHIND + 22]);
}

static void wire_format_report(const uint8_t *data, size_t s, wire_reply_fn found, void *arg)
{
	struct wire_op op;

	if (s < PG_BEFORE || data[s - PG_BEFORE] != 1)
		return;
	read_op(&op, data, s + OP_BEHIND, s - PG_BEFORE);
	found(&op, (int32_t)get_u32(data + s + RESULT_BEHIND), arg);
}

/* Calls visit for each place before until where the -1 of a reply could begin; data goes on for REPLY_BEHIND bytes behind it.
 */
typedef void (*visit_fn)(const uint8_t *data, size_t at, void *arg);

__attribute__((unused)) static void search_bytewise(const uint8_t *data, size_t until, visit_fn visit, void *arg)
{
	for (size_t at = 0; at < until; at++)
		if (data[at] == 0xff && is_reply_at(data + at))
			visit(data, at, arg);
}

#ifdef __SSE2__
/*
 * A client that reads 4 KiB blocks while a ping is unanswered has every block searched, and a reply may stand in any of them
 * (Ceph reads ahead): so it is the search that must be fast. Four bytes of 0xff hold two in a row at an even place, wherever
 * they begin: so 16-bit words of 0xffff are looked for, with one load for all of them. The first of a row of such words, or
 * the byte before it, begins the row. What stands before the -1 may end in 0xff, too: the hash that the placement group comes
 * from, and the pool's number before that; before these two stands a 1.
 */
static inline void visit_words(const uint8_t *data, size_t at, uint32_t mask, uint32_t *carry, size_t from, size_t until,
                               visit_fn visit, void *arg)
{
	uint32_t firsts = mask & ~(mask << 2 | *carry) & 0x55555555u;

	*carry = mask >> 30;
	for (; firsts; firsts &= firsts - 1) {
		size_t s = at + (size_t)__builtin_ctz(firsts);
		if (s > from && data[s - 1] == 0xff)
			s--;
		for (size_t end = s + PG_BEFORE < until ? s + PG_BEFORE : until; s < end && get_u32(data + s) == UINT32_MAX; s++)
			if (is_reply_at(data + s))
				visit(data, s, arg);
	}
}

static void search_sse2(const uint8_t *data, size_t until, visit_fn visit, void *arg)
{
	const __m128i ones = _mm_set1_epi8(-1);
	uint32_t carry = 0;

	/* one step further than `until`: the word may be the byte behind the first one */
	for (size_t at = 0; at < until + 1; at += 32) {
		__m128i low = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)(data + at)), ones);
		__m128i high = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)(data + at + 16)), ones);
		uint32_t mask = (uint32_t)_mm_movemask_epi8(low) | (uint32_t)_mm_movemask_epi8(high) << 16;
		visit_words(data, at, mask, &carry, 0, until, visit, arg);
	}
}

#define BLOCK 256
/* At a multiple of 32: gcc 10 makes two loads of one that need not be. */
__attribute__((target("avx2"))) static inline bool any_word_avx2(const uint8_t *at)
{
	const __m256i *v = (const __m256i *)at;
#define LOAD(i) _mm256_load_si256(v + (i))
	__m256i a = _mm256_max_epu16(LOAD(0), LOAD(1)), b = _mm256_max_epu16(LOAD(2), LOAD(3));
	__m256i c = _mm256_max_epu16(LOAD(4), LOAD(5)), d = _mm256_max_epu16(LOAD(6), LOAD(7));
#undef LOAD
	__m256i all = _mm256_max_epu16(_mm256_max_epu16(a, b), _mm256_max_epu16(c, d));

	return _mm256_movemask_epi8(_mm256_cmpeq_epi16(all, _mm256_set1_epi8(-1))) != 0;
}

__attribute__((target("avx2"))) static inline uint32_t words_avx2(const uint8_t *at)
{
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_loadu_si256((const __m256i *)at), _mm256_set1_epi8(-1)));
}

/* `until` and REPLY_BEHIND lie so far apart that no load goes beyond the data. */
__attribute__((target("avx2"))) static inline size_t words_one_by_one(const uint8_t *data, size_t at, size_t end, uint32_t *carry,
                                                                      size_t from, size_t until, visit_fn visit, void *arg)
{
	for (; at < end && at < until + 1; at += 32)
		visit_words(data, at, words_avx2(data + at), carry, from, until, visit, arg);
	return at;
}

__attribute__((target("avx2"))) static void search_avx2(const uint8_t *data, size_t until, visit_fn visit, void *arg)
{
	size_t aligned = -(uintptr_t)data & 31, at = aligned;
	uint32_t carry = 0;

	/* A load that lies in two lines of the cache costs twice: up to the first that does not, a search of its own. */
	if (aligned)
		words_one_by_one(data, 0, aligned, &carry, 0, aligned < until ? aligned : until, visit, arg);
	carry = 0;
	while (at < until + 1) {
		while (at + BLOCK <= until && __builtin_expect(!any_word_avx2(data + at), 1)) {
			at += BLOCK;
			carry = 0;
		}
		at = words_one_by_one(data, at, at + BLOCK, &carry, aligned, until, visit, arg);
	}
	/* gcc leaves it out. Without it each SSE instruction from here on waits for the upper halves: 150 ns a search were seen.
	 */
	_mm256_zeroupper();
}

static bool has_avx2;

static inline void wire_format_search(const uint8_t *data, size_t until, visit_fn visit, void *arg)
{
	if (__builtin_expect(has_avx2, 1))
		search_avx2(data, until, visit, arg);
	else
		search_sse2(data, until, visit, arg);
}

__attribute__((constructor)) static void look_at_processor(void)
{
	__builtin_cpu_init();
	has_avx2 = __builtin_cpu_supports("avx2");
}

/* Could a -1 begin in the tail's last bytes, from where its operation ends in what comes next? */
static inline bool may_straddle(const struct wire_tail *tail)
{
	const uint8_t *at = tail->bytes + WIRE_TAIL - 64;
	const __m128i ones = _mm_set1_epi8(-1);
	uint64_t mask = 0;

	if (tail->length < WIRE_TAIL)
		return tail->length;
	for (unsigned i = 0; i < 4; i++)
		mask |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(at + 16 * i)), ones))
		        << 16 * i;
	return (mask & mask >> 1) || mask >> 63;
}
_Static_assert(REPLY_BEHIND <= 64, "see may_straddle");
#else
static inline void wire_format_search(const uint8_t *data, size_t until, visit_fn visit, void *arg)
{
	search_bytewise(data, until, visit, arg);
}

static inline bool may_straddle(const struct wire_tail *tail)
{
	return tail->length;
}
#endif

/* ---- a stream cut at any place ---- */

struct visitor {
	const struct wire_tail *tail;
	const uint8_t *data;
	size_t length;
	size_t near; /* what belongs to one that stands before it may lie in the tail */
	bool across; /* those have been looked at */
	wire_reply_fn found;
	void *arg;
};

/* What begins in the tail, or so near the beginning of data that it wants to be looked at together with the tail. */
static void replies_across(struct visitor *visitor)
{
	const struct wire_tail *tail = visitor->tail;
	uint8_t seam[WIRE_TAIL + LOOK_BACK + REPLY_BEHIND];
	size_t head = visitor->length < LOOK_BACK + REPLY_BEHIND ? visitor->length : LOOK_BACK + REPLY_BEHIND;
	size_t ends = tail->length + head, last = ends < REPLY_BEHIND ? 0 : ends - REPLY_BEHIND + 1;
	/* what began earlier ended within the tail */
	size_t first = tail->length < REPLY_BEHIND ? 0 : tail->length - REPLY_BEHIND + 1;

	visitor->across = true;
	memcpy(seam, tail->bytes, tail->length);
	memcpy(seam + tail->length, visitor->data, head);
	if (last > tail->length + LOOK_BACK)
		last = tail->length + LOOK_BACK;
	for (size_t s = first; s < last; s++)
		if (is_reply_at(seam + s))
			wire_format_report(seam, s, visitor->found, visitor->arg);
}

static void visit_reply(const uint8_t *data, size_t at, void *arg)
{
	struct visitor *visitor = arg;

	if (at >= visitor->near)
		wire_format_report(data, at, visitor->found, visitor->arg);
	else if (!visitor->across)
		replies_across(visitor);
}

static void keep_tail(struct wire_tail *tail, const uint8_t *data, size_t length)
{
	if (length >= WIRE_TAIL) {
		memcpy(tail->bytes, data + length - WIRE_TAIL, WIRE_TAIL);
		tail->length = WIRE_TAIL;
		return;
	}
	size_t keep = WIRE_TAIL - length < tail->length ? WIRE_TAIL - length : tail->length;
	memmove(tail->bytes, tail->bytes + tail->length - keep, keep);
	memcpy(tail->bytes + keep, data, length);
	tail->length = (uint32_t)(keep + length);
}

void wire_replies(struct wire_tail *tail, const uint8_t *data, size_t length, wire_reply_fn found, void *arg)
{
	struct visitor visitor = { tail, data, length, tail->length ? LOOK_BACK : 0, false, found, arg };

	if (may_straddle(tail))
		replies_across(&visitor);
	if (length >= REPLY_BEHIND)
		wire_format_search(data, length - REPLY_BEHIND + 1, visit_reply, &visitor);
	keep_tail(tail, data, length);
}
