/* SPDX-License-Identifier: MIT */
#include "sampler.h"

#include "base/emit.h"
#include "base/hook.h"
#include "io.h"
#include "base/process.h"
#include "base/provider_open.h"
#include "state.h"
#include "status.h"
#include "base/ticker.h"

#include <pthread.h>
#include <stdlib.h>

#define TICK_DEFAULT 5    /* s, objecter_tick_interval */
#define OVERDUE_MS   2000 /* healthy ages peak just above the tick */
#define NEW_ACK_MS   1000 /* clocks are coarse: the implied send time of one ping moves by a few ms */

/* ---- judging an age ---- */

static struct sample judge_error(struct watch *watch, int64_t age_ms)
{
	struct sample sample = { .age_ms = age_ms, .change = 3, .report = watch->sample.error != (int)age_ms };

	watch->sample.error = (int)age_ms;
	return sample;
}

/* Ticks since the newest acknowledged ping whose answer should have been here by now. */
static int64_t missed_ticks(const struct watch *watch, int64_t now_mono_ms)
{
	int64_t tick_ms = (int64_t)(watch->sample.tick_s ? watch->sample.tick_s : TICK_DEFAULT) * 1000;
	int64_t stalled_ms = atomic_load(&ticker_stalled_ms) - watch->sample.acked_stalled_ms;
	int64_t age_ms = now_mono_ms - watch->sample.acked_mono_ms - stalled_ms;

	return age_ms < tick_ms + OVERDUE_MS ? 0 : (age_ms - OVERDUE_MS) / tick_ms;
}

struct sample sample_judge(struct watch *watch, int64_t age_ms, int64_t now_mono_ms, int64_t now_ns)
{
	struct sample sample = { .age_ms = age_ms };
	/* An older notify that is still queued makes watch_check's age larger. So the newest ping seen so far stays the newest.
	 */
	int64_t acked_mono_ms = now_mono_ms - (age_ms - 1);

	if (age_ms < 0)
		return judge_error(watch, age_ms);
	watch->sample.error = 0;
	if (!watch->sample.begun || acked_mono_ms > watch->sample.acked_mono_ms + NEW_ACK_MS) {
		sample.change = watch->sample.begun ? 1 : 0;
		sample.report = true;
		watch->sample.begun = true;
		watch->sample.acked_mono_ms = acked_mono_ms;
		watch->sample.acked_stalled_ms = atomic_load(&ticker_stalled_ms);
		watch->sample.acked_sent_ns = now_ns - (age_ms - 1) * 1000000;
		watch->sample.overdue = missed_ticks(watch, now_mono_ms);
	} else if (missed_ticks(watch, now_mono_ms) > watch->sample.overdue) {
		sample.change = 2;
		sample.report = true;
		watch->sample.overdue = missed_ticks(watch, now_mono_ms);
	}
	sample.acked_sent_ns = watch->sample.acked_sent_ns;
	return sample;
}

/* ---- one look at every watch ---- */

static uint32_t ask_tick(struct watch *watch)
{
	void *cluster = atomic_load(&watch->client->cluster);
	int (*conf_get)(void *, const char *, char *, size_t) =
	        (int (*)(void *, const char *, char *, size_t))library_symbol_for(LIB_RADOS, "rados_conf_get", cluster);
	char text[32] = "";
	double tick;

	if (!conf_get || !cluster || conf_get(cluster, "objecter_tick_interval", text, sizeof text) < 0)
		return TICK_DEFAULT;
	tick = strtod(text, NULL);
	return tick >= 1 && tick <= 3600 ? (uint32_t)(tick + 0.5) : TICK_DEFAULT;
}

static bool may_sample(const struct watch *watch)
{
	int state = atomic_load((_Atomic(int) *)&watch->state);

	return (state == WATCH_LIVE || state == WATCH_ERROR) && !ticker_is_exiting();
}

static void look_at(struct watch *watch, void *arg)
{
	static _Atomic(void *) cached;
	int (*check)(void *, uint64_t);
	struct sample sample = { 0 };

	(void)arg;
	pthread_mutex_lock(&watch->lock);
	if (may_sample(watch) &&
	    (check = (int (*)(void *, uint64_t))library_symbol_cached(&cached, LIB_RADOS, "rados_watch_check", watch->ioctx))) {
		if (!watch->sample.tick_s)
			watch->sample.tick_s = ask_tick(watch);
		int64_t age_ms = check(watch->ioctx, atomic_load(&watch->cookie));
		if (!watch->sample.begun && age_ms > 0)
			pings_sent_before(&watch->pings, (uint32_t)(age_ms / (watch->sample.tick_s * 1000)));
		sample = sample_judge(watch, age_ms, (int64_t)(now_monotonic_ns() / 1000000), now_realtime_ns());
	}
	pthread_mutex_unlock(&watch->lock);
	if (!sample.report)
		return;
	if (sample.change <= 1)
		watch_acknowledged(watch, sample.acked_sent_ns,
		                   watch->sample.acked_mono_ms * 1000000); /* which only this thread writes */
	EMIT(ping_sample, .pid = process_id(), .global_id = watch->global_id, .cookie = atomic_load(&watch->cookie),
	     .oid = watch->oid, .age_ms = sample.age_ms, .acked_sent_ns = sample.acked_sent_ns, .change = sample.change);
}

/* A trace that begins now wants to know where each watch stands. */
static void begin_anew(struct watch *watch, void *arg)
{
	(void)arg;
	pthread_mutex_lock(&watch->lock);
	watch->sample.begun = false;
	watch->sample.error = 0;
	pthread_mutex_unlock(&watch->lock);
}

static void look_at_watches(void)
{
	static bool wanted_before;
	bool wanted = emit_wanted(FL_EV_ping_sample);

	if (wanted && !wanted_before)
		watch_each(begin_anew, NULL);
	wanted_before = wanted;
	watch_each(watch_settle, NULL);
	watch_each(look_at, NULL); /* recorded or not: the status page tells it */
}

/* ---- each second ---- */

/* A trace that begins now wants to know at once whose it is: the process may end before its next state is due. */
static bool recording_has_begun(void)
{
	static bool wanted_before;
	bool wanted = emit_wanted(FL_EV_state), begun = wanted && !wanted_before;

	wanted_before = wanted;
	return begun;
}

void sampler_look(unsigned tick)
{
	look_at_watches();
	io_summary_tick();
	if (recording_has_begun() || tick % STATE_PERIOD_S == 0)
		state_emit_all();
	status_tick();
}

void sampler_look_behind(unsigned tick)
{
	if (tick % STATE_PERIOD_S == 0)
		provider_look_again();
}

void sampler_stalled(int64_t begin_ns, uint64_t gap_ns)
{
	EMIT(process_stalled, .pid = process_id(), .global_id = client_id(client_only()), .begin_ns = begin_ns, .gap_ns = gap_ns);
}
