/* SPDX-License-Identifier: MIT */
/* fenceline/incidents/1. Verdicts are few, so the whole document is one jansson tree. */
#ifndef FENCELINE_RENDER_JSON_INCIDENTS_H
#define FENCELINE_RENDER_JSON_INCIDENTS_H

#include "render/render.h"

int json_incidents(const struct report *report, const struct render_style *style, FILE *out);

#endif
