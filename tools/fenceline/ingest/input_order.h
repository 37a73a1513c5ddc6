/* SPDX-License-Identifier: MIT */
/*
 * The order of inputs: what two of them tell of one instant comes in it. It is of their names, never of the order in which they
 * were given, and compression does not change it. The pieces of a rotated log follow each other, the oldest first.
 */
#ifndef FENCELINE_INGEST_INPUT_ORDER_H
#define FENCELINE_INGEST_INPUT_ORDER_H

/* For qsort of paths (const char *). */
int input_order(const void *a, const void *b);

#endif
