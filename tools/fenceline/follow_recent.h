/* SPDX-License-Identifier: MIT */
/*
 * The last ten minutes of events, and which of their timeline entries have been shown. In each step a model is made of the window
 * as if it were all there is, and the entries that are new are shown: what is shown is by this what `timeline` says of the finished
 * recording, whatever the model joins or finds out at its end. A step costs the window, not the recording.
 */
#ifndef FENCELINE_FOLLOW_RECENT_H
#define FENCELINE_FOLLOW_RECENT_H

#include "options.h"

struct recent;

struct recent *recent_new(const struct report_options *options); /* options borrowed */
/* Keeps a copy of the event. 0; the shape that growing_round wants. */
int recent_take(const struct event *event, void *recent);
/* After each round, whether it brought anything or not: tells what is new on `out`; `last`: also what would have waited for more to be
 * known of it. 0 or -errno. */
int recent_show(struct recent *recent, FILE *out, bool last);
/* The inputs have passed --until. */
bool recent_is_over(const struct recent *recent);
void recent_free(struct recent *recent);

#endif
