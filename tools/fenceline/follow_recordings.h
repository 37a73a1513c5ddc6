/* SPDX-License-Identifier: MIT */
/* Whether a recording of this host still writes into what is followed: the record program is asked, since it alone knows LTTng.
 */
#ifndef FENCELINE_FOLLOW_RECORDINGS_H
#define FENCELINE_FOLLOW_RECORDINGS_H

#include "options.h"

struct recordings {
	const struct report_options *options; /* borrowed */
	bool known;                           /* one of this host was seen to write into an input */
	bool ended;                           /* none does any more */
	bool cannot_tell;                     /* no record program, or no input that a session could write into */
	int64_t asked_ms, active_ms;          /* active: when one was, last */
};

void recordings_begin(struct recordings *recordings, const struct report_options *options);

/* Ask, at most every two seconds. Takes some ms. */
void recordings_ask(struct recordings *recordings);

#endif
