/* SPDX-License-Identifier: MIT */
/*
 * What came back from a notify on an image's header. The reply's encoding has been the same in 14 to 20 (librados' own decoder,
 * rados_decode_notify_response, is of 15): a map {u64 global id, u64 cookie} -> string of those that answered, then a list of
 * {global id, cookie} that did not in time; all little endian, each with a u32 count.
 */
#ifndef FENCELINE_GUARD_NOTIFY_REPLY_H
#define FENCELINE_GUARD_NOTIFY_REPLY_H

#include <stddef.h>
#include <stdint.h>

enum notify_answer {
	NOTIFY_ABSENT, /* neither of these: it had no watch when the OSD sent the notify */
	NOTIFY_ANSWERED,
	NOTIFY_MUTE, /* it has a watch and did not answer in time */
	NOTIFY_MALFORMED,
};

/* What the watcher of that global id and cookie did. Of a reply that ends early, what stands before the end counts. */
enum notify_answer notify_reply_of(const char *reply, size_t size, uint64_t global_id, uint64_t cookie);

/*
 * librbd's notify with an operation that it does not know: version 1, compatible to 1, four bytes of payload, operation 99. The
 * owner of the lock answers "not supported", all others with nothing; nobody does anything else [tried on 14 to 20: tests/guard].
 */
extern const char notify_probe[10];

#endif
