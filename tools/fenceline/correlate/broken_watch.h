/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_BROKEN_WATCH_H
#define FENCELINE_CORRELATE_BROKEN_WATCH_H

#include "correlate/findings.h"

void find_broken_watch(struct findings *findings); /* once the last sign of life is known */

#endif
