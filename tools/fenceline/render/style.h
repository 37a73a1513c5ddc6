/* SPDX-License-Identifier: MIT */
/* The formats, and what the place that a text goes to can show. */
#ifndef FENCELINE_RENDER_STYLE_H
#define FENCELINE_RENDER_STYLE_H

#include "render/render.h"

extern const struct renderer renderers[]; /* ends with format NULL */
/* NULL: there is no such format. */
const struct renderer *renderer_find(const char *format);
/* Reads isatty, NO_COLOR, TERM, COLUMNS and the locale. */
struct render_style render_style_of(FILE *out);

#endif
