/* SPDX-License-Identifier: MIT */
/* A binary heap in an array: no item is before the first. */
#ifndef FENCELINE_INGEST_HEAP_H
#define FENCELINE_INGEST_HEAP_H

#include <stddef.h>

/* Makes heap_up, for an item that was put at `at`, the end, and heap_down, for a first one that was replaced; count may be 0.
 * bool before(const type *a, const type *b). */
#define HEAP(type, before) \
	static void heap_up(type *heap, size_t at) \
	{ \
		for (; at && before(&heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2) { \
			type parent = heap[(at - 1) / 2]; \
			heap[(at - 1) / 2] = heap[at]; \
			heap[at] = parent; \
		} \
	} \
	static void heap_down(type *heap, size_t count) \
	{ \
		type moving = heap[0]; \
		size_t at = 0, child; \
		while ((child = 2 * at + 1) < count) { \
			if (child + 1 < count && before(&heap[child + 1], &heap[child])) \
				child++; \
			if (!before(&heap[child], &moving)) \
				break; \
			heap[at] = heap[child]; \
			at = child; \
		} \
		heap[at] = moving; \
	}

#endif
