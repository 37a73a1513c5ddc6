/* SPDX-License-Identifier: MIT */
#include "calls.h"
#include "completion.h"

#include <errno.h>
#include <sys/types.h>
#include <time.h>

__thread struct completion_mine completion_mine;
#define mine completion_mine

static inline void unref(struct completion *record)
{
	/* With one reference left it is ours, and nobody else can make another: no need of a locked instruction. */
	if (atomic_load_explicit(&record->refs, memory_order_acquire) == 1)
		record_put_back(record);
	else
		atomic_fetch_sub_explicit(&record->refs, 1, memory_order_acq_rel);
}

/*
 * Released without a submission that we saw. A call that is no row of ours may have submitted it and its callback may
 * still come, so the record rests for a while before it is used again.
 */
static __attribute__((noinline)) void completion_rest(struct completion *record)
{
	static _Atomic(struct completion *) resting[256];
	static _Atomic(unsigned) turn;

	record = atomic_exchange(&resting[atomic_fetch_add(&turn, 1) % 256], record);
	if (record)
		record_put_back(record);
}

/* ---- the callback ---- */

/* librbd's own method, of the copy of it that made the completion. Cached while that is the only one. */
static inline void *method(const struct completion *record, _Atomic(void *) *cached, const char *symbol)
{
	void *found = atomic_load_explicit(cached, memory_order_relaxed);

	if (__builtin_expect(!found || record->copy, 0)) {
		found = library_symbol_of_copy(LIB_RBD, symbol, record->copy);
		if (!record->copy)
			atomic_store_explicit(cached, found, memory_order_relaxed);
	}
	return found;
}

/* The caller may have released its RBD::AioCompletion, which deletes it; librbd's own still answers through a stand-in. */
static inline int64_t return_value(struct completion *record)
{
	static _Atomic(void *) cached;
	void *ask = method(record, &cached, "_ZN6librbd3RBD13AioCompletion16get_return_valueEv");

	return __builtin_expect(ask != NULL, 1) ? ((ssize_t(*)(void *))ask)(&record->pc) : RESULT_UNKNOWN;
}

static bool is_complete(struct completion *record)
{
	static _Atomic(void *) cached;
	void *ask = method(record, &cached, hook_rows[HOOK_RbdAioCompletion_is_complete].symbol);

	return ask && ((bool (*)(void *))ask)(&record->pc);
}

static __attribute__((noinline)) void end_call(struct completion *record, int64_t result)
{
	if (record->call.done)
		record->call.done(record->call.data, result);
	atomic_store_explicit(&record->ended, COMPLETION_ENDED, memory_order_release);
}

static __attribute__((noinline)) void end_unknown(struct completion *record, const char *reason)
{
	hook_pass(HOOK_rbd_aio_release, reason);
	if (record->kind == COMPLETION_IO)
		io_forget(&record->io);
	else
		end_call(record, RESULT_UNKNOWN);
}

static inline void completion_end(struct completion *record)
{
	int64_t result = return_value(record);

	if (__builtin_expect(result == RESULT_UNKNOWN, 0)) {
		end_unknown(record, "its result cannot be asked");
	} else if (__builtin_expect(record->kind != COMPLETION_IO, 0)) {
		end_call(record, result);
	} else if (!io_end_inline(&record->io, result)) {
		io_end(&record->io, result);
	}
}

/* What may be learned of in several ways ends once. */
static inline bool ends_now(struct completion *record)
{
	uint8_t begun = COMPLETION_BEGUN;

	return atomic_compare_exchange_strong(&record->ended, &begun, COMPLETION_ENDING);
}

/* Another thread is telling of an open or a close: it asks librbd about an image that our caller may close as soon as we
 * return. It takes microseconds; if it does not, the caller shall not hang for us. */
static __attribute__((noinline)) void wait_for_end(const struct completion *record)
{
	const struct timespec pause = { 0, 50000 };

	for (int i = 0; i < 100000 && atomic_load(&record->ended) == COMPLETION_ENDING; i++)
		nanosleep(&pause, NULL);
}

/* Ends it, whichever thread comes first. Not for I/O with a callback, which can end in one way only. */
static void end_once(struct completion *record)
{
	if (ends_now(record))
		completion_end(record);
	else if (record->kind == COMPLETION_CALL)
		wait_for_end(record);
}

static void completed(void *c, void *arg)
{
	struct completion *record = arg;

	prefetch_to_write(record);
	bool ours = record->kind != COMPLETION_IDLE;
	if (__builtin_expect(record->kind == COMPLETION_IO, 1))
		completion_end(record);
	else if (ours)
		end_once(record);
	struct completion *outer = mine.in_callback;
	mine.in_callback = record;
	record->callback(c, record->arg);
	mine.in_callback = outer;
	if (ours) /* else the caller may have released it and the record be gone */
		unref(record);
}

/* ---- creation, submission, release ---- */

