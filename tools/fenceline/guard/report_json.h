/* SPDX-License-Identifier: MIT */
/* A look and its verdict, for a program: schema/preflight-1.json. */
#ifndef FENCELINE_GUARD_REPORT_JSON_H
#define FENCELINE_GUARD_REPORT_JSON_H

#include "guard/verdict.h"

#include <jansson.h>

/* An element of "images" of fenceline/preflight/1. NULL: out of memory. */
json_t *report_json(const struct look *look, const struct judgement *judgement);

#endif
