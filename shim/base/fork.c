/* SPDX-License-Identifier: MIT */
#include "fork.h"

#include <pthread.h>

static void (*in_child)(void);

void fork_child_does(void (*what)(void))
{
	in_child = what;
}

static void register_handler(void)
{
	pthread_atfork(NULL, NULL, in_child);
}

void fork_survive(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, register_handler);
}
