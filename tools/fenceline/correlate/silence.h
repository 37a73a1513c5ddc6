/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_SILENCE_H
#define FENCELINE_CORRELATE_SILENCE_H

#include "correlate/findings.h"

int findings_silence(struct findings *findings); /* 0 or -ENOMEM */
void findings_silence_forget(struct findings *findings); /* and the expiry is to be asked anew */
/* Would the ping's answer have been seen, had it come in time? */
bool is_answerable(const struct findings *findings, const struct ping *ping);

#endif
