/* SPDX-License-Identifier: MIT */
/*
 * A ping and its answer as Ceph 14 to 20 put them on the wire (msgr2.1, crc; taken down from real ones): preamble, header, its
 * checksum, front, epilogue. What a test does not care about is zero.
 */
#ifndef FENCELINE_TESTS_PING_MESSAGES_H
#define FENCELINE_TESTS_PING_MESSAGES_H

#include <stdint.h>
#include <string.h>

enum {
	PING_MAX = 512, /* with a name of up to 150 bytes */
	PING_HEADER_AT = 32,
	PING_FRONT_AT = 32 + 41 + 4,
	PING_NAME_IN_REQUEST = 133, /* from the front's first byte, without a namespace */
};

struct ping_fields {
	const char *name;
	uint64_t cookie, tid;
	uint32_t gen;
	int32_t result;
	uint8_t op;
};

static inline size_t put_bytes(uint8_t *to, size_t at, const void *from, size_t size)
{
	memcpy(to + at, from, size);
	return at + size;
}

static inline size_t put_head(uint8_t *to, uint16_t type, uint64_t tid)
{
	memset(to, 0, PING_MAX);
	to[0] = 0x11;
	put_bytes(to, PING_HEADER_AT + 8, &tid, sizeof tid);
	put_bytes(to, PING_HEADER_AT + 16, &type, sizeof type);
	return PING_FRONT_AT;
}

static inline size_t put_name(uint8_t *to, size_t at, const char *name)
{
	uint32_t length = (uint32_t)strlen(name);

	return put_bytes(to, put_bytes(to, at, &length, sizeof length), name, length);
}

static inline size_t put_op(uint8_t *to, size_t at, const struct ping_fields *fields)
{
	to[at] = 0x0f;
	to[at + 1] = 0x22;
	put_bytes(to, at + 6, &fields->cookie, sizeof fields->cookie);
	to[at + 22] = fields->op;
	put_bytes(to, at + 23, &fields->gen, sizeof fields->gen);
	return at + 38;
}

/* Both return how long the message is; where its operation stands goes to *op_at. */
static inline size_t ping_request(uint8_t to[PING_MAX], const struct ping_fields *fields, size_t *op_at)
{
	static const uint16_t one = 1;
	size_t at = put_name(to, put_head(to, 42, fields->tid) + PING_NAME_IN_REQUEST, fields->name);

	*op_at = at = put_bytes(to, at, &one, sizeof one);
	return put_op(to, at, fields) + 32 + 13;
}

static inline size_t ping_reply(uint8_t to[PING_MAX], const struct ping_fields *fields, size_t *op_at)
{
	static const uint32_t one = 1, none = UINT32_MAX, epoch = 11;
	static const uint8_t version = 1;
	size_t at = put_name(to, put_head(to, 43, fields->tid), fields->name);

	at = put_bytes(to, at, &version, sizeof version) + 8 + 4;
	at = put_bytes(to, at, &none, sizeof none) + 8;
	at = put_bytes(to, at, &fields->result, sizeof fields->result) + 12;
	at = put_bytes(to, at, &epoch, sizeof epoch);
	*op_at = at = put_bytes(to, at, &one, sizeof one);
	return put_op(to, at, fields) + 53 + 13;
}

#endif
