/* SPDX-License-Identifier: MIT */
/* `--format html`: page/ with both JSON documents in it. One file, which asks the network for nothing. */
#ifndef FENCELINE_RENDER_HTML_H
#define FENCELINE_RENDER_HTML_H

#include "render/render.h"

int html_timeline(const struct report *report, const struct render_style *style, FILE *out);

#endif
