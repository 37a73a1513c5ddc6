/* SPDX-License-Identifier: MIT */
#include "fork.h"

#include <pthread.h>
#include <stddef.h>

static void (*_Atomic in_child)(void);

void fork_child_does(void (*what)(void))
{
	in_child = what;
}

/*
 * ThreadSanitizer takes what the parent's threads have done for something that may be done beside it. In gcc 12 and later it
 * reports nothing in a handler; before, a report waits there for a lock that the fork holds, for ever: so it looks away.
 */
#if defined(__SANITIZE_THREAD__) && __GNUC__ < 12
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);

static void begin_alone(void)
{
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
	AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}

static void end_alone(void)
{
	AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}
#else
static void begin_alone(void) {}
static void end_alone(void) {}
#endif

/* Asked for only now: the handler may have been registered before the constructor has run. */
static void after_fork_child(void)
{
	void (*what)(void) = in_child;

	begin_alone();
	if (what)
		what();
	end_alone();
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
