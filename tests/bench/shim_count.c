/* SPDX-License-Identifier: MIT */
/*
 * libbench-count.so, to be preloaded behind the shim: counts who allocates and who takes a lock. bench-shim-io reads the
 * counters before and after a load (bench_counts).
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>

struct bench_counts {
	atomic_ulong allocations, frees, mappings, locks;
};
struct bench_counts bench_counts;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

void *malloc(size_t size)
{
	bench_counts.allocations++;
	return __libc_malloc(size);
}
void *calloc(size_t count, size_t size)
{
	bench_counts.allocations++;
	return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size)
{
	bench_counts.allocations++;
	return __libc_realloc(old, size);
}
void *aligned_alloc(size_t alignment, size_t size)
{
	bench_counts.allocations++;
	return __libc_memalign(alignment, size);
}
void free(void *memory)
{
	bench_counts.frees++;
	__libc_free(memory);
}

#define NEXT(name) \
	static __typeof__(&name) next; \
	if (!next) \
	next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	NEXT(mmap);
	bench_counts.mappings++;
	return next(at, length, protection, flags, fd, offset);
}
int mprotect(void *at, size_t length, int protection)
{
	NEXT(mprotect);
	bench_counts.mappings++;
	return next(at, length, protection);
}
int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	NEXT(pthread_mutex_lock);
	bench_counts.locks++;
	return next(mutex);
}
int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
	NEXT(pthread_rwlock_rdlock);
	bench_counts.locks++;
	return next(lock);
}
int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
	NEXT(pthread_rwlock_wrlock);
	bench_counts.locks++;
	return next(lock);
}
