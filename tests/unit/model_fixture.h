/* SPDX-License-Identifier: MIT */
/* A model of its own for each case, and events into it. Source files that include this give begin and end to cmocka. */
#ifndef FENCELINE_TESTS_MODEL_FIXTURE_H
#define FENCELINE_TESTS_MODEL_FIXTURE_H

#include "model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define S(seconds) (1000 * NS_PER_S + (int64_t)((seconds)*1e9)) /* the tests' clock begins at 1000 s */

static struct model_options keep = { .keep_entries = true }; /* of the model that begin makes */
static struct model *model;

static inline int begin(void **state)
{
	(void)state;
	model = model_new(&keep);
	return model ? 0 : -1;
}

static inline int end(void **state)
{
	(void)state;
	model_free(model);
	return 0;
}

static inline void add(const struct source *source, double seconds, struct event event)
{
	event.ts_ns = S(seconds);
	event.source = source;
	assert_int_equal(model_add(&event, model), 0);
}

#endif
