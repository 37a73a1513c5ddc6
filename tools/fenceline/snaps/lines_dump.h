/* SPDX-License-Identifier: MIT */
/* The lines of `ceph osd dump` and `ceph osd pool ls detail`, and bare sets. */
#ifndef FENCELINE_SNAPS_LINES_DUMP_H
#define FENCELINE_SNAPS_LINES_DUMP_H

#include "snaps/line_parser.h"

/* Hands the pool whose dump is being read to the account. */
void close_pool(struct line_parser *parser);
/* A line goes on while a pool is open: the rest of its words. */
void pool_words(struct line_parser *parser, const char *at, const char *end);

#endif
