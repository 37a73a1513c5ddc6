/* SPDX-License-Identifier: MIT */
/* Another interposer of calls that the shim wraps: it calls the next one in line and tells at the end how often it was there. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static unsigned reads, sends, connects, writes;

#define NEXT(name) \
	static __typeof__(&name) next; \
	if (!next) \
	next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int rados_connect(void *cluster)
{
	NEXT(rados_connect);
	connects++;
	return next ? next(cluster) : -1;
}

ssize_t rbd_write2(void *image, uint64_t offset, size_t length, const char *data, int flags)
{
	NEXT(rbd_write2);
	writes++;
	return next ? next(image, offset, length, data, flags) : -1;
}

ssize_t read(int fd, void *buffer, size_t size)
{
	NEXT(read);
	__atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED);
	return next(fd, buffer, size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	NEXT(sendmsg);
	__atomic_add_fetch(&sends, 1, __ATOMIC_RELAXED);
	return next(fd, message, flags);
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("INTERPOSER_TELLS");
	FILE *out = path ? fopen(path, "a") : NULL;

	if (!out)
		return;
	fprintf(out, "reads %s, messages %s, connects %u, writes %u\n", reads ? "seen" : "none", sends ? "seen" : "none",
	        connects, writes);
	fclose(out);
}
