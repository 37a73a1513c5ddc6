/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as what goes over a connection to an OSD, in which pings and their answers are looked for (shim/follow/wire_format.c,
 * pings.c): cut into reads as the first bytes say, and whole. What is found must not depend on the cuts, nothing beyond the bytes
 * is looked at, and no ping is answered twice. clang -fsanitize=fuzzer,address,undefined; seeds: tests/fuzz/corpus/wire.
 */
#include "follow/pings.h"
#include "follow/wire_format.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAME   "rbd_header.10aa"
#define KEPT   4096
#define COOKIE UINT64_C(0x7f0000001000)

struct found {
	size_t count;
	struct {
		uint64_t cookie;
		uint32_t gen;
		int32_t result;
		uint8_t op;
	} reply[KEPT];
	struct pings *pings;
	unsigned answered;
};

/* As the shim looks at each: its name, its message's head, the ping that it answers. */
static void look(const struct wire_op *op, int32_t result, void *arg)
{
	struct found *found = arg;
	const size_t front = strlen(NAME) + 4;
	struct ping ping;
	uint64_t tid = 0;

	if (found->count < KEPT) {
		found->reply[found->count].cookie = op->cookie;
		found->reply[found->count].gen = op->gen;
		found->reply[found->count].result = result;
		found->reply[found->count].op = op->op;
	}
	found->count++;
	if (!wire_name_is(op, NAME))
		return;
	tid = wire_tid(op->name_end - front, op->before - front, WIRE_REPLY);
	if (op->cookie == COOKIE && pings_answered(found->pings, op->gen, tid, (int)(op->gen & 1) - 1, &ping) != PINGS_NONE)
		found->answered++;
}

/* malloc'ed copies: a look beyond an end is a fault. */
static void feed(struct wire_tail *tail, const uint8_t *data, size_t length, struct found *found)
{
	uint8_t *copy = malloc(length + !length);

	memcpy(copy, data, length);
	wire_replies(tail, copy, length, look, found);
	free(copy);
}

static void look_at_requests(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + !size);
	struct wire_op op;
	size_t at = 0;

	memcpy(copy, data, size);
	while (wire_next_request(copy, at, size, &op)) {
		if (op.at < at || op.at + 27 > size || op.name_end != copy + op.before || op.before + 2 != op.at)
			abort();
		at = op.at + 1;
		(void)wire_name_is(&op, NAME);
		for (size_t before = 0; before < op.before && before <= WIRE_HEAD_MAX; before++)
			(void)wire_tid(op.name_end, before, WIRE_REQUEST);
	}
	free(copy);
}

#define PINGS 5

static void begin(struct found *found, struct pings *pings)
{
	memset(found, 0, sizeof *found);
	found->pings = pings;
	pings_init(pings);
	for (uint32_t i = 0; i < PINGS; i++)
		pings_sent(pings, &(struct ping){ .gen = 1, .tid = i ? 100 + i : 0, .sent_ns = i + 1, .sent_mono_ns = i + 1 });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct found whole, cut;
	static struct pings pings;
	struct wire_tail tail = { 0 };
	uint8_t steps[4] = { 0 };
	size_t head = size < sizeof steps ? size : sizeof steps;

	memcpy(steps, data, head);
	data += head, size -= head;
	look_at_requests(data, size);

	begin(&whole, &pings);
	feed(&tail, data, size, &whole);
	if (whole.answered > PINGS)
		abort();

	tail = (struct wire_tail){ 0 };
	begin(&cut, &pings);
	for (size_t at = 0, i = 0; at < size; i++) {
		size_t step = 1 + steps[i % sizeof steps] * (i % 3 ? 1u : 16u);
		step = step < size - at ? step : size - at;
		feed(&tail, data + at, step, &cut);
		at += step;
	}
	if (cut.answered > PINGS || cut.count != whole.count)
		abort();
	for (size_t i = 0; i < cut.count && i < KEPT; i++)
		if (memcmp(&cut.reply[i], &whole.reply[i], sizeof cut.reply[i]) != 0)
			abort();
	return 0;
}
