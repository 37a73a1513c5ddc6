/* SPDX-License-Identifier: MIT */
#include "fork.h"

#include <pthread.h>
#include <stddef.h>

static void (*_Atomic in_child)(void);

void fork_child_does(void (*what)(void))
{
	in_child = what;
}

/* Asked for only now: the handler may have been registered before the constructor has run. */
static void after_fork_child(void)
{
	void (*what)(void) = in_child;

	if (what)
		what();
}

static void register_handler(void)
{
	pthread_atfork(NULL, NULL, after_fork_child);
}

void fork_survive(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, register_handler);
}
