/* SPDX-License-Identifier: MIT */
/*
 * The timeline for a person: a section per VM and image, in it what happened to that image in order of time, also what
 * other processes did to it; then the verdicts.
 */
#ifndef FENCELINE_RENDER_TEXT_TIMELINE_H
#define FENCELINE_RENDER_TEXT_TIMELINE_H

#include "render/render.h"

int text_incidents(const struct report *report, const struct render_style *style, FILE *out);

#endif
