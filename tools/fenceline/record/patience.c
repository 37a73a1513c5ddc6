/* SPDX-License-Identifier: MIT */
#include "record/patience.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define SOCKET      "/client-lttng-sessiond" /* how the name of the session daemon's socket for liblttng-ctl ends */
#define DESCRIPTORS 1024                     /* a new one has the lowest number that is free */
#define AGAIN_MS    500                      /* a call may be followed by the next one */

static volatile sig_atomic_t is_over;
static struct sigaction before;

static bool is_to_session_daemon(int fd)
{
	struct sockaddr_un peer;
	socklen_t size = sizeof peer;
	size_t length;

	if (getpeername(fd, (struct sockaddr *)&peer, &size) || peer.sun_family != AF_UNIX ||
	    size <= offsetof(struct sockaddr_un, sun_path) || size > sizeof peer)
		return false;
	length = strnlen(peer.sun_path, size - offsetof(struct sockaddr_un, sun_path));
	return length >= strlen(SOCKET) && !memcmp(peer.sun_path + length - strlen(SOCKET), SOCKET, strlen(SOCKET));
}

/* liblttng-ctl goes on after a signal while it waits for an answer, so that its connection is shut; while it waits for one
 * (too many others do) the signal is enough. All calls in here may be made in a signal handler. */
static void lose_it(int number)
{
	int saved = errno;

	(void)number;
	is_over = 1;
	for (int fd = 3; fd < DESCRIPTORS; fd++)
		if (is_to_session_daemon(fd))
			shutdown(fd, SHUT_RDWR);
	errno = saved;
}

static void set_timer(int ms)
{
	const struct itimerval timer = {
		.it_interval = { .tv_usec = ms ? AGAIN_MS * 1000 : 0 },
		.it_value = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

void patience_begin(int ms)
{
	struct sigaction action = { .sa_handler = lose_it };

	is_over = 0;
	sigaction(SIGALRM, &action, &before);
	set_timer(ms);
}

bool patience_end(void)
{
	set_timer(0);
	sigaction(SIGALRM, &before, NULL);
	return !is_over;
}
