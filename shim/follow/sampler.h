/* SPDX-License-Identifier: MIT */
/*
 * What is done once a second, in the ticker's thread: a look at the watches, where watch_check tells the age of the last
 * acknowledged ping; io_summary, state and the status page.
 */
#ifndef FENCELINE_SHIM_SAMPLER_H
#define FENCELINE_SHIM_SAMPLER_H

#include "watch.h"

/* The three parts of the ticker's work. */
void sampler_look(unsigned tick);
void sampler_look_behind(unsigned tick);
void sampler_stalled(int64_t begin_ns, uint64_t gap_ns);

/* What one look at a watch's age tells; exposed for its test. */
struct sample {
	int64_t age_ms;        /* what watch_check returned */
	int64_t acked_sent_ns; /* since the epoch; 0 on error */
	uint8_t change;        /* as in ping_sample */
	bool report;
};
/* Judges the age that watch_check returned at now_mono_ms/now_ns and updates what is kept of the watch. */
struct sample sample_judge(struct watch *watch, int64_t age_ms, int64_t now_mono_ms, int64_t now_ns);

#endif
