/* SPDX-License-Identifier: MIT */
/* The verdict in plain words, its evidence by number, what is missing, and the near misses. */
#ifndef FENCELINE_RENDER_TEXT_VERDICT_H
#define FENCELINE_RENDER_TEXT_VERDICT_H

#include "render/text.h"
#include "render/view.h"

/* Did the inputs tell of nothing at all? */
bool text_is_empty(const struct model *model);
/* Verdicts, near misses, or that there are none; then what the inputs could not show. */
void text_verdicts(const struct text *text, const struct report *report, const struct view *view);

#endif
