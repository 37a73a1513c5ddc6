/* SPDX-License-Identifier: MIT */
/* How bad a line of a timeline is. */
#ifndef FENCELINE_RENDER_SEVERITY_H
#define FENCELINE_RENDER_SEVERITY_H

#include "render/render.h"

enum severity { SEV_DEBUG, SEV_INFO, SEV_NOTICE, SEV_WARNING, SEV_ERROR, SEV_CRITICAL };

const char *severity_name(enum severity severity); /* "debug" ... "critical" */
enum severity severity_of(const struct timeline_entry *entry);

#endif
