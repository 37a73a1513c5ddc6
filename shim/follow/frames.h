/* SPDX-License-Identifier: MIT */
/*
 * Which bytes of what is sent are the front of a message, and not data: a guest may write into its disk what a whole message
 * looks like, but not where messages begin.
 *
 * msgr2 in crc mode (Ceph 14 to 20): a frame is a preamble of 32 bytes (u8 tag, u8 segments, four times u32 length and u16
 * alignment, u8 flags, u8 reserved, u32 crc32c of these) and its segments, of a message (tag 17) header, front, middle, data. In
 * msgr2.1 a checksum follows the first segment, and 13 bytes the last one if there are several; in 2.0 17 bytes follow the last.
 * A sendmsg begins with a frame, unless the one before left a part of a frame unsent.
 */
#ifndef FENCELINE_SHIM_FRAMES_H
#define FENCELINE_SHIM_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum place { IN_FRONT, ELSEWHERE, NOT_KNOWN };

/* Goes forward through the frames of one message. Begin with at = so many bytes that belong to a frame begun before. */
struct frames {
	const struct msghdr *message;
	size_t total; /* bytes in it */
	size_t at;    /* where the next frame begins */
	size_t front_begin, front_end;
	bool lost; /* no frame begins where one should */
};

/* Where this byte lies; positions are asked for in ascending order. NOT_KNOWN: it is no msgr2, or nobody saw where frames begin. */
enum place frames_place(struct frames *frames, size_t position);

/* So many bytes of it have been sent: how many the next one begins with that belong to a frame begun before. */
size_t frames_left(struct frames *frames, size_t sent);

#endif
