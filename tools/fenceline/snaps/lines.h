/* SPDX-License-Identifier: MIT */
/*
 * What an input tells of pools' snapshots, line by line: OSD logs (with debug 20 around the lines or grepped out), `ceph osd
 * dump`, `ceph osd pool ls detail`, `ceph pg dump` and `pg ls`, `ceph health detail`, bare interval sets, and JSON that begins on
 * any line (json_read.h). The forms stand in tables: lines_osd.c, lines_dump.c, lines_pg.c. Lines may be indented; a set that was wrapped is joined. Not
 * thread-safe.
 */
#ifndef FENCELINE_SNAPS_LINES_H
#define FENCELINE_SNAPS_LINES_H

#include "ingest/line_reader.h"
#include "snaps/maps.h"

struct line_parser;

/* All borrowed for as long as the parser lives. Maps that documents in the input hold go to `maps`; NULL: to the account, when
 * the input is at its end. */
struct line_parser *line_parser_new(struct account *account, const char *path, struct maps *maps);
/* True: the line told something. Of a line with `more` the rest may follow, by line_parser_take_more; last:
 * the line is at its end with it. */
bool line_parser_take(struct line_parser *parser, const struct line *line);
void line_parser_take_more(struct line_parser *parser, const char *text, size_t length, bool last);
/* The input is at its end: what was still open is handed in. True: that told something. */
bool line_parser_finish(struct line_parser *parser);
void line_parser_free(struct line_parser *parser);
bool json_begins(const char *text, size_t length); /* does a document begin at the text? */

#endif
