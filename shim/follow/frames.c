/* SPDX-License-Identifier: MIT */
#include "frames.h"

#include <string.h>

#define PREAMBLE     32
#define TAG_FIRST    1 /* hello */
#define TAG_MESSAGE  17
#define TAG_LAST     32 /* Ceph 20 ends at 23 */
#define SEGMENTS_MAX 4
#define SEGMENT_MAX  (1u << 30)

struct preamble {
	uint8_t tag, segments;
	uint32_t length[SEGMENTS_MAX];
};

/* Copies size bytes from this place of the message; false: it is shorter. */
static bool frames_gather(const struct msghdr *message, size_t at, uint8_t *to, size_t size)
{
	for (size_t i = 0; i < message->msg_iovlen && size; i++) {
		const uint8_t *data = message->msg_iov[i].iov_base;
		size_t length = message->msg_iov[i].iov_len, step;
		if (at >= length) {
			at -= length;
			continue;
		}
		step = length - at < size ? length - at : size;
		memcpy(to, data + at, step);
		to += step;
		size -= step;
		at = 0;
	}
	return !size;
}

/* Ceph's variant: it begins with 0, and the bits are not inverted before or after. */
static uint32_t crc32c(const uint8_t *bytes, size_t size)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return crc;
}

static bool read_preamble(const struct msghdr *message, size_t at, struct preamble *preamble)
{
	uint8_t bytes[PREAMBLE];
	uint32_t crc;

	if (!frames_gather(message, at, bytes, sizeof bytes))
		return false;
	*preamble = (struct preamble){ .tag = bytes[0], .segments = bytes[1] };
	if (preamble->tag < TAG_FIRST || preamble->tag > TAG_LAST || !preamble->segments || preamble->segments > SEGMENTS_MAX)
		return false;
	for (unsigned i = 0; i < preamble->segments; i++) {
		memcpy(&preamble->length[i], bytes + 2 + 6 * i, sizeof preamble->length[i]);
		if (preamble->length[i] > SEGMENT_MAX)
			return false;
	}
	memcpy(&crc, bytes + PREAMBLE - sizeof crc, sizeof crc);
	return crc == crc32c(bytes, PREAMBLE - sizeof crc);
}

static bool may_end_at(const struct frames *frames, size_t end)
{
	struct preamble next;

	return end == frames->total || read_preamble(frames->message, end, &next);
}

/* Takes the next frame. Which msgr2 it is shows at its end; a frame that is cut off is taken for one of 2.1. */
static void next_frame(struct frames *frames)
{
	struct preamble preamble;
	size_t sum = 0, in_2_0, in_2_1;

	if (!read_preamble(frames->message, frames->at, &preamble)) {
		frames->lost = true;
		return;
	}
	for (unsigned i = 0; i < preamble.segments; i++)
		sum += preamble.length[i];
	frames->front_begin = frames->front_end = frames->at + PREAMBLE + preamble.length[0];
	if (preamble.tag == TAG_MESSAGE && preamble.segments > 1)
		frames->front_end += 4 + preamble.length[1];
	in_2_0 = frames->at + PREAMBLE + sum + 17;
	in_2_1 = frames->at + PREAMBLE + sum + (preamble.length[0] ? 4 : 0) + (preamble.segments > 1 ? 13 : 0);
	frames->at = !may_end_at(frames, in_2_1) && may_end_at(frames, in_2_0) ? in_2_0 : in_2_1;
}

enum place frames_place(struct frames *frames, size_t position)
{
	while (!frames->lost && frames->at <= position)
		next_frame(frames);
	if (frames->lost)
		return NOT_KNOWN;
	return position >= frames->front_begin && position < frames->front_end ? IN_FRONT : ELSEWHERE;
}

size_t frames_left(struct frames *frames, size_t sent)
{
	while (!frames->lost && frames->at < sent)
		next_frame(frames);
	return frames->lost ? 0 : frames->at - sent;
}
