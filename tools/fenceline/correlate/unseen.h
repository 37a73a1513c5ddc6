/* SPDX-License-Identifier: MIT */
/* Fences of which no input holds the command: somebody was answered with -108. */
#ifndef FENCELINE_CORRELATE_UNSEEN_H
#define FENCELINE_CORRELATE_UNSEEN_H

#include "correlate/episode.h"

int episodes_find_unseen(struct episodes *episodes, const struct model *model); /* 0 or -ENOMEM */

#endif
