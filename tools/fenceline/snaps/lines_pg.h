/* SPDX-License-Identifier: MIT */
/* What `ceph pg dump`, `ceph pg ls`, `ceph health detail` and `ceph -s` say of trimming. */
#ifndef FENCELINE_SNAPS_LINES_PG_H
#define FENCELINE_SNAPS_LINES_PG_H

#include "snaps/line_parser.h"

/* A row of a table of placement groups, or what goes on with its head. */
bool take_pg_row(struct line_parser *parser, struct taken *t);
/* Words of health, of states and of a pool's line that may stand anywhere in a line that no form takes. */
bool take_words(struct line_parser *parser, struct taken *t);

#endif
