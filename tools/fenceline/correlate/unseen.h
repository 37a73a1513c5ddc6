/* SPDX-License-Identifier: MIT */
/* Fences of which no input holds the command: somebody was answered with -108. */
#ifndef FENCELINE_CORRELATE_UNSEEN_H
#define FENCELINE_CORRELATE_UNSEEN_H

#include "correlate/episode.h"

int episodes_find_unseen(struct episodes *episodes, const struct model *model); /* 0 or -ENOMEM */
/* The first -108 that the client got, by whoever tells of it; 0: none. */
int64_t first_refusal(const struct model *model, const struct client *client);

#endif
