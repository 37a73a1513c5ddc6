/* SPDX-License-Identifier: MIT */
#include "completion.h"

#include "thread.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/types.h>

typedef void (*callback_fn)(void *c, void *arg);

enum kind { IDLE, IO, CALL }; /* IDLE: nothing of ours was submitted with it */

/*
 * Two cache lines. A completion arrives on another thread than the one that submitted: with no recording only the first
 * line has to travel there and back.
 */
struct completion {
	_Atomic(void *) c;    /* the rbd_completion_t, as long as the caller may use it */
	void *pc;             /* its first word, librbd's own completion: lives until the callback has run */
	callback_fn callback; /* the caller's, may be NULL */
	union {
		void *arg;               /* the caller's */
		struct completion *next; /* of a free record */
	};
	_Atomic(unsigned) refs;
	_Atomic(bool) ended;
	uint8_t kind;
	uint16_t owner; /* thread slot whose free list it belongs to */
	union {
		struct io io;
		struct {
			void (*done)(void *data, int64_t result);
			void *data;
		} call;
	};
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct completion) == 128 && offsetof(struct completion, io.offset) == 64, "see above");

/*
 * All records lie in one range of addresses, so that a pointer can be told to be one with a compare. It is reserved
 * inaccessible and opened piece by piece: under mlockall only what is in use becomes resident.
 */
#define REGION_SIZE (UINT64_C(32) << 20)
#define PIECE_SIZE  (UINT64_C(16) << 10)

static _Atomic(uintptr_t) region;
static _Atomic(uint64_t) region_used;
static _Atomic(uint64_t) records_made;

static struct pool {
	struct completion *local; /* the owner's alone */
	/* Records of another thread on their way back to it, a few at a time; also the owner's alone. */
	struct completion *outgoing, *outgoing_last;
	unsigned outgoing_count;
	_Atomic(struct completion *) returned __attribute__((aligned(64))); /* pushed by any thread, taken whole by the owner */
} pools[THREAD_SLOTS];
#define OUTGOING_MAX 32
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER; /* of the shared pool's local list only */

/* Where a completion's record is most likely to be: the last one that this thread created, and the one whose callback it
 * is in. A record's c is its proof: it is that of a live completion, and nobody else has the record while it is so. */
static __thread struct completion *last_created, *in_callback;

uint64_t completion_records_made(void)
{
	return atomic_load_explicit(&records_made, memory_order_relaxed);
}

static void reserve_region(void)
{
	void *at = mmap(NULL, REGION_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at != MAP_FAILED)
		atomic_store_explicit(&region, (uintptr_t)at, memory_order_release);
}

/* Opens another piece of the region; its records as a list, or NULL. */
static struct completion *open_piece(unsigned owner)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct completion *list = NULL, *records;
	uint64_t at;

	pthread_once(&once, reserve_region);
	if (!atomic_load_explicit(&region, memory_order_acquire))
		return NULL;
	at = atomic_fetch_add(&region_used, PIECE_SIZE);
	if (at >= REGION_SIZE) {
		atomic_fetch_sub(&region_used, PIECE_SIZE);
		return NULL;
	}
	records = (struct completion *)(atomic_load(&region) + at);
	if (mprotect(records, PIECE_SIZE, PROT_READ | PROT_WRITE))
		return NULL;
	for (size_t i = PIECE_SIZE / sizeof *records; i-- > 0; list = &records[i]) {
		records[i].owner = (uint16_t)owner;
		records[i].next = list;
	}
	atomic_fetch_add_explicit(&records_made, PIECE_SIZE / sizeof *records, memory_order_relaxed);
	return list;
}

static __attribute__((noinline, cold)) struct completion *make_records(unsigned owner)
{
	int saved = errno;
	struct completion *list = open_piece(owner);

	errno = saved;
	return list;
}

static struct completion *take_from(struct pool *pool, unsigned slot)
{
	struct completion *record = pool->local;

