/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_MODEL_CLOCKS_SHIFT_H
#define FENCELINE_MODEL_CLOCKS_SHIFT_H

#include "model/records.h"

void clocks_shift(struct model *model); /* clocks_shift.c */

#endif
