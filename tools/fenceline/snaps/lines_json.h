/* SPDX-License-Identifier: MIT */
/* Documents among lines: where one begins, where it ends although it does not say so. */
#ifndef FENCELINE_SNAPS_LINES_JSON_H
#define FENCELINE_SNAPS_LINES_JSON_H

#include "snaps/line_parser.h"

/* The line is part of a document, and was read as that; *rest is what stands behind the document, a line of its own. */
bool take_json_line(struct line_parser *parser, const struct line *line, struct line *rest);
bool json_begins(const char *text, size_t length);    /* does a document begin at the text? */
bool json_is_member(const char *text, size_t length); /* does a member, "key": …, begin there? */

#endif
