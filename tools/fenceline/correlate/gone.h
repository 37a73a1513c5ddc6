/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_GONE_H
#define FENCELINE_CORRELATE_GONE_H

#include "correlate/findings.h"

/* Had it shut down, ended, or been started anew before the fence? STATUS_MISSING: not known. */
enum link_status findings_gone(struct findings *findings);

#endif
