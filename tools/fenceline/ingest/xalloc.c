/* SPDX-License-Identifier: MIT */
#include "ingest/xalloc.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void x_out_of_memory(void)
{
	fputs("fenceline: out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

static void *there(void *memory)
{
	if (!memory)
		x_out_of_memory();
	return memory;
}

void *xmalloc(size_t size)
{
	return there(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return there(calloc(count ? count : 1, size));
}

void *xreallocarray(void *array, size_t count, size_t size)
{
	return there(reallocarray(array, count ? count : 1, size));
}

void *xcopy(const void *from, size_t size)
{
	return memcpy(xmalloc(size), from, size);
}

char *xstrdup(const char *text)
{
	return there(strdup(text));
}

char *xstrndup(const char *text, size_t length)
{
	return there(strndup(text, length));
}

char *xvasprintf(const char *format, va_list args)
{
	char *text;

	return there(vasprintf(&text, format, args) < 0 ? NULL : text);
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	return text;
}

void *xroom(void *array, size_t count, size_t size)
{
	return array && count & (count - 1) ? array : xreallocarray(array, count ? 2 * count : 1, size);
}

void *xtsearch(const void *item, void **tree, int (*compare)(const void *a, const void *b))
{
	return there(tsearch(item, tree, compare));
}

void text_buffer_add(struct text_buffer *buffer, const char *text, size_t length)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 256;

	while (capacity < buffer->length + length + 1)
		capacity *= 2;
	if (capacity > buffer->capacity)
		buffer->text = xreallocarray(buffer->text, capacity, 1);
	buffer->capacity = capacity;
	memcpy(buffer->text + buffer->length, text, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}
