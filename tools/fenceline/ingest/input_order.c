/* SPDX-License-Identifier: MIT */
#include "ingest/input_order.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS      "0123456789"
#define DATE_DIGITS 8 /* logrotate's dateext: -20261122 */

/* A path: the log that it is a piece of, and how old a piece. */
struct piece {
	const char *path;
	size_t length; /* of the log's path */
	int64_t age;   /* 0: the log that is written */
};

static size_t without_compression(const char *path)
{
	static const char *const endings[] = { ".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma" };
	size_t length = strlen(path);

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t ending = strlen(endings[i]);
		if (length > ending && !strcmp(path + length - ending, endings[i]))
			return length - ending;
	}
	return length;
}

static struct piece piece_of(const char *path)
{
	struct piece piece = { path, without_compression(path), 0 };
	size_t begin = piece.length, digits;

	while (begin && strchr(DIGITS, path[begin - 1]))
		begin--;
	digits = piece.length - begin;
	if (begin < 2 || !digits || digits > DATE_DIGITS || path[begin - 2] == '/')
		return piece;
	if (path[begin - 1] == '.')
		piece.age = strtoll(path + begin, NULL, 10);
	else if (path[begin - 1] == '-' && digits == DATE_DIGITS)
		piece.age = INT64_MAX - strtoll(path + begin, NULL, 10);
	if (piece.age)
		piece.length = begin - 1;
	return piece;
}

int input_order(const void *a, const void *b)
{
	struct piece left = piece_of(*(const char *const *)a), right = piece_of(*(const char *const *)b);
	size_t less = left.length < right.length ? left.length : right.length;
	int order = memcmp(left.path, right.path, less);

	if (order)
		return order;
	if (left.length != right.length)
		return left.length < right.length ? -1 : 1;
	if (left.age != right.age)
		return left.age > right.age ? -1 : 1;
	return strcmp(left.path, right.path);
}