	if (__builtin_expect(!record, 0))
		record = atomic_exchange_explicit(&pool->returned, NULL, memory_order_acquire);
	if (__builtin_expect(!record, 0))
		record = make_records(slot);
	if (record)
		pool->local = record->next;
	return record;
}

static struct completion *take(void)
{
	unsigned slot = thread_slot();
	struct completion *record;

	if (__builtin_expect(slot != THREAD_SLOT_SHARED, 1))
		return take_from(&pools[slot], slot);
	pthread_mutex_lock(&shared_lock);
	record = take_from(&pools[slot], slot);
	pthread_mutex_unlock(&shared_lock);
	return record;
}

/* Nobody pops single records from this list, so there is no ABA. */
static void give_back(struct completion *first, struct completion *last)
{
	struct pool *pool = &pools[first->owner];

	last->next = atomic_load_explicit(&pool->returned, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&pool->returned, &last->next, first, memory_order_release,
	                                              memory_order_relaxed))
		;
}

static void put_back(struct completion *record)
{
	unsigned slot = thread_slot();
	struct pool *ours = &pools[slot];

	if (slot == THREAD_SLOT_SHARED) {
		give_back(record, record);
	} else if (record->owner == slot) {
		record->next = ours->local;
		ours->local = record;
	} else {
		if (ours->outgoing && (ours->outgoing->owner != record->owner || ours->outgoing_count == OUTGOING_MAX)) {
			give_back(ours->outgoing, ours->outgoing_last);
			ours->outgoing = NULL;
		}
		record->next = ours->outgoing;
		if (!ours->outgoing) {
			ours->outgoing_last = record;
			ours->outgoing_count = 0;
		}
		ours->outgoing = record;
		ours->outgoing_count++;
	}
}

static void unref(struct completion *record)
{
	/* With one reference left it is ours, and nobody else can make another. */
	if (atomic_load_explicit(&record->refs, memory_order_acquire) == 1 ||
	    atomic_fetch_sub_explicit(&record->refs, 1, memory_order_acq_rel) == 1)
		put_back(record);
}

/*
 * Released without a submission that we saw. A call that is no row of ours may have submitted it and its callback may
 * still come, so the record rests for a while before it is used again.
 */
static void rest(struct completion *record)
{
	static _Atomic(struct completion *) resting[256];
	static _Atomic(unsigned) turn;

	record = atomic_exchange(&resting[atomic_fetch_add(&turn, 1) % 256], record);
	if (record)
		put_back(record);
}

void completion_after_fork_child(void)
{
	pthread_mutex_init(&shared_lock, NULL);
}

/* ---- the callback ---- */

/* The caller may have released its RBD::AioCompletion, which deletes it; librbd's own still answers through a stand-in. */
static int64_t return_value(struct completion *record)
{
	static _Atomic(void *) cached;
	void *symbol = atomic_load_explicit(&cached, memory_order_relaxed);

	if (__builtin_expect(!symbol, 0)) {
		symbol = library_symbol(LIB_RBD, "_ZN6librbd3RBD13AioCompletion16get_return_valueEv");
		atomic_store_explicit(&cached, symbol, memory_order_relaxed);
	}
	return symbol ? ((ssize_t(*)(void *))symbol)(&record->pc) : 0;
}

static void end(struct completion *record)
{
	int64_t result;

	/* Without a callback of the caller's, rbd_aio_wait_for_complete may return before ours has run: who comes first counts.
	 */
	if (!record->callback && atomic_exchange_explicit(&record->ended, true, memory_order_acq_rel))
		return;
	result = return_value(record);
	if (record->kind == IO)
		io_end(&record->io, result);
	else if (record->call.done)
		record->call.done(record->call.data, result);
}

static void completed(void *c, void *arg)
{
	struct completion *record = arg, *outer = in_callback;
	bool ours = record->kind != IDLE;

	if (ours)
		end(record);
	if (record->callback) {
		in_callback = record;
		record->callback(c, record->arg);
		in_callback = outer;
	}
	if (ours) /* else the caller may have released it and the record be gone */
		unref(record);
}

