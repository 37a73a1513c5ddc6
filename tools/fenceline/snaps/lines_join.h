/* SPDX-License-Identifier: MIT */
/* A set that was wrapped: its line is held until it is whole. */
#ifndef FENCELINE_SNAPS_LINES_JOIN_H
#define FENCELINE_SNAPS_LINES_JOIN_H

#include "snaps/line_parser.h"

/* The text breaks off inside a set that begins at `at`: the line is held until the next one is seen. */
bool hold_if_open(struct line_parser *parser, const struct taken *t, const char *at);
bool hold(struct line_parser *parser, const struct line *line);
/* Adds the line to the held one, if it goes on with its set; WHOLE: up to the set's end. */
enum joined { NOT_JOINED, JOINED, JOINED_WHOLE } join_held(struct line_parser *parser, const struct line *line);

#endif
