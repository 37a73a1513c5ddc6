/* SPDX-License-Identifier: MIT */
#include "record_pool.h"

#include "completion.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

/* Reserved inaccessible and opened piece by piece: under mlockall only what is in use becomes resident. */
#define REGION_SIZE  (UINT64_C(16) << 20)
#define PIECE_SIZE   (UINT64_C(8) << 10)
#define OUTGOING_MAX 32

struct record_pool record_pools[THREAD_SLOTS];

static _Atomic(uintptr_t) region;
static _Atomic(uint64_t) region_used;
static _Atomic(uint64_t) records_made;

/* The free list of the threads that found no number of their own. */
static struct completion *shared_local;
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;

uint64_t completion_records_made(void)
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

/* The first of a list whose others are then *local. */
static struct completion *refill(struct completion **local, unsigned slot)
{
	struct completion *record = *local;
	int saved = errno;

	if (!record)
		record = atomic_exchange_explicit(&record_pools[slot].returned, NULL, memory_order_acquire);
	if (!record)
		record = open_piece(slot);
	if (record)
		*local = record->next;
	errno = saved;
	return record;
}

struct completion *record_refill(unsigned slot)
{
	struct completion *record;

	if (__builtin_expect(slot != THREAD_SLOT_SHARED, 1))
		return refill(&record_pools[slot].local, slot);
	pthread_mutex_lock(&shared_lock);
	record = refill(&shared_local, slot);
	pthread_mutex_unlock(&shared_lock);
	return record;
}

/* Nobody pops single records from this list, so there is no ABA. */
static void give_back(struct completion *first, struct completion *last)
{
	struct record_pool *pool = &record_pools[first->owner];

	last->next = atomic_load_explicit(&pool->returned, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&pool->returned, &last->next, first, memory_order_release,
	                                              memory_order_relaxed))
		;
}

void record_send_back(struct completion *record, unsigned slot)
{
	struct record_pool *ours = &record_pools[slot];

	if (slot == THREAD_SLOT_SHARED) {
		give_back(record, record);
		return;
	}
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

void record_pool_after_fork_child(void)
{
	pthread_mutex_init(&shared_lock, NULL);
}