/* ---- creation, submission, release ---- */

static struct completion *create(enum hook hook, callback_fn callback, void *arg)
{
	struct completion *record = take();

	if (__builtin_expect(!record, 0)) {
		hook_pass(hook, "no memory for a completion record");
		return NULL;
	}
	atomic_store_explicit(&record->c, NULL, memory_order_relaxed);
	record->callback = callback;
	record->arg = arg;
	record->kind = IDLE;
	atomic_store_explicit(&record->refs, 1, memory_order_relaxed);
	atomic_store_explicit(&record->ended, false, memory_order_relaxed);
	return record;
}

static void created(struct completion *record, void *c)
{
	record->pc = *(void **)c;
	atomic_store_explicit(&record->c, c, memory_order_relaxed);
	last_created = record;
}

static struct completion *ask(void *c)
{
	/* The method, not rbd_aio_get_arg: that one calls the method through the PLT, which leads back to us. */
	void *(*get_arg)(void *) = REAL(void *(*)(void *), RbdAioCompletion_get_arg);
	uintptr_t base = atomic_load_explicit(&region, memory_order_relaxed), offset;
	struct completion *record;

	if (!get_arg || !base)
		return NULL;
	record = get_arg(c);
	offset = (uintptr_t)record - base;
	if (offset >= atomic_load_explicit(&region_used, memory_order_relaxed) || offset % sizeof *record)
		return NULL;
	return atomic_load_explicit(&record->c, memory_order_relaxed) == c ? record : NULL;
}

static inline bool is_of(struct completion *record, void *c)
{
	return record && atomic_load_explicit(&record->c, memory_order_relaxed) == c;
}

struct completion *completion_of(void *c)
{
	if (!c)
		return NULL;
	return is_of(in_callback, c) ? in_callback : is_of(last_created, c) ? last_created : ask(c);
}

/* librbd's reference begins before the call: the callback can come before the call returns. */
static struct completion *begin(enum hook hook, void *c, enum kind kind)
{
	struct completion *record = completion_of(c);

	if (!record) {
		hook_pass(hook, "its completion was not made through the shim");
		return NULL;
	}
	record->kind = (uint8_t)kind;
	atomic_store_explicit(&record->refs, 2, memory_order_relaxed);
	return record;
}

struct completion *completion_begin_io(enum hook hook, void *c, void *handle, enum fl_io_op op, uint64_t offset, uint64_t length)
{
	struct completion *record = begin(hook, c, IO);

	if (record)
		io_begin(&record->io, handle, op, offset, length);
	return record;
}

struct completion *completion_begin_call(enum hook hook, void *c, void (*done)(void *data, int64_t result), void *data)
{
	struct completion *record = begin(hook, c, CALL);

	if (record) {
		record->call.done = done;
		record->call.data = data;
	}
	return record;
}

void completion_call_failed(struct completion *record, int64_t result)
{
	if (record->kind == IO)
		io_end(&record->io, result);
	record->kind = IDLE;
	atomic_store_explicit(&record->refs, 1, memory_order_relaxed);
}

/* librbd's C function calls the C++ method through the PLT: the outer one of the two takes the record. */
static __thread void *being_released;

static struct completion *release_begin(void *c)
{
	struct completion *record = c == being_released ? NULL : completion_of(c);

	if (record) {
		being_released = c;
		atomic_store_explicit(&record->c, NULL, memory_order_relaxed);
	}
	return record;
}

static void release_end(struct completion *record)
{
	if (!record)
		return;
	being_released = NULL;
	if (record->kind == IDLE)
		rest(record);
	else if (record == in_callback) /* the other reference is this very callback's: no need of a locked instruction */
		atomic_store_explicit(&record->refs, 1, memory_order_relaxed);
	else
		unref(record);
}

static int waited(struct completion *record, int result)
{
	if (record && record->kind != IDLE && !record->callback)
		end(record);
	return result;
}

/* ---- the C API ---- */

