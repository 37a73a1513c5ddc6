/* SPDX-License-Identifier: MIT */
/* What guard waits for, on stderr: one line that changes on a terminal, else a line whenever the reason changes. */
#ifndef FENCELINE_GUARD_PROGRESS_H
#define FENCELINE_GUARD_PROGRESS_H

#include "guard/verdict.h"

struct progress {
	const char *rule;
	bool on_line;
}; /* starts as zeros */
void progress_tell(struct progress *progress, const struct look *look, const struct judgement *judgement, int64_t left_ns);
void progress_end(struct progress *progress);

#endif
