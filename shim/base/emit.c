/* SPDX-License-Identifier: MIT */
#include "emit.h"

#include <errno.h>
#include <fcntl.h>
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
