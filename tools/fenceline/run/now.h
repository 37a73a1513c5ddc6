/* SPDX-License-Identifier: MIT */
/* What time it is. Any thread. */
#ifndef FENCELINE_RUN_NOW_H
#define FENCELINE_RUN_NOW_H

#include <stdint.h>

/* Of CLOCK_MONOTONIC, for what lasts. */
int64_t monotonic_ns(void);
int64_t monotonic_ms(void);

/* Of CLOCK_REALTIME: ns since the epoch, as events have it. */
int64_t epoch_ns(void);

#endif
