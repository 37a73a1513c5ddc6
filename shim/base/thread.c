/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Initial-exec: a plain %fs-relative load, and no allocation by the dynamic loader at a thread's first access. */
__thread unsigned thread_slot_cached;

static bool taken[THREAD_SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;
static bool key_made;

static void give_back(void *value)
{
	pthread_mutex_lock(&lock);
	taken[(uintptr_t)value - 1] = false;
	pthread_mutex_unlock(&lock);
	thread_slot_cached = 0; /* another destructor may still do I/O: then a number is taken again */
}

unsigned thread_slot_take(void)
{
	unsigned slot = THREAD_SLOT_SHARED;

	pthread_mutex_lock(&lock);
	if (!key_made)
		key_made = pthread_key_create(&key, give_back) == 0;
	for (unsigned i = 0; key_made && i < THREAD_SLOT_SHARED && slot == THREAD_SLOT_SHARED; i++)
		if (!taken[i])
			slot = i;
	/* Without a destructor a number would never come back: then share. */
	if (slot != THREAD_SLOT_SHARED && pthread_setspecific(key, (void *)(uintptr_t)(slot + 1)))
		slot = THREAD_SLOT_SHARED;
	if (slot != THREAD_SLOT_SHARED)
		taken[slot] = true;
	pthread_mutex_unlock(&lock);
	thread_slot_cached = slot + 1;
	return slot;
}

void thread_after_fork_child(void)
{
	pthread_mutex_init(&lock, NULL);
	for (unsigned i = 0; i < THREAD_SLOTS; i++)
		taken[i] = i + 1 == thread_slot_cached;
}
