/* SPDX-License-Identifier: MIT */
/*
 * Reading memory that belongs to Ceph's objects without trusting it: a bad address is an error, not a crash, because the
 * kernel does the copying: process_vm_readv on ourselves, which works under QEMU's -sandbox on, and where another filter may
 * forbid it /proc/self/mem. A system call each: not for the I/O path.
 */
#ifndef FENCELINE_SHIM_PEEK_H
#define FENCELINE_SHIM_PEEK_H

#include <stdbool.h>
#include <stddef.h>

/* What a std::string begins with (libstdc++, cxx11 ABI). One that the caller has just passed to us may be read as it is. */
struct std_string {
	const char *text;
	size_t length;
};

/* Copies size bytes, all or nothing. Preserves errno. */
bool peek(const void *from, void *to, size_t size);
/* As many bytes as are readable, up to size; 0: none. Preserves errno. */
size_t peek_some(const void *from, void *to, size_t size);
/* False: this process may look at its own memory in neither way, and every peek fails. */
bool peek_works(void);
/* Copies a std::string (libstdc++, cxx11 ABI) with a closing NUL. False if the object does not look like one, or is as
 * long as the buffer or longer. */
bool peek_std_string(const void *string, char *to, size_t size);

#endif
