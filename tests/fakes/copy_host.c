/* SPDX-License-Identifier: MIT */
/*
 * copy_host [deep|global|cross] PLUGIN...: loads the plugins, locally as QEMU does (deep: with RTLD_DEEPBIND; global: for all
 * to see), and prints what each call of each gives: a line is PLUGIN-NUMBER CALL RESULT. With `cross` it then hands each
 * plugin's handles to the next one's calls. In the end it sends itself a message and reads it.
 */
#include "copy_plugin.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PLUGINS = 4 };

static const struct copy_plugin *plugins[PLUGINS];
static void *clusters[PLUGINS], *ioctxs[PLUGINS], *images[PLUGINS];

static void use(int n, const struct copy_plugin *with, const char *what)
{
#define CALL(call, ...) printf("%d %s " #call " %d\n", n, what, with->call(__VA_ARGS__))
	CALL(connect, clusters[n]);
	CALL(command, clusters[n]);
	CALL(unwatch, ioctxs[n]);
	CALL(flush, images[n]);
}

static void begin(int n, const char *path, int mode)
{
	void *handle = dlopen(path, RTLD_NOW | mode);

	plugins[n] = handle ? dlsym(handle, "copy_plugin") : NULL;
	if (!plugins[n]) {
		printf("%d %s\n", n, dlerror());
		return;
	}
	printf("%d create %d\n", n, plugins[n]->create(&clusters[n]));
	if (clusters[n]) {
		printf("%d ioctx %d\n", n, plugins[n]->ioctx_create(clusters[n], "rbd", &ioctxs[n]));
		printf("%d open %d\n", n, plugins[n]->open(ioctxs[n], &images[n]));
		printf("%d execute %d\n", n, plugins[n]->execute());
		printf("%d send %d\n", n, plugins[n]->send());
		use(n, plugins[n], "own");
	}
}

static void send_and_read(void)
{
	char text[] = "hello", got[sizeof text] = "";
	struct iovec segment = { text, sizeof text };
	struct msghdr message = { .msg_iov = &segment, .msg_iovlen = 1 };
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return;
	printf("sendmsg %zd", sendmsg(fds[0], &message, 0));
	printf(" read %zd %s\n", read(fds[1], got, sizeof got), got);
}

int main(int argc, char **argv)
{
	int count = 0, mode = 0;
	bool cross = false;

	for (int i = 1; i < argc && count < PLUGINS; i++)
		if (!strcmp(argv[i], "deep"))
			mode = RTLD_DEEPBIND;
		else if (!strcmp(argv[i], "global"))
			mode = RTLD_GLOBAL;
		else if (!strcmp(argv[i], "cross"))
			cross = true;
		else
			begin(count++, argv[i], mode);
	for (int n = 0; n < count && cross; n++)
		if (clusters[n])
			use(n, plugins[(n + 1) % count], "crossed");
	for (int n = 0; n < count; n++)
		if (clusters[n]) {
			printf("%d close %d\n", n, plugins[n]->close(images[n]));
			plugins[n]->shutdown(clusters[n]);
		}
	send_and_read();
	return 0;
}
