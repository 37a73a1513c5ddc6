/* SPDX-License-Identifier: MIT */
/* What `fenceline integrate` knows to integrate with, and the edits that each takes. */
#ifndef FENCELINE_INTEGRATE_TARGET_H
#define FENCELINE_INTEGRATE_TARGET_H

#include "integrate/edit.h"

#include <limits.h>

#define PLAN_EDITS 8

struct plan {
	struct edit edits[PLAN_EDITS]; /* owned */
	int count;
	int undo;                      /* what was written is to be taken back, whatever stands in its way since */
	char trouble[PATH_MAX + 512];  /* what stands in the way, one line; "" if nothing does */
};

struct target {
	const char *name, *what;
	/* Fills the plan for the files below `root`; `shim` is the shim's path. With `all` also for units that are not installed.
	 * Returns 0 or -ENOMEM. NULL: nothing can be written here, `advice` is all. */
	int (*plan)(const struct target *target, const char *root, const char *shim, int all, struct plan *plan);
	const char *const *units; /* systemd's, NULL at the end; for the plans that write drop-ins */
	const char *looked_for;   /* what has to be there, for the message that it is not */
	const char *takes_effect; /* when the change reaches what runs, printed after it is made */
	const char *advice;       /* what fenceline cannot write; %s is the shim's folder; NULL if nothing */
};

/* The table, NULL name at the end. */
extern const struct target targets[];

const struct target *target_find(const char *name);

void plan_free(struct plan *plan);

#endif
