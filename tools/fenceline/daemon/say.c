/* SPDX-License-Identifier: MIT */
#include "daemon/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void say(const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	fprintf(stderr, "fenceline: %s\n", line);
}

static struct sockaddr_un manager = { .sun_family = AF_UNIX };
static socklen_t manager_length; /* 0: nobody wants to know */

void say_find_manager(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path ? strlen(path) : 0;

	if (length >= 2 && length < sizeof manager.sun_path && (*path == '/' || *path == '@')) {
		memcpy(manager.sun_path, path, length);
		if (*path == '@') /* the abstract namespace */
			manager.sun_path[0] = '\0';
		manager_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	}
	unsetenv("NOTIFY_SOCKET");
}

void say_to_manager(const char *state)
{
	int fd = manager_length ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

	if (fd < 0)
		return;
	sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&manager, manager_length);
	close(fd);
}
