/* SPDX-License-Identifier: MIT */
/* One timeline event as JSON: what every kind has, then the fields of its kind. */
#ifndef FENCELINE_RENDER_JSON_EVENT_H
#define FENCELINE_RENDER_JSON_EVENT_H

#include "render/render.h"

#include <jansson.h>

json_t *json_event(const struct timeline_entry *entry);

#endif
