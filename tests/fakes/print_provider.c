/* SPDX-License-Identifier: MIT */
/*
 * A provider without LTTng: it prints each event as one line of text, `event field=value ... field="text"`, so that a
 * test can read with grep what the shim emitted. The shim takes the provider that lies beside it:
 * LD_PRELOAD=<build>/fakes/libfenceline.so finds this one.
 *
 *	FENCELINE_PRINT         file to append to; without it stderr
 *	FENCELINE_PRINT_EVENTS  events to enable, separated by commas; `all` (also if unset), `incident` (all but io),
 *	                        `none`; `-NAME` takes one away: `all,-state`
 *
 * A test program can switch events while it runs: print_provider_enable, found with dlsym.
 */
#include "fenceline/provider.h"

#include <execinfo.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int enabled[FL_EV_COUNT];
static int out_fd = 2;

static const char *const names[] = {
#define NAME(event, level, when) #event,
	FL_EVENTS(NAME)
};

struct line {
	size_t used;
	char text[8192];
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	size_t room = sizeof line->text - 1 - line->used;
	va_list args;

	va_start(args, format);
	int length = vsnprintf(line->text + line->used, room, format, args);
	va_end(args);
	line->used += length < 0 ? 0 : (size_t)length < room ? (size_t)length : room - 1;
}

static void add_latency(struct line *line, const char *name, const uint32_t *buckets)
{
	for (int i = 0; i < FL_LATENCY_BUCKETS; i++)
		add(line, "%s%" PRIu32, i ? "," : name, buckets[i]);
}

/* One write per event: lines of several threads and processes do not mix. */
static void print_line(struct line *line)
{
	line->text[line->used++] = '\n';
	if (write(out_fd, line->text, line->used) < 0)
		abort(); /* a test that misses events must not pass */
}

#define PRINT_U8(name)                add(&line, " " #name "=%" PRIu8, event->name);
#define PRINT_U32(name)               add(&line, " " #name "=%" PRIu32, event->name);
#define PRINT_I32(name)               add(&line, " " #name "=%" PRId32, event->name);
#define PRINT_U64(name)               add(&line, " " #name "=%" PRIu64, event->name);
#define PRINT_I64(name)               add(&line, " " #name "=%" PRId64, event->name);
#define PRINT_STR(name)               add(&line, " " #name "=\"%s\"", event->name);
#define PRINT_LAT(name)               add_latency(&line, " " #name "=", event->name);
#define PRINT(type, name, unit, text) PRINT_##type(name)
#define EMITTER(tp, level, when) \
	static void emit_##tp(const void *data) \
	{ \
		const struct fl_##tp *event = data; \
		struct line line = { 0 }; \
\
		add(&line, #tp); \
		FL_FIELDS_##tp(PRINT) print_line(&line); \
	}
FL_EVENTS(EMITTER)

static int backtrace_libgcc(uintptr_t *return_addresses, int max)
{
	void *found[FL_STACK_MAX + 1];
	int count = backtrace(found, max < FL_STACK_MAX ? max + 1 : FL_STACK_MAX + 1);

	for (int i = 1; i < count; i++) /* 0 is this function */
		return_addresses[i - 1] = (uintptr_t)found[i];
	return count > 0 ? count - 1 : 0;
}

static void no_hook(void) {}

static const struct fl_provider provider = {
	.abi = FL_PROVIDER_ABI,
	.events = FL_EV_COUNT,
#define ENABLED(event, level, when) &enabled[FL_EV_##event],
	.enabled = { FL_EVENTS(ENABLED) },
#define EMIT(event, level, when) emit_##event,
	.emit = { FL_EVENTS(EMIT) },
	.backtrace = backtrace_libgcc,
	.before_fork = no_hook,
	.after_fork_parent = no_hook,
	.after_fork_child = no_hook,
};

static void enable_one(const char *name, size_t length)
{
	int value = *name != '-';

	name += !value;
	length -= (size_t)!value;
	for (int i = 0; i < FL_EV_COUNT; i++)
		if ((length == 3 && !strncmp(name, "all", 3)) ||
		    (length == 8 && !strncmp(name, "incident", 8) && i != FL_EV_io) ||
		    (length == strlen(names[i]) && !strncmp(name, names[i], length)))
			enabled[i] = value;
}

/* Switches to just these events; the syntax of FENCELINE_PRINT_EVENTS. */
__attribute__((visibility("default"))) void print_provider_enable(const char *list);
void print_provider_enable(const char *list)
{
	memset((void *)enabled, 0, sizeof enabled);
	while (*list) {
		size_t length = strcspn(list, ",");
		enable_one(list, length);
		list += length + (list[length] == ',');
	}
}

__attribute__((constructor)) static void read_environment(void)
{
	const char *path = getenv("FENCELINE_PRINT"), *list = getenv("FENCELINE_PRINT_EVENTS");

	if (path)
		out_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	print_provider_enable(list ? list : "all");
}

__attribute__((used)) static const char mark[] = FL_PROVIDER_MARK;

__attribute__((visibility("default"))) const struct fl_provider *fenceline_provider(uint32_t abi, uint32_t events);
const struct fl_provider *fenceline_provider(uint32_t abi, uint32_t events)
{
	return abi == FL_PROVIDER_ABI && events == FL_EV_COUNT ? &provider : NULL;
}
