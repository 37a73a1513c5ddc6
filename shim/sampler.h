/* SPDX-License-Identifier: MIT */
/*
 * One thread per process, "fenceline", that looks at the watches once a second: watch_check tells the age of the last
 * acknowledged ping. It also notes when it did not run (process_stalled), and is the clock of io_summary and state.
 */
#ifndef FENCELINE_SHIM_SAMPLER_H
#define FENCELINE_SHIM_SAMPLER_H

#include "watch.h"

/* Starts the thread if it does not run yet. Any thread, any number of times; preserves errno. Never called in a
 * constructor: a process that opens no image and no watch has no such thread. */
void sampler_start(void);

/* In a forked child: it has no such thread yet. */
void sampler_after_fork_child(void);

/* What one look at a watch's age tells; exposed for its test. */
struct sample {
	int64_t age_ms;        /* what watch_check returned */
	int64_t acked_sent_ns; /* since the epoch; 0 on error */
	uint8_t change;        /* as in ping_sample */
	bool report;
};
/* For how long the process has stood still in all, in ms: what it did not send then is not overdue. */
extern _Atomic(int64_t) sampler_stalled_ms;
/* Judges the age that watch_check returned at now_mono_ms/now_ns and updates what is kept of the watch. */
struct sample sample_judge(struct watch *watch, int64_t age_ms, int64_t now_mono_ms, int64_t now_ns);

#endif
