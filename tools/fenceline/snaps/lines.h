/* SPDX-License-Identifier: MIT */
/*
 * What text tells of a pool's snapshots, line by line: OSD logs (with debug 20 around the lines or grepped out), `ceph osd
 * dump`, `ceph osd pool ls detail`, `ceph pg dump`, bare interval sets. The forms stand in one table in lines.c.
 * Not thread-safe.
 */
#ifndef FENCELINE_SNAPS_LINES_H
#define FENCELINE_SNAPS_LINES_H

#include "ingest/line_reader.h"
#include "snaps/account.h"

struct line_parser;

/* Both borrowed for as long as the parser lives. */
struct line_parser *line_parser_new(struct account *account, const char *path); /* NULL: out of memory */
/* 1: the line told something, 0: it did not, -ENOMEM. */
int line_parser_take(struct line_parser *parser, const struct line *line);
/* The input is at its end: what was still open is handed in. Returns 0 or -ENOMEM. */
int line_parser_finish(struct line_parser *parser);
void line_parser_free(struct line_parser *parser);

/* The stamp that text[0, length) begins with, as Ceph's logs write it; 0 if there is none. Stamps without a zone are UTC. */
int64_t line_stamp(const char *text, size_t length);

#endif
