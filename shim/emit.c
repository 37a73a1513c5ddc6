/* SPDX-License-Identifier: MIT */
#include "emit.h"

#include "process.h"

#include <dlfcn.h>
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

/* LTTng's listener threads are gone in a forked child: its own hooks start them again. QEMU -daemonize forks before the
 * first rados_create, so there the provider is not open yet; others fork later. */
static __thread const struct fl_provider *forking_with; /* it may be opened by another thread between the two */

static void before_fork(void)
{
	forking_with = provider();
	forking_with->before_fork();
}
static void after_fork_parent(void)
{
	if (forking_with)
		forking_with->after_fork_parent();
	forking_with = NULL;
}
static void after_fork_child(void)
{
	process_after_fork();
	if (forking_with)
		forking_with->after_fork_child();
	forking_with = NULL;
}

/* Preloaded by whoever traces a program that forks, liblttng-ust-fork.so calls these hooks around fork() itself. The first
 * one takes a lock and blocks all signals: called once more inside, it would wait for itself for ever. */
static bool lttng_wraps_fork(void)
{
	void *found = dlsym(RTLD_DEFAULT, "fork");
	Dl_info owner;

	return found && dladdr(found, &owner) && owner.dli_fname && strstr(owner.dli_fname, "/liblttng-ust-fork.so");
}

/* The provider lies beside libfenceline.so; which of the two sonames loads tells which LTTng is installed. */
static const struct fl_provider *open_beside(const char *directory)
{
	static const char *const names[] = { "libfenceline-ust.so.1", "libfenceline-ust.so.0" };
	const struct fl_provider *(*get)(uint32_t abi, uint32_t events);
	char path[4096];
	void *handle;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (snprintf(path, sizeof path, "%s%s", directory, names[i]) >= (int)sizeof path)
			continue;
		handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
		if (!handle) {
			emit_log("no provider: %s", text_or_empty(dlerror()));
			continue;
		}
		get = (const struct fl_provider *(*)(uint32_t, uint32_t))dlsym(handle, FL_PROVIDER_SYMBOL);
		const struct fl_provider *found = get ? get(FL_PROVIDER_ABI, FL_EV_COUNT) : NULL;
		if (found)
			return found;
		emit_log("%s is of another build: not used", path);
	}
	return NULL;
}

static void open_provider(void)
{
	const struct fl_provider *found;
	char directory[4096] = "";
	Dl_info us;

	if (dladdr(&no_provider, &us) && us.dli_fname && strlen(us.dli_fname) < sizeof directory) {
		strcpy(directory, us.dli_fname);
		char *slash = strrchr(directory, '/');
		if (slash)
			slash[1] = '\0';
		else
			directory[0] = '\0';
	}
	found = open_beside(directory);
	if (!found)
		return;
	if (lttng_wraps_fork())
		pthread_atfork(NULL, NULL, process_after_fork);
	else
		pthread_atfork(before_fork, after_fork_parent, after_fork_child);
	atomic_store_explicit(&emit_provider, found, memory_order_release);
}

void emit_open(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int saved = errno;

	pthread_once(&once, open_provider);
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
		fd = !where || !*where          ? -1
		     : !strcmp(where, "stderr") ? 2
		                                : open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
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
