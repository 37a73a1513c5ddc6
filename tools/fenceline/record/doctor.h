/* SPDX-License-Identifier: MIT */
/* What `fenceline doctor`'s checks (doctor_*.h) share: each says one line, with the remedy where something is wrong. */
#ifndef FENCELINE_RECORD_DOCTOR_H
#define FENCELINE_RECORD_DOCTOR_H

#include <jansson.h>
#include <sys/types.h>

struct doctor {
	int failures, warnings, unknown;
	const char *check; /* what is being looked at, as JSON names it; borrowed */
	json_t *lines;     /* NULL: text, to stdout; else one object a line (fenceline/doctor/1), the caller's */
};

enum verdict {
	VERDICT_OK,
	VERDICT_WARNING,
	VERDICT_FAILURE,
	VERDICT_UNKNOWN
}; /* unknown: it was not or could not be looked at */

/* What the lines from now on are about, a word such as "clock". */
void doctor_begin(struct doctor *doctor, const char *check);

/* Print one line and count it. */
void doctor_say(struct doctor *doctor, enum verdict verdict, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
