/* SPDX-License-Identifier: MIT */
/*
 * Pings on the wire. libceph-common sends with libc's sendmsg and receives with read; in crc mode a watch operation in
 * there is plain to see. Only calls that come from libceph-common are looked at, only while there is a watch and a session
 * wants pings, and of what they carry nothing is kept but a watch operation's cookie, gen, op and result.
 *
 * A watch operation in an OSD op and in its reply, little endian and packed:
 *	-24 i32 result of the message (in a reply)
 *	  0 u16 0x220f, 2 u32 flags, 6 u64 cookie, 14 u64 version, 22 u8 watch op, 23 u32 gen, 27 u32 timeout
 */
#ifndef FENCELINE_SHIM_WIRE_H
#define FENCELINE_SHIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_RESULT_BEFORE = 24, WIRE_OP_SIZE = 27, WIRE_TAIL = WIRE_RESULT_BEFORE + WIRE_OP_SIZE - 1 };

struct wire_op {
	size_t at; /* where its 0x220f stands */
	uint64_t cookie;
	uint32_t gen;
	uint8_t op; /* 0 unwatch, 3 watch, 5 reconnect, 7 ping */
};
#define WIRE_OP_PING 7

/* The next bytes from `from` on that look like a watch operation; false if there are none before `length`. */
bool wire_next_op(const uint8_t *data, size_t from, size_t length, struct wire_op *op);

/* The end of what a connection has received, to complete an operation that straddles two reads. */
struct wire_tail {
	uint32_t wait; /* the caller's: which wait for an answer it belongs to */
	uint32_t length;
	uint8_t bytes[WIRE_TAIL];
};

/* Calls found for every operation whose reply header begins within, or before, data and that ends in it, each once,
 * however the stream was cut into reads; updates the tail. `text` to `text + length` is what surrounds it. */
typedef void (*wire_reply_fn)(const struct wire_op *op, int32_t result, const uint8_t *text, size_t length, void *arg);
void wire_replies(struct wire_tail *tail, const uint8_t *data, size_t length, wire_reply_fn found, void *arg);

#endif
