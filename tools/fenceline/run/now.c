/* SPDX-License-Identifier: MIT */
#include "run/now.h"

#include <time.h>

static int64_t now_by(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t monotonic_ns(void)
{
	return now_by(CLOCK_MONOTONIC);
}

int64_t monotonic_ms(void)
{
	return monotonic_ns() / 1000000;
}

int64_t epoch_ns(void)
{
	return now_by(CLOCK_REALTIME);
}
