/* SPDX-License-Identifier: MIT */
#include "ingest/temporary.h"
#include "ingest/complain.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <signal.h>
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

void temporary_will_make(struct temporary *temporary, const char *path)
{
	char *copy = xstrdup(path);
	sigset_t before;

	hold_signals(&before);
	XROOM(temporary->made, temporary->made_count)[temporary->made_count] = copy;
	temporary->made_count++;
	sigprocmask(SIG_SETMASK, &before, NULL);
}

int temporary_write(struct temporary *temporary, const char *path, const char *text)
{
	FILE *out;
	int error;

	temporary_will_make(temporary, path);
	out = fopen(path, "wxe");
	error = out && fputs(text, out) >= 0 ? 0 : -errno;
	return out && fclose(out) ? -errno : error;
}

int temporary_make(struct temporary *temporary)
{
	const char *folder = getenv("TMPDIR");
	sigset_t before;
	int error = 0;

	snprintf(temporary->folder, sizeof(temporary->folder), "%s/fenceline-XXXXXX", folder && *folder ? folder : "/tmp");
	watch_signals();
	hold_signals(&before);
	temporary->next = all;
	all = temporary;
	if (mkdtemp(temporary->folder))
		temporary_will_make(temporary, temporary->folder);
	else
		error = -errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (error)
		ingest_complain(temporary->folder, "cannot be made: %s; set TMPDIR to a folder with room", strerror(-error));
	return error;
}

void temporary_remove(struct temporary *temporary)
{
	sigset_t before;

	if (!*temporary->folder)
		return;
	hold_signals(&before);
	for (struct temporary **link = &all; *link; link = &(*link)->next)
		if (*link == temporary) {
			*link = temporary->next;
			break;
		}
	remove_made(temporary);
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (size_t i = 0; i < temporary->made_count; i++)
		free(temporary->made[i]);
	free(temporary->made);
	*temporary = (struct temporary){ 0 };
}