static inline struct completion *completion_create(enum hook hook, completion_callback callback, void *arg)
{
	struct completion *record = record_take();

	if (__builtin_expect(!record, 0)) {
		hook_pass(hook, "no memory for a completion record");
		return NULL;
	}
	record->callback = callback;
	record->arg = arg;
	record->kind = COMPLETION_IDLE;
	atomic_store_explicit(&record->alive, false, memory_order_relaxed);
	atomic_store_explicit(&record->ended, COMPLETION_BEGUN, memory_order_relaxed);
	return record;
}

static inline void created(struct completion *record, void *c, const void *real)
{
	record->copy = 0;
	if (__builtin_expect(atomic_load_explicit(&libraries_are_many, memory_order_relaxed), 0))
		record->copy = (uint8_t)library_copy_of(LIB_RBD, real);
	atomic_store_explicit(&record->pc, *(void **)c, memory_order_relaxed);
	atomic_store_explicit(&record->alive, true, memory_order_release);
	mine.last_created = record;
}

/* With several librbds loaded it is not known which of them made a completion, so none can be asked. But a completion holds the
 * argument of its callback, and that is our record, which knows the completion: the record is searched for in it. */
static struct completion *look_inside(void *c)
{
	void *words[64], *pc;
	size_t count = peek(c, &pc, sizeof pc) ? peek_some(pc, words, sizeof words) / sizeof *words : 0;

	for (size_t i = 0; i < count; i++)
		if (record_is_one(words[i]) && completion_is_of(words[i], c))
			return words[i];
	return NULL;
}

static __attribute__((noinline)) struct completion *completion_ask(void *c)
{
	if (atomic_load_explicit(&libraries_are_many, memory_order_relaxed))
		return look_inside(c);
	/* The method, not rbd_aio_get_arg: that one calls the method through the PLT, which leads back to us. Of a release that
	 * is not known only the C call is asked; there the method's wrapper is a mere jump. */
	struct hook_found method = hook_find(HOOK_RbdAioCompletion_get_arg);
	void *(*get_arg)(void *) = method.alone ? REAL(void *(*)(void *), rbd_aio_get_arg) : (void *(*)(void *))method.real;
	struct completion *record = get_arg ? get_arg(c) : NULL;

	return record_is_one(record) && completion_is_of(record, c) ? record : NULL;
}

/* The record of an rbd_completion_t, or NULL: it was made by something that we did not wrap. */
static inline struct completion *completion_find(void *c)
{
	if (__builtin_expect(!c, 0))
		return NULL;
	return completion_is_of(mine.in_callback, c)    ? mine.in_callback
	       : completion_is_of(mine.last_created, c) ? mine.last_created
	                                                : completion_ask(c);
}

static struct completion *not_ours(enum hook hook)
{
	hook_pass(hook, "its completion was not made through the shim");
	return NULL;
}

struct completion *completion_begin_io_slowly(enum hook hook, void *c, void *handle, enum fl_io_op op, uint64_t offset,
                                              uint64_t length)
{
	struct completion *record = completion_find(c);

	if (!record)
		return not_ours(hook);
	completion_begin(record, COMPLETION_IO);
	io_begin(&record->io, handle, op, offset, length);
	return record;
}

struct completion *completion_begin_call(enum hook hook, void *c, void (*done)(void *data, int64_t result), void *data)
{
	struct completion *record = completion_find(c);

	if (!record)
		return not_ours(hook);
	completion_begin(record, COMPLETION_CALL);
	record->call.done = done;
	record->call.data = data;
	return record;
}

void completion_call_failed(struct completion *record, int64_t result)
{
	if (record->kind == COMPLETION_IO)
		io_end(&record->io, result);
	record->kind = COMPLETION_IDLE;
	atomic_store_explicit(&record->refs, 1, memory_order_relaxed);
}

/* The caller learns that it is complete: what has no callback ends now. And so does a call whose callback librbd has put off:
 * what has been opened may be closed before that comes. */
static void learned(struct completion *record)
{
	if (record && record->kind != COMPLETION_IDLE && (!record->callback || record->kind == COMPLETION_CALL))
		end_once(record);
}

/* Who only looks may as well be told: not yet. */
static bool is_being_told(const struct completion *record)
{
	return record && record->kind == COMPLETION_CALL && atomic_load(&record->ended) == COMPLETION_ENDING;
}

/* About to be released, and no callback will come. */
static void end_at_release(struct completion *record)
{
	if (record->kind == COMPLETION_IDLE || !ends_now(record))
		return;
	if (is_complete(record))
		completion_end(record);
	else
		end_unknown(record, "released before it was complete, and without a callback");
}

/* Its references, once the real release of c has returned. */
static inline void released(struct completion *record)
{
	if (record->kind == COMPLETION_IDLE)
		completion_rest(record);
	else if (!record->callback) /* librbd does not look at its argument again */
		record_put_back(record);
	else if (record == mine.in_callback) /* the other reference is this very callback's: no need of a locked instruction */
		atomic_store_explicit(&record->refs, 1, memory_order_relaxed);
	else
		unref(record);
}