FL_EXPORT int rbd_aio_create_completion(void *cb_arg, callback_fn complete_cb, void **c);
FL_EXPORT void rbd_aio_release(void *c);
FL_EXPORT void *rbd_aio_get_arg(void *c);
FL_EXPORT int rbd_aio_wait_for_complete(void *c);

int rbd_aio_create_completion(void *cb_arg, callback_fn complete_cb, void **c)
{
	REAL_OR_RETURN(rbd_aio_create_completion, -ENOSYS);
	struct completion *record = create(HOOK_rbd_aio_create_completion, complete_cb, cb_arg);
	if (!record)
		return real(cb_arg, complete_cb, c);
	int result = real(record, completed, c);
	if (result < 0)
		put_back(record);
	else
		created(record, *c);
	return result;
}

void rbd_aio_release(void *c)
{
	REAL_OR_RETURN(rbd_aio_release);
	struct completion *record = release_begin(c);
	real(c);
	release_end(record);
}

void *rbd_aio_get_arg(void *c)
{
	REAL_OR_RETURN(rbd_aio_get_arg, NULL);
	struct completion *record = completion_of(c);
	return record ? record->arg : real(c);
}

int rbd_aio_wait_for_complete(void *c)
{
	REAL_OR_RETURN(rbd_aio_wait_for_complete, -ENOSYS);
	struct completion *record = completion_of(c);
	return waited(record, real(c));
}

/* ---- the C++ API ---- */

FL_EXPORT void RbdAioCompletion_C1(void *self, void *cb_arg,
                                   callback_fn complete_cb) __asm__("_ZN6librbd3RBD13AioCompletionC1EPvPFvS2_S2_E");
FL_EXPORT void RbdAioCompletion_C2(void *self, void *cb_arg,
                                   callback_fn complete_cb) __asm__("_ZN6librbd3RBD13AioCompletionC2EPvPFvS2_S2_E");
FL_EXPORT void RbdAioCompletion_release(void *self) __asm__("_ZN6librbd3RBD13AioCompletion7releaseEv");
FL_EXPORT void *RbdAioCompletion_get_arg(void *self) __asm__("_ZN6librbd3RBD13AioCompletion7get_argEv");
FL_EXPORT int RbdAioCompletion_wait_for_complete(void *self) __asm__("_ZN6librbd3RBD13AioCompletion17wait_for_completeEv");

static void construct(enum hook hook, void *self, void *cb_arg, callback_fn complete_cb)
{
	void (*real)(void *, void *, callback_fn) = (void (*)(void *, void *, callback_fn))hook_get(hook);
	struct completion *record;

	if (!real)
		return;
	/* Our own callback: rbd_aio_create_completion got here through librbd's PLT. */
	record = complete_cb == completed ? NULL : create(hook, complete_cb, cb_arg);
	if (record) {
		real(self, record, completed);
		created(record, self);
	} else {
		real(self, cb_arg, complete_cb);
	}
}

void RbdAioCompletion_C1(void *self, void *cb_arg, callback_fn complete_cb)
{
	construct(HOOK_RbdAioCompletion_C1, self, cb_arg, complete_cb);
}

void RbdAioCompletion_C2(void *self, void *cb_arg, callback_fn complete_cb)
{
	construct(HOOK_RbdAioCompletion_C2, self, cb_arg, complete_cb);
}

void RbdAioCompletion_release(void *self)
{
	REAL_OR_RETURN(RbdAioCompletion_release);
	struct completion *record = release_begin(self);
	real(self);
	release_end(record);
}

void *RbdAioCompletion_get_arg(void *self)
{
	REAL_OR_RETURN(RbdAioCompletion_get_arg, NULL);
	struct completion *record = completion_of(self);
	return record ? record->arg : real(self);
}

int RbdAioCompletion_wait_for_complete(void *self)
{
	REAL_OR_RETURN(RbdAioCompletion_wait_for_complete, -ENOSYS);
	struct completion *record = completion_of(self);
	return waited(record, real(self));
}
