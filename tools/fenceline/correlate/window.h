/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_WINDOW_H
#define FENCELINE_CORRELATE_WINDOW_H

#include "correlate/findings.h"

/* 0 or -ENOMEM; *window NULL if no snapshot call of the blocklister was open. Freed with window_free. */
int window_find(const struct findings *findings, struct snapshot_window **window);
void window_free(struct snapshot_window *window);

#endif
