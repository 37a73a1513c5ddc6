/* SPDX-License-Identifier: MIT */
/*
 * Memory for programs that read their inputs, tell, and end. Where there is none, one line says so and the program ends with exit
 * code 1: nobody handles that, and none of these returns NULL. Shim and record daemon, which must not end, call none of it.
 */
#ifndef FENCELINE_INGEST_XALLOC_H
#define FENCELINE_INGEST_XALLOC_H

#include <stdarg.h>
#include <stddef.h>

/* That end, for who asks for memory in another way. */
void x_out_of_memory(void) __attribute__((noreturn));

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull)); /* zero */
void *xreallocarray(void *array, size_t count, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *text, size_t length) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *format, ...) __attribute__((malloc, returns_nonnull, format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list args) __attribute__((malloc, returns_nonnull, format(printf, 1, 0)));

/* One of *x: XNEW(struct thing, .member = 1). */
#define XNEW(type, ...) ((type *)xcopy(&(const type){ __VA_ARGS__ }, sizeof(type)))
void *xcopy(const void *from, size_t size) __attribute__((malloc, returns_nonnull));

/* Room for one more behind the array's `count` elements, which is only ever grown by this: there is room for the power of two
 * that is not below `count`, so nobody need keep how much there is. */
#define XROOM(array, count) ((array) = xroom((array), (count), sizeof(*(array))))
void *xroom(void *array, size_t count, size_t size) __attribute__((returns_nonnull));

/* tsearch: the place of what equals `item` in the tree, by now `item` itself if nothing did. */
void *xtsearch(const void *item, void **tree, int (*compare)(const void *a, const void *b)) __attribute__((returns_nonnull));

/* A text that grows, with a NUL behind it once something was added. */
struct text_buffer {
	char *text; /* owned; NULL: nothing was ever added */
	size_t length, capacity;
};
void text_buffer_add(struct text_buffer *buffer, const char *text, size_t length);

#endif
