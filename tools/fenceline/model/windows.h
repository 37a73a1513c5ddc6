/* SPDX-License-Identifier: MIT */
/* What fenceline's own programs tell. */
#ifndef FENCELINE_MODEL_WINDOWS_H
#define FENCELINE_MODEL_WINDOWS_H

#include "model/records.h"

void recorded_window_free(struct recorded_window *window);
/*
 * The snapshot windows in the inputs, those that overlap as one: as `record window` and the record daemon opened them; where no input
 * tells of any, the snapshot calls (no more than a minute apart), with 10 s before and 30 s after. Returns how many there are; the times
 * are set if `number`, from 1, is one of them. After model_finish.
 */
size_t model_window(const struct model *model, size_t number, int64_t *begin_ns, int64_t *end_ns);

#endif
