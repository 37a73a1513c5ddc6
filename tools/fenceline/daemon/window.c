/* SPDX-License-Identifier: MIT */
#include "daemon/window.h"
#include "daemon/say.h"

#include <stdlib.h>
#include <time.h>

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

void window_tick(struct window *window, int64_t signs_ns, bool recording)
{
	int64_t now = now_s(CLOCK_MONOTONIC);
	bool open = signs_ns && now_s(CLOCK_REALTIME) - signs_ns / 1000000000 < WINDOW_AFTER_S;

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