static __attribute__((noinline)) void completion_release(void *c, void (*real)(void *c))
{
	struct completion *record = completion_find(c);

	if (__builtin_expect(!record, 0)) {
		real(c);
		return;
	}
	if (__builtin_expect(!record->callback, 0))
		end_at_release(record);
	atomic_store_explicit(&record->alive, false, memory_order_relaxed);
	mine.being_released = c;
	real(c);
	mine.being_released = NULL;
	released(record);
}

static int completion_waited(struct completion *record, int result)
{
	learned(record);
	return result;
}

static int polled(void *const *completions, int count)
{
	int saved = errno;

	for (int i = 0; i < count; i++)
		learned(completion_find(completions[i]));
	errno = saved;
	return count;
}

/* ---- the C API ---- */

int rbd_aio_create_completion(void *cb_arg, completion_callback complete_cb, void **c)
{
	REAL_OR_RETURN(rbd_aio_create_completion, -ENOSYS, cb_arg, complete_cb, c);
	struct completion *record = completion_create(HOOK_rbd_aio_create_completion, complete_cb, cb_arg);
	if (!record)
		return real(cb_arg, complete_cb, c);
	int result = real(record, complete_cb ? completed : NULL, c);
	if (__builtin_expect(result < 0, 0))
		record_put_back(record);
	else
		created(record, *c, real);
	return result;
}

void rbd_aio_release(void *c)
{
	REAL_OR_RETURN(rbd_aio_release, , c);
	completion_release(c, real);
}

void *rbd_aio_get_arg(void *c)
{
	REAL_OR_RETURN(rbd_aio_get_arg, NULL, c);
	struct completion *record = completion_find(c);
	return record ? record->arg : real(c);
}

int rbd_aio_wait_for_complete(void *c)
{
	REAL_OR_RETURN(rbd_aio_wait_for_complete, -ENOSYS, c);
	struct completion *record = completion_find(c);
	return completion_waited(record, real(c));
}

int rbd_aio_is_complete(void *c)
{
	REAL_OR_RETURN(rbd_aio_is_complete, -ENOSYS, c);
	struct completion *record = completion_find(c);
	int is = real(c);
	return is <= 0 ? is : is_being_told(record) ? 0 : completion_waited(record, is);
}

int rbd_poll_io_events(void *image, void **completions, int most)
{
	REAL_OR_RETURN(rbd_poll_io_events, -ENOSYS, image, completions, most);
	return polled(completions, real(image, completions, most));
}

/* ---- the C++ API ---- */

typedef void construct_fn(void *self, void *cb_arg, completion_callback complete_cb);

static __attribute__((noinline)) void construct(enum hook hook, construct_fn *real, void *self, void *cb_arg,
                                                completion_callback complete_cb)
{
	struct completion *record = completion_create(hook, complete_cb, cb_arg);

	if (record) {
		real(self, record, complete_cb ? completed : NULL);
		created(record, self, (const void *)real);
	} else {
		real(self, cb_arg, complete_cb);
	}
}

/* With a record of ours rbd_aio_create_completion got there through librbd's PLT. */
#define CONSTRUCTOR(id) \
	void id(void *self, void *cb_arg, completion_callback complete_cb) \
	{ \
		REAL_OR_RETURN(id, , self, cb_arg, complete_cb); \
		if (complete_cb == completed || (!complete_cb && record_is_one(cb_arg))) \
			real(self, cb_arg, complete_cb); \
		else \
			construct(HOOK_##id, real, self, cb_arg, complete_cb); \
	}
CONSTRUCTOR(RbdAioCompletion_C1)
CONSTRUCTOR(RbdAioCompletion_C2)

void RbdAioCompletion_release(void *self)
{
	REAL_OR_RETURN(RbdAioCompletion_release, , self);
	if (self == mine.being_released)
		real(self);
	else
		completion_release(self, real);
}

void *RbdAioCompletion_get_arg(void *self)
{
	REAL_OR_RETURN(RbdAioCompletion_get_arg, NULL, self);
	struct completion *record = completion_find(self);
	return record ? record->arg : real(self);
}

int RbdAioCompletion_wait_for_complete(void *self)
{
	REAL_OR_RETURN(RbdAioCompletion_wait_for_complete, -ENOSYS, self);
	struct completion *record = completion_find(self);
	return completion_waited(record, real(self));
}

bool RbdAioCompletion_is_complete(void *self)
{
	REAL_OR_RETURN(RbdAioCompletion_is_complete, false, self);
	struct completion *record = completion_find(self);
	return real(self) && !is_being_told(record) && (learned(record), true);
}

int Image_poll_io_events(void **self, void **completions, int most)
{
	REAL_OR_RETURN(Image_poll_io_events, -ENOSYS, self, completions, most);
	return polled(completions, real(self, completions, most));
}
