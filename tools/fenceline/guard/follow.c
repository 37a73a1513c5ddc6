/* SPDX-License-Identifier: MIT */
#include "guard/follow.h"
#include "guard/hold.h"
#include "guard/image.h"
#include "guard/report_text.h"
#include "run/now.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)
/* osd_client_watch_timeout's default, where the watch's own is not told; objecter_tick_interval, the time between two pings. */
#define WATCH_TIMEOUT_S 30
#define TICK_S          5
#define TRUST_MIN_NS    (NS_PER_S / 2)
#define PERIOD_MIN_NS   (NS_PER_S / 4)
#define PERIOD_MAX_NS   (2 * NS_PER_S)
#define BURY_EVERY      16 /* periods: it reads all of /proc */

struct follower {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool over;
	struct asker *asker;
	struct asked *asked;
	struct look before;
	struct follow_options options;
	int64_t trust_ns, hold_max_ns;
	int64_t good_ns; /* CLOCK_MONOTONIC: the watch was good at this time at least */
	bool held;
	int64_t held_since_ns;
	struct followed seen;
	bool unseen; /* said */
};

static int64_t timeout_ns(uint32_t watch_timeout_s)
{
	return (watch_timeout_s ? watch_timeout_s : WATCH_TIMEOUT_S) * NS_PER_S;
}

/* A fifth of it is for us: this thread may be late. */
int64_t follow_trust_ns(uint32_t watch_timeout_s)
{
	int64_t trust_ns = (timeout_ns(watch_timeout_s) - TICK_S * NS_PER_S) / 5 * 4;

	return trust_ns > TRUST_MIN_NS ? trust_ns : TRUST_MIN_NS;
}

static int64_t period_ns(const struct follower *follower)
{
	int64_t period_ns = follower->trust_ns / 8;

	if (period_ns < PERIOD_MIN_NS)
		return PERIOD_MIN_NS;
	return period_ns < PERIOD_MAX_NS ? period_ns : PERIOD_MAX_NS;
}

static void follow_say(const struct follower *follower, const char *what)
{
	char spec[IMAGE_SPEC];

	report_say("%s: %s (owner %s)", image_spec_text(&follower->before.spec, spec), what, follower->before.owner.address);
}

static void say_once(struct follower *follower, bool *said, const char *what)
{
	if (!*said)
		follow_say(follower, what);
	*said = true;
}

/* Was there an owner that lived, so that it can lose its lock now? */
static bool has_charge(const struct follower *follower)
{
	return follower->before.lock_state == LOCK_OWNED && follower->before.watch == WATCH_THERE &&
	       follower->before.fenced != FENCED_YES;
}

enum news { NEWS_GOOD, NEWS_NONE, NEWS_BAD };

/* GOOD: whoever looks now finds the owner alive, or nobody to fence. BAD: whoever looks now fences it. */
static enum news news_of(const struct follower *follower, const struct look *look, const struct judgement *judgement)
{
	if (look->fault.kind != FAULT_NONE)
		return NEWS_NONE;
	if (look->lock_state != LOCK_OWNED || strcmp(look->owner.address, follower->before.owner.address))
		return NEWS_GOOD; /* it gave the lock away by itself */
	if (judgement->verdict == VERDICT_OWNER_DEAD || look->probe == PROBE_ANSWERED || look->probe == PROBE_SLOW)
		return NEWS_GOOD;
	return judgement->verdict == VERDICT_WOULD_FENCE ? NEWS_BAD : NEWS_NONE;
}

static void follow_tell(struct follower *follower, const struct look *look)
{
	if (look->fault.kind != FAULT_NONE)
		say_once(follower, &follower->unseen, "while the command runs, the watches cannot be followed");
	else if (look->earlier_fenced)
		say_once(follower, &follower->seen.fenced, "FENCED while the command runs");
	else if (has_charge(follower) && !look->earlier_watches)
		say_once(follower, &follower->seen.watch_was_gone, "the owner has lost its watch while the command runs");
}

static void tell_refused(struct follower *follower, pid_t refused, const char *not_done)
{
	char text[200];

	if (!refused || follower->seen.refused)
		return;
	follower->seen.refused = refused;
	snprintf(
	        text, sizeof text,
	        "the owner does not answer, and process %d of the command cannot be %s (EPERM): it is another user's, goes on, and may "
	        "fence the owner",
	        (int)refused, not_done);
	follow_say(follower, text);
}

static void follow_hold(struct follower *follower, int64_t now_ns)
{
	pid_t spared = 0, refused;

	if (hold_is_asked_to_end(follower->options.command)) {
		spared = follower->options.command;
		kill(spared, SIGCONT);
	}
	hold_all(spared, &refused);
	tell_refused(follower, refused, "stopped");
	if (!follower->held) {
		follower->held_since_ns = now_ns;
		if (!refused)
			follow_say(follower, "the owner does not answer: the command is stopped until it does");
	}
	follower->held = true;
}

