/* SPDX-License-Identifier: MIT */
#include "emit.h"

#include "lttng_calls.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const volatile int off;

/* What stands in until a provider is there, and for ever where there is none. */
#define OFF_ENABLED(event, level, when) &off,
static void emit_nothing(const void *event)
{
	(void)event;
}
#define OFF_EMIT(event, level, when) emit_nothing,
static int no_backtrace(uintptr_t *addresses, int max)
{
	(void)addresses, (void)max;
	return 0;
}
static void no_fork_hook(void) {}
static const struct fl_provider no_provider = {
	.abi = FL_PROVIDER_ABI,
	.events = FL_EV_COUNT,
	.enabled = { FL_EVENTS(OFF_ENABLED) },
	.emit = { FL_EVENTS(OFF_EMIT) },
	.backtrace = no_backtrace,
	.before_fork = no_fork_hook,
	.after_fork_parent = no_fork_hook,
	.after_fork_child = no_fork_hook,
};

const struct fl_provider *_Atomic emit_provider = &no_provider;

static const struct fl_provider *provider(void)
{
	return atomic_load_explicit(&emit_provider, memory_order_acquire);
}

void emit_record(enum fl_event event, const void *payload)
{
	int saved = errno;

	provider()->emit[event](payload);
	errno = saved;
}

#define FORK_NS UINT64_C(40000000) /* the longest that a fork waits for LTTng's lock */

/* LTTng's listener threads are gone in a forked child: its own hooks start them again. QEMU -daemonize forks before the
 * first rados_create, so there the provider is not open yet; others fork later. */
static __thread const struct fl_provider *forking_with; /* it may be opened by another thread between the two */

static void before_fork(void)
{
	bool watched = lttng_watch(FORK_NS, false);

	forking_with = provider();
	forking_with->before_fork();
	lttng_watch_end(watched);
}
static void after_fork_parent(void)
{
	if (forking_with)
		forking_with->after_fork_parent();
	forking_with = NULL;
}
static void after_fork_child(void)
{
	struct lttng_wait wait; /* nobody waits here: most children exec at once */

	process_after_fork();
	lttng_after_fork_child();
	lttng_begin();
	if (forking_with)
		forking_with->after_fork_child();
	lttng_begun(&wait);
	forking_with = NULL;
}

void emit_use(const struct fl_provider *found)
{
	if (lttng_wraps_fork()) /* it takes a lock and blocks all signals: called once more inside, it would wait for itself for
	                           ever */
		pthread_atfork(NULL, NULL, process_after_fork);
	else
		pthread_atfork(before_fork, after_fork_parent, after_fork_child);
	atomic_store_explicit(&emit_provider, found, memory_order_release);
}

void emit_log(const char *format, ...)
{
	static _Atomic int log_fd = -2; /* -2: not looked yet, -1: off */
	int saved = errno, fd = atomic_load(&log_fd);
	char line[512];
	va_list args;

	if (fd == -2) {
		const char *where = secure_getenv("FENCELINE_LOG");
		fd = !where || !*where ? -1
		     : !strcmp(where, "stderr")
		             ? 2
		             : open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
		atomic_store(&log_fd, fd);
	}
	if (fd >= 0) {
		int length = snprintf(line, sizeof line, "fenceline[%d]: ", (int)getpid());
		va_start(args, format);
		length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, args);
		va_end(args);
		if (length > (int)sizeof line - 2)
			length = sizeof line - 2;
		line[length++] = '\n';
		if (write(fd, line, (size_t)length) < 0)
			fd = -1; /* nothing to be done about it */
	}
	errno = saved;
}
