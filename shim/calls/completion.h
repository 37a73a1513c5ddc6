/* SPDX-License-Identifier: MIT */
/*
 * librbd's completions, seen from both ends. rbd_aio_create_completion (and RBD::AioCompletion's constructor) is given
 * our callback and, as its argument, a record of ours, which holds the caller's callback and argument. The submitting
 * call finds the record again with librbd's own rbd_aio_get_arg; the caller's rbd_aio_get_arg is answered from the record.
 *
 * A completion without a callback gets none: with one, librbd (16 and later) completes it elsewhere, and who waits for it inside
 * another callback waits for ever. Its I/O ends when its caller learns of it, by wait, is_complete or poll, else at release. What
 * is released before it is complete ends without a result.
 *
 * A record (record_pool.h) has two references. One is the caller's until rbd_aio_release, one is librbd's from submission to
 * callback, so a caller may release before the callback, inside it, after it, or without ever submitting.
 */
#ifndef FENCELINE_SHIM_COMPLETION_H
#define FENCELINE_SHIM_COMPLETION_H

#include "base/hook.h"
#include "follow/io.h"
#include "follow/record_pool.h"

/* Where a completion's record is most likely to be: the last one that this thread created, and the one whose callback it
 * is in. A record that is alive proves by its pc whose it is: nobody else has the record while it is so. */
struct completion_mine {
	struct completion *last_created, *in_callback;
	/* librbd's C function calls the C++ method through the PLT: the outer one of the two takes the record. */
	void *being_released;
};
extern __thread struct completion_mine completion_mine;

/* Is it the record of this rbd_completion_t, which is not NULL? (That is a librbd::RBD::AioCompletion*, in C++ as in C.) */
static inline bool completion_is_of(struct completion *record, void *c)
{
	return record && atomic_load_explicit(&record->alive, memory_order_acquire) &&
	       atomic_load_explicit(&record->pc, memory_order_relaxed) == *(void **)c;
}

enum completion_kind { COMPLETION_IDLE, COMPLETION_IO, COMPLETION_CALL }; /* IDLE: nothing of ours was submitted with it */

/* ENDING: somebody is about to tell; nobody's caller learns that a call is complete before it has ENDED. */
enum completion_ended { COMPLETION_BEGUN, COMPLETION_ENDING, COMPLETION_ENDED };

/* librbd's reference begins before the call: the callback can come before the call returns. Without a callback the only
 * reference is the caller's, and it ends with the release. */
static inline void completion_begin(struct completion *record, enum completion_kind kind)
{
	record->kind = (uint8_t)kind;
	atomic_store_explicit(&record->refs, 2, memory_order_relaxed);
}

/* For completion_begin_io. */
struct completion *completion_begin_io_slowly(enum hook hook, void *c, void *handle, enum fl_io_op op, uint64_t offset,
                                              uint64_t length);

/*
 * To be called right before a real asynchronous call on the completion c, and its result handed to completion_submitted
 * right after. NULL if the completion is not ours: then the call is passed through and counted.
 */
static inline __attribute__((always_inline)) struct completion *
completion_begin_io(enum hook hook, void *c, void *handle, enum fl_io_op op, uint64_t offset, uint64_t length)
{
	struct completion *record = completion_mine.last_created;

	/* Else another one was made before it was used, or it is not ours. */
	if (__builtin_expect(c && completion_is_of(record, c), 1)) {
		completion_begin(record, COMPLETION_IO);
		if (__builtin_expect(io_begin_inline(&record->io, handle, op, offset, length), 1))
			return record;
	}
	return completion_begin_io_slowly(hook, c, handle, op, offset, length);
}
/* The same for a call that is no I/O: `done` runs once with the result, before the caller's callback and before the caller can
 * learn of it otherwise; with RESULT_UNKNOWN if that cannot be asked. May be NULL. It does not run if the call itself fails. */
struct completion *completion_begin_call(enum hook hook, void *c, void (*done)(void *data, int64_t result), void *data);
/* A call that failed at once gets no callback: its I/O ends here. Otherwise the record may be gone already. */
void completion_call_failed(struct completion *completion, int64_t result);
static inline void completion_submitted(struct completion *completion, int64_t result)
{
	if (__builtin_expect(completion && result < 0, 0))
		completion_call_failed(completion, result);
}

#endif
