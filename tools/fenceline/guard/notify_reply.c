/* SPDX-License-Identifier: MIT */
#include "guard/notify_reply.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

const char notify_probe[10] = { 1, 1, 4, 0, 0, 0, 99, 0, 0, 0 };

struct reader {
	const char *at;
	size_t left;
	bool short_of;
};

static const char *reply_take(struct reader *reader, size_t size)
{
	const char *at = reader->at;

	if (reader->left < size) {
		reader->short_of = true;
		return NULL;
	}
	reader->at += size;
	reader->left -= size;
	return at;
}

static uint32_t take_u32(struct reader *reader)
{
	const char *at = reply_take(reader, 4);
	uint32_t number = 0;

	if (at)
		memcpy(&number, at, 4);
	return le32toh(number);
}

static uint64_t take_u64(struct reader *reader)
{
	const char *at = reply_take(reader, 8);
	uint64_t number = 0;

	if (at)
		memcpy(&number, at, 8);
	return le64toh(number);
}

static bool takes_watcher(struct reader *reader, uint64_t global_id, uint64_t cookie)
{
	uint64_t its_id = take_u64(reader), its_cookie = take_u64(reader);

	return !reader->short_of && its_id == global_id && its_cookie == cookie;
}

enum notify_answer notify_reply_of(const char *reply, size_t size, uint64_t global_id, uint64_t cookie)
{
	struct reader reader = { reply, size, false };
	bool answered = false;

	for (uint32_t left = take_u32(&reader); left && !reader.short_of; left--) {
		bool its = takes_watcher(&reader, global_id, cookie);
		answered |= its;
		reply_take(&reader, take_u32(&reader));
	}
	if (answered)
		return NOTIFY_ANSWERED;
	for (uint32_t left = take_u32(&reader); left && !reader.short_of; left--)
		if (takes_watcher(&reader, global_id, cookie))
			return NOTIFY_MUTE;
	return reader.short_of ? NOTIFY_MALFORMED : NOTIFY_ABSENT;
}
