/* SPDX-License-Identifier: MIT */
#include "daemon/window.h"
#include "daemon/say.h"
#include "record/tell.h"
#include "run/now.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct window {
	struct sessions *sessions;
	const struct daemon_options *options;
	int64_t begun_s, failed_s; /* CLOCK_MONOTONIC; 0: not */
	int64_t opened_ns;         /* since the epoch */
	uint64_t number;           /* as the trace has it */
};

struct window *window_new(struct sessions *sessions, const struct daemon_options *options)
{
	struct window *window = calloc(1, sizeof *window);

	if (window) {
		window->sessions = sessions;
		window->options = options;
	}
	return window;
}

void window_free(struct window *window)
{
	free(window);
}

/* Does a `record window` that lives hold its file locked? One that is dead leaves its file, which is taken away. */
static bool is_asked_for(void)
{
	DIR *dir = opendir(WINDOW_REQUESTS);
	struct dirent *entry;
	bool asked = false;

	while (dir && (entry = readdir(dir))) {
		int fd = *entry->d_name == '.'
		                 ? -1
		                 : openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (fd < 0)
			continue;
		if (flock(fd, LOCK_SH | LOCK_NB))
			asked = true;
		else
			unlinkat(dirfd(dir), entry->d_name, 0);
		close(fd);
	}
	if (dir)
		closedir(dir);
	return asked;
}

static void opened(struct window *window, const char *why)
{
	window->opened_ns = epoch_ns();
	window->begun_s = monotonic_ms() / 1000;
	window->number = tell_window_opened(true, why);
	say("a snapshot window opens: every I/O is recorded (%s)", why);
}

static void closed(struct window *window)
{
	tell_window_closed(window->number, true, window->opened_ns);
	window->begun_s = 0;
	say("the snapshot window is over");
}

void window_end(struct window *window)
{
	if (window->begun_s)
		closed(window);
}

void window_tick(struct window *window, int64_t signs_ns, const char *why, bool recording)
{
	int64_t now = monotonic_ms() / 1000;
	bool open = signs_ns && epoch_ns() / 1000000000 - signs_ns / 1000000000 < WINDOW_AFTER_S, asked = is_asked_for();

	if (!recording || (window->failed_s && now - window->failed_s < 60))
		return;
	if (window->begun_s && !window->sessions->window) /* the session daemon ended, and with it the window's session */
		closed(window);
	open |= asked;
	if (window->begun_s && now - window->begun_s > WINDOW_MOST_S)
		open = false;
	if (open == window->sessions->window)
		return;
	if (sessions_window(window->sessions, open))
		window->failed_s = now;
	else if (open)
		opened(window, asked ? "`fenceline record window` asked for it" : why);
	else
		closed(window);
}
