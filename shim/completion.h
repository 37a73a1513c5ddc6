/* SPDX-License-Identifier: MIT */
/*
 * librbd's completions, seen from both ends. rbd_aio_create_completion (and RBD::AioCompletion's constructor) is given
 * our callback and, as its argument, a record of ours, which holds the caller's callback and argument. The submitting
 * call finds the record again with librbd's own rbd_aio_get_arg; the caller's rbd_aio_get_arg is answered from the record.
 *
 * A record (record_pool.h) has two references. One is the caller's until rbd_aio_release, one is librbd's from submission to callback, so a
 * caller may release before the callback, inside it, after it, or without ever submitting.
 */
#ifndef FENCELINE_SHIM_COMPLETION_H
#define FENCELINE_SHIM_COMPLETION_H

#include "hook.h"
#include "io.h"

struct completion; /* a record */

/* The rbd_completion_t of a librbd::RBD::AioCompletion: its first word. */
static inline void *completion_of_cpp(void *const *c)
{
	return c ? *c : NULL;
}

/*
 * To be called right before a real asynchronous call on the completion c, and its result handed to completion_submitted
 * right after. NULL if the completion is not ours: then the call is passed through and counted.
 */
struct completion *completion_begin_io(enum hook hook, void *c, void *handle, enum fl_io_op op, uint64_t offset, uint64_t length);
/* The same for a call that is no I/O: `done` runs once with the result, before the caller's callback. May be NULL.
 * It does not run if the call itself fails. */
struct completion *completion_begin_call(enum hook hook, void *c, void (*done)(void *data, int64_t result), void *data);
/* A call that failed at once gets no callback: its I/O ends here. Otherwise the record may be gone already. */
void completion_call_failed(struct completion *completion, int64_t result);
static inline void completion_submitted(struct completion *completion, int64_t result)
{
	if (__builtin_expect(completion && result < 0, 0))
		completion_call_failed(completion, result);
}

/* How many records have ever been carved out of fresh memory: stands still once a load is steady. */
uint64_t completion_records_made(void);

#endif
