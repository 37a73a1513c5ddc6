/* SPDX-License-Identifier: MIT */
/* What a client was refused, with -108. */
#ifndef FENCELINE_CORRELATE_ANSWERS_H
#define FENCELINE_CORRELATE_ANSWERS_H

#include "model/records.h"

/* Was an I/O or a ping of it answered with -108 between the two times? client may be NULL: no. */
bool client_was_refused(const struct client *client, int64_t after_ns, int64_t before_ns);
/* The first -108 that one of its watches, or a ping of it, was answered with after that time; 0: none. */
int64_t image_watch_refused(const struct image *image, int64_t after_ns);
/* The first -108 that it got, by whoever tells of it; 0: none. */
int64_t client_first_refusal(const struct model *model, const struct client *client);

#endif
