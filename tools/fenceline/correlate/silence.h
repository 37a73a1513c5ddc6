/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_SILENCE_H
#define FENCELINE_CORRELATE_SILENCE_H

#include "correlate/facts.h"

int facts_silence(struct facts *facts); /* 0 or -ENOMEM */
void facts_silence_forget(struct facts *facts); /* and the expiry is to be asked anew */
/* Would the ping's answer have been seen, had it come in time? */
bool is_answerable(const struct facts *facts, const struct ping *ping);

#endif
