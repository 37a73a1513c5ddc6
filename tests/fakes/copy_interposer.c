/* SPDX-License-Identifier: MIT */
/* Another interposer of the calls that the shim wraps, as its author might write one: it calls the next one in line, and adds
 * 100 to what librados says. At the end it tells how often it was there. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static unsigned reads, sends;

int rados_connect(void *cluster);
int rados_unwatch2(void *ioctx, uint64_t cookie);

int rados_connect(void *cluster)
{
	int (*next)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "rados_connect");

	return next ? next(cluster) + 100 : -1;
}

int rados_unwatch2(void *ioctx, uint64_t cookie)
{
	int (*next)(void *, uint64_t) = (int (*)(void *, uint64_t))dlsym(RTLD_NEXT, "rados_unwatch2");

	return next ? next(ioctx, cookie) + 100 : -1;
}

ssize_t read(int fd, void *buffer, size_t size)
{
	static ssize_t (*next)(int, void *, size_t);

	if (!next)
		next = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	reads++;
	return next(fd, buffer, size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	static ssize_t (*next)(int, const struct msghdr *, int);

	if (!next)
		next = (ssize_t(*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
	sends++;
	return next(fd, message, flags);
}

__attribute__((destructor)) static void tell(void)
{
	printf("interposer: %s, %s\n", reads ? "reads seen" : "no read", sends ? "messages seen" : "no message");
}
