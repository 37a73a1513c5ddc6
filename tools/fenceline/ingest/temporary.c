/* SPDX-License-Identifier: MIT */
#include "ingest/temporary.h"
#include "ingest/intake.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int endings[] = { SIGINT, SIGTERM, SIGHUP };
static struct temporary *all; /* changed while these signals are blocked */
static pid_t owner;           /* a process that was forked from it leaves them alone */

/* unlink and rmdir may be called by a signal's handler. */
static void remove_made(const struct temporary *temporary)
{
	for (size_t i = temporary->made_count; i-- > 0;)
		if (unlink(temporary->made[i]))
			rmdir(temporary->made[i]);
}

static void remove_all(void)
{
	for (const struct temporary *each = all; each && owner == getpid(); each = each->next)
		remove_made(each);
}

static void end_by_signal(int signal_number)
{
	remove_all();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void hold_signals(sigset_t *before)
{
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		sigaddset(&held, endings[i]);
	sigprocmask(SIG_BLOCK, &held, before);
}

/* For signals that nobody else takes care of. */
static void watch_signals(void)
{
	struct sigaction action = { .sa_handler = end_by_signal }, before;

	if (owner != getpid())
		atexit(remove_all);
	owner = getpid();
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (!sigaction(endings[i], NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(endings[i], &action, NULL);
}

const char *temporary_path(struct temporary *temporary, const char *format, ...)
{
	sigset_t before;
	va_list args;
	char *name, *path;

	va_start(args, format);
	name = xvasprintf(format, args);
	va_end(args);
	path = xasprintf("%s/%s", temporary->made[0], name);
	free(name);
	hold_signals(&before);
	XROOM(temporary->made, temporary->made_count)[temporary->made_count] = path;
	temporary->made_count++;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return path;
}

int temporary_write(const char *path, const char *text)
{
	FILE *out = fopen(path, "wxe");
	int error = out && fputs(text, out) >= 0 ? 0 : -errno;

	return out && fclose(out) ? -errno : error;
}

int temporary_make(struct temporary *temporary)
{
	const char *parent = getenv("TMPDIR");
	char *folder = xasprintf("%s/fenceline-XXXXXX", parent && *parent ? parent : "/tmp");
	sigset_t before;
	int error = 0;

	watch_signals();
	hold_signals(&before);
	if (mkdtemp(folder)) {
		*temporary = (struct temporary){ .made = XNEW(char *, folder), .made_count = 1, .next = all };
		all = temporary;
	} else {
		error = -errno;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (error) {
		ingest_complain(folder, "cannot be made: %s; set TMPDIR to a folder with room", strerror(-error));
		free(folder);
	}
	return error;
}

void temporary_remove(struct temporary *temporary)
{
	struct temporary **link = &all;
	sigset_t before;

	if (!temporary->made_count)
		return;
	hold_signals(&before);
	while (*link != temporary)
		link = &(*link)->next;
	*link = temporary->next;
	remove_made(temporary);
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (size_t i = 0; i < temporary->made_count; i++)
		free(temporary->made[i]);
	free(temporary->made);
	*temporary = (struct temporary){ 0 };
}
