/* SPDX-License-Identifier: MIT */
#include "record_pool.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

/* Reserved inaccessible and opened piece by piece: under mlockall only what is in use becomes resident. */
#define REGION_SIZE   (UINT64_C(16) << 20)
#define PIECE_SIZE    (UINT64_C(8) << 10)
#define PIECES        (REGION_SIZE / PIECE_SIZE)
#define PIECE_RECORDS ((unsigned)(PIECE_SIZE / sizeof(struct completion)))

struct record_pool record_pools[THREAD_SLOTS];

/* The pieces of a thread in a circle, and how full the circle is found on the way round. The owner's alone. */
static struct circle {
	unsigned pieces, piece; /* the latter is the one that it is in; meaningless while there are none */
	unsigned seen, in_use;  /* of the records, since it last looked whether it needs more of them */
	unsigned pause;         /* so many times there will be none: all were in use, and there are no more */
} circles[THREAD_SLOTS];
static uint16_t next_piece[PIECES];

static _Atomic(uintptr_t) region;
static _Atomic(uint64_t) region_used;
static _Atomic(uint64_t) records_made;

/* Of the threads that found no number of their own: where they are in their circle, under the lock. */
static struct record_pool shared_pool;
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;

uint64_t record_pool_made(void)
{
	return atomic_load_explicit(&records_made, memory_order_relaxed);
}

bool record_is_one(const void *pointer)
{
	uintptr_t base = atomic_load_explicit(&region, memory_order_relaxed), offset = (uintptr_t)pointer - base;

	return base && offset < atomic_load_explicit(&region_used, memory_order_relaxed) &&
	       offset % sizeof(struct completion) == 0;
}

static void reserve_region(void)
{
	void *at = mmap(NULL, REGION_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at != MAP_FAILED)
		atomic_store_explicit(&region, (uintptr_t)at, memory_order_release);
}

static struct completion *first_of(unsigned piece)
{
	return (struct completion *)(atomic_load_explicit(&region, memory_order_relaxed) + piece * PIECE_SIZE);
}

/* Whole pages: where a page is larger than a piece, some of its pieces may be in use. */
static bool make_accessible(const void *piece)
{
	uintptr_t into_page = (uintptr_t)piece & ((uintptr_t)sysconf(_SC_PAGESIZE) - 1);

	return !mprotect((char *)piece - into_page, PIECE_SIZE + into_page, PROT_READ | PROT_WRITE);
}

/* Opens another piece of the region behind the one that the circle is in; false: no memory, or all of it is open. */
static bool open_piece(struct circle *circle)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint64_t at;
	unsigned piece;

	pthread_once(&once, reserve_region);
	if (!atomic_load_explicit(&region, memory_order_acquire))
		return false;
	at = atomic_fetch_add(&region_used, PIECE_SIZE);
	if (at >= REGION_SIZE) {
		atomic_fetch_sub(&region_used, PIECE_SIZE);
		return false;
	}
	piece = (unsigned)(at / PIECE_SIZE);
	if (!make_accessible(first_of(piece)))
		return false;
	if (!circle->pieces++)
		circle->piece = piece;
	else
		next_piece[piece] = next_piece[circle->piece];
	next_piece[circle->piece] = (uint16_t)piece;
	atomic_fetch_add_explicit(&records_made, PIECE_RECORDS, memory_order_relaxed);
	return true;
}

/* It grows by half, so that few records are looked at before a free one is found, however many are in use. */
static bool grow(struct circle *circle)
{
	unsigned wanted = circle->pieces / 2 + 1, opened = 0;

	while (opened < wanted && open_piece(circle))
		opened++;
	return opened;
}

static void enter_next(struct circle *circle, struct record_pool *pool)
{
	circle->piece = next_piece[circle->piece];
	pool->at = first_of(circle->piece);
	pool->end = pool->at + PIECE_RECORDS;
	circle->seen += PIECE_RECORDS;
}

/* At the end of a piece, goes on to the next. After a whole round in which half or more of the records were in use, the circle
 * grows: so on average one record in use is passed before a free one. False: there is no piece. */
static bool go_on(struct circle *circle, struct record_pool *pool)
{
	if (circle->seen >= circle->pieces * PIECE_RECORDS) {
		if (circle->in_use * 2 >= circle->seen)
			grow(circle);
		circle->seen = circle->in_use = 0;
	}
	if (circle->pieces)
		enter_next(circle, pool);
	return circle->pieces;
}

static struct completion *record_pool_find(struct circle *circle, struct record_pool *pool)
{
	if (circle->pause && circle->pause--)
		return NULL;
	for (unsigned looked = 0; looked <= circle->pieces * PIECE_RECORDS; looked++) {
		if (pool->at == pool->end && !go_on(circle, pool))
			return NULL;
		if (!atomic_load_explicit(&pool->at->refs, memory_order_acquire))
			return record_take_at(pool);
		pool->at++;
		circle->in_use++;
	}
	if (!grow(circle)) {
		circle->pause = circle->pieces * PIECE_RECORDS;
		return NULL;
	}
	enter_next(circle, pool);
	return record_take_at(pool);
}

struct completion *record_find(unsigned slot)
{
	struct completion *record;
	int saved = errno;

	if (__builtin_expect(slot != THREAD_SLOT_SHARED, 1)) {
		record = record_pool_find(&circles[slot], &record_pools[slot]);
	} else {
		pthread_mutex_lock(&shared_lock);
		record = record_pool_find(&circles[slot], &shared_pool);
		pthread_mutex_unlock(&shared_lock);
	}
	errno = saved;
	return record;
}

/* In a forked child the other threads are gone, perhaps half way from one piece to the next: their circles are left alone. The
 * forking thread's own circle is whole, since nobody forks in here. */
void record_pool_after_fork_child(void)
{
	pthread_mutex_init(&shared_lock, NULL);
	shared_pool = (struct record_pool){ 0 };
	for (unsigned i = 0; i < THREAD_SLOTS; i++)
		if (i + 1 != thread_slot_cached || i == THREAD_SLOT_SHARED) {
			circles[i] = (struct circle){ 0 };
			record_pools[i] = (struct record_pool){ 0 };
		}
}