static void end_hold(struct follower *follower, int64_t now_ns)
{
	if (!follower->seen.refused)
		follower->seen.held_ns += now_ns - follower->held_since_ns;
	follower->held = false;
}

static void let_go(struct follower *follower, int64_t now_ns, const char *why)
{
	if (!follower->held)
		return;
	end_hold(follower, now_ns);
	hold_release_all();
	follow_say(follower, why);
}

/* One that refuses is tried again: it may give its rights up. */
static void end_command(struct follower *follower, int64_t now_ns)
{
	pid_t refused;

	hold_kill_all(&refused);
	tell_refused(follower, refused, "killed");
	if (refused)
		return;
	follower->seen.ended = true;
	end_hold(follower, now_ns);
	follow_say(follower, "the command has stood still for as long as it may: it is killed");
}

static void decide(struct follower *follower, enum news news, int64_t asked_ns)
{
	int64_t now_ns = monotonic_ns();

	if (news == NEWS_GOOD)
		follower->good_ns = asked_ns;
	if (follower->seen.fenced)
		let_go(follower, now_ns, "the command goes on: nothing can be saved any more");
	else if (news == NEWS_GOOD)
		let_go(follower, now_ns, "the command goes on: the owner answers");
	else if (follower->options.never_hold || follower->seen.ended || !has_charge(follower))
		return;
	else if (follower->held && now_ns - follower->held_since_ns > follower->hold_max_ns)
		end_command(follower, now_ns);
	else if (follower->held || news == NEWS_BAD || now_ns - follower->good_ns >= follower->trust_ns)
		follow_hold(follower, now_ns);
}

/* A look that is still under way when the trust is used up is left alone. It tells nothing. */
static void look_after_them(struct follower *follower)
{
	int64_t begun_ns = monotonic_ns(), bound_ns = follower->good_ns + follower->trust_ns - begun_ns;
	struct look *look = calloc(1, sizeof *look);
	struct judgement judgement;

	if (!look)
		return;
	if (bound_ns < PERIOD_MIN_NS)
		bound_ns = PERIOD_MIN_NS;
	if (follower->held) /* no hurry; and a whole look may take its time */
		bound_ns = INT64_MAX;
	asker_follow(follower->asker, follower->asked, &follower->before, follower->held, bound_ns, look);
	judge(look, &judgement);
	follow_tell(follower, look);
	if (!follower->seen.ended)
		follower->seen.verdict = judgement;
	decide(follower, news_of(follower, look, &judgement), begun_ns);
	free(look);
}

/* True once it is over. */
static bool wait_a_period(struct follower *follower)
{
	int64_t until_ns = monotonic_ns() + period_ns(follower);
	struct timespec until = { until_ns / NS_PER_S, until_ns % NS_PER_S };
	bool over;

	pthread_mutex_lock(&follower->mutex);
	while (!follower->over && pthread_cond_timedwait(&follower->changed, &follower->mutex, &until) != ETIMEDOUT)
		;
	over = follower->over;
	pthread_mutex_unlock(&follower->mutex);
	return over;
}

static void *follow_loop(void *arg)
{
	struct follower *follower = arg;

	for (unsigned n = 1; !wait_a_period(follower); n++) {
		look_after_them(follower);
		if (n % BURY_EVERY == 0)
			hold_bury(follower->options.command);
	}
	return NULL;
}

struct follower *follow_begin(struct asker *asker, struct asked *asked, const struct look *before,
                              const struct follow_options *options)
{
	struct follower *follower = calloc(1, sizeof *follower);
	pthread_condattr_t attributes;

	if (!follower)
		return NULL;
	follower->asker = asker;
	follower->asked = asked;
	follower->before = *before;
	follower->options = *options;
	follower->trust_ns = follow_trust_ns(before->watch_timeout_s);
	follower->hold_max_ns = timeout_ns(before->watch_timeout_s);
	if (follower->hold_max_ns < options->wait_ns)
		follower->hold_max_ns = options->wait_ns;
	follower->good_ns = before->probe_sent_ns;
	pthread_mutex_init(&follower->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&follower->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (!pthread_create(&follower->thread, NULL, follow_loop, follower))
		return follower;
	free(follower);
	return NULL;
}

void follow_end(struct follower *follower, struct followed *followed)
{
	pid_t refused;

	memset(followed, 0, sizeof *followed);
	if (!follower)
		return;
	pthread_mutex_lock(&follower->mutex);
	follower->over = true;
	pthread_cond_signal(&follower->changed);
	pthread_mutex_unlock(&follower->mutex);
	pthread_join(follower->thread, NULL);
	if (follower->held) {
		end_hold(follower, monotonic_ns());
		hold_kill_all(&refused);
		tell_refused(follower, refused, "killed");
	}
	*followed = follower->seen;
	pthread_mutex_destroy(&follower->mutex);
	pthread_cond_destroy(&follower->changed);
	free(follower);
}
