/* SPDX-License-Identifier: MIT */
#include "peek.h"

#include <errno.h>
#include <stdint.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096u

size_t peek_some(const void *from, void *to, size_t size)
{
	size_t done = 0;
	int saved = errno;

	/* the kernel stops at an unreadable page only between segments: hence one call per page */
	while (done < size) {
		size_t step = PAGE - (((uintptr_t)from + done) & (PAGE - 1));
		if (step > size - done)
			step = size - done;
		struct iovec local = { (char *)to + done, step };
		struct iovec remote = { (void *)((uintptr_t)from + done), step };
		if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != (ssize_t)step)
			break;
		done += step;
	}
	errno = saved;
	return done;
}

bool peek(const void *from, void *to, size_t size)
{
	return from && peek_some(from, to, size) == size;
}

/* libstdc++'s std::string: {char *text; size_t length; union {size_t capacity; char inline_text[16];}} */
bool peek_std_string(const void *string, char *to, size_t size)
{
	struct {
		const char *text;
		size_t length, capacity, rest;
	} s;

	if (!peek(string, &s, sizeof s) || s.length >= size)
		return false;
	if (s.text == (const char *)string + offsetof(__typeof__(s), capacity) ? s.length > 15 : s.capacity < s.length)
		return false;
	to[s.length] = '\0';
	return s.length == 0 || peek(s.text, to, s.length);
}
