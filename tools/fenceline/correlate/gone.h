/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_GONE_H
#define FENCELINE_CORRELATE_GONE_H

#include "correlate/facts.h"

/* Had it shut down, ended, or been started anew before the fence? STATUS_MISSING: not known. */
enum link_status facts_gone(struct facts *facts);

#endif
