/* SPDX-License-Identifier: MIT */
/*
 * What a ping and its answer look like, and finding them in what else goes by. Knows nothing of watches.
 *
 * What goes by is also the guest's data, and a guest may write into it what it likes. So a message of a ping is taken for
 * one only with all of this around it (seen on Ceph 14, 16, 18 and 20; little endian and packed):
 *
 *	a watch operation   0 u16 0x220f, 2 u32 flags, 6 u64 cookie, 14 u64 version, 22 u8 watch op, 23 u32 gen, 27 u32 timeout
 *	in a request        u32 length and bytes of the object's name, u16 1 (operations), the operation
 *	in a reply          u32 length and bytes of the object's name, pg: u8 1, u64 pool, u32 seed, i32 -1; u64 flags,
 *	                    i32 result, 12 bytes of a version, u32 epoch, u32 1 (operations), the operation
 *	in front of each    the message's header, which ends 4 bytes (msgr2.1) or none before:
 *	                    8 u64 tid, 16 u16 type (42 request, 43 reply); 41 bytes long, in msgr1 53
 *
 * The name and cookie must be those of a watch, and a reply must have the tid of a ping that was sent and not yet answered.
 * The header of a reply whose front end was received earlier than what is kept of that is not compared.
 */
#ifndef FENCELINE_SHIM_WIRE_FORMAT_H
#define FENCELINE_SHIM_WIRE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_op {
	size_t at;               /* where its 0x220f stands */
	const uint8_t *name_end; /* behind the object's name */
	size_t before;           /* so many bytes before that can be looked at */
	uint64_t cookie;
	uint32_t gen;
	uint8_t op; /* 0 unwatch, 1 old watch, 3 watch, 5 reconnect, 7 ping */
};
#define WIRE_OP_PING      7
#define WIRE_OP_RECONNECT 5

enum wire_type { WIRE_REQUEST = 42, WIRE_REPLY = 43 };

/* What stands before the name says how long it is, and it is this one. */
bool wire_name_is(const struct wire_op *op, const char *name);

#define WIRE_HEAD_MAX 53 /* how much before the front a header can begin */
/* The tid of the message whose front begins at front; `before` bytes in front of it can be looked at. 0: no header of that
 * type is there. */
uint64_t wire_tid(const uint8_t *front, size_t before, enum wire_type type);

/* The next bytes from `from` on that look like a request with a watch operation; false if there are none before `length`. */
bool wire_next_request(const uint8_t *data, size_t from, size_t length, struct wire_op *op);

/* The end of what a connection has received, to complete a reply that straddles two reads. */
#define WIRE_TAIL 240
struct wire_tail {
	uint32_t wait; /* the caller's: which wait for an answer it belongs to */
	uint32_t length;
	uint8_t bytes[WIRE_TAIL];
};

/* Calls found for each reply with a watch operation that ends in data, once, however the stream was cut into reads (with a
 * name of up to 100 bytes); updates the tail. What it costs is bounded by the length, whatever data holds. */
typedef void (*wire_reply_fn)(const struct wire_op *op, int32_t result, void *arg);
void wire_replies(struct wire_tail *tail, const uint8_t *data, size_t length, wire_reply_fn found, void *arg);

#endif
