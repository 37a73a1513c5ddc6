/* SPDX-License-Identifier: MIT */
#include "daemon/window.h"
#include "daemon/say.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

struct window {
	struct sessions *sessions;
	const struct daemon_options *options;
	int64_t begun_s, failed_s; /* CLOCK_MONOTONIC; 0: not */
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

static int64_t now_s(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec;
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

void window_tick(struct window *window, int64_t signs_ns, bool recording)
{
	int64_t now = now_s(CLOCK_MONOTONIC);
	bool open = signs_ns && now_s(CLOCK_REALTIME) - signs_ns / 1000000000 < WINDOW_AFTER_S;

	open |= is_asked_for();
	if (!recording || (window->failed_s && now - window->failed_s < 60))
		return;
	if (window->begun_s && now - window->begun_s > WINDOW_MOST_S)
		open = false;
	if (open == window->sessions->window)
		return;
	if (sessions_window(window->sessions, open))
		window->failed_s = now;
	else
		say(open ? "a snapshot window opens: every I/O is recorded" : "the snapshot window is over");
	window->begun_s = open ? now : 0;
}
