/* SPDX-License-Identifier: MIT */
#include "guard/follow.h"
#include "guard/bounded.h"
#include "guard/report.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_NS INT64_C(1000000000)

struct follower {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool over;
	struct asker *asker;
	struct asked *asked;
	struct look before;
	bool fenced, unwatched, mute; /* seen, and said */
};

static void say_once(bool *said, const char *what, const struct look *before)
{
	char spec[IMAGE_SPEC];

	if (!*said)
		report_say("%s: %s (owner %s)", image_spec_text(&before->spec, spec), what, before->owner.address);
	*said = true;
}

static void look_after_them(struct follower *follower)
{
	struct look look;

	asker_look_after(follower->asker, follower->asked, &follower->before, true, &look);
	if (look.fault.kind != FAULT_NONE) {
		say_once(&follower->mute, "while the command runs, the watches cannot be followed", &follower->before);
		return;
	}
	if (look.earlier_fenced)
		say_once(&follower->fenced, "FENCED while the command runs", &follower->before);
	else if (follower->before.lock_state == LOCK_OWNED && follower->before.watch == WATCH_THERE && !look.earlier_watches)
		say_once(&follower->unwatched, "the owner has lost its watch while the command runs", &follower->before);
}

/* True once it is over. */
static bool wait_a_period(struct follower *follower)
{
	int64_t until_ns = monotonic_ns() + PERIOD_NS;
	struct timespec until = { until_ns / 1000000000, until_ns % 1000000000 };
	bool over;

	pthread_mutex_lock(&follower->mutex);
	while (!follower->over && pthread_cond_timedwait(&follower->changed, &follower->mutex, &until) != ETIMEDOUT)
		;
	over = follower->over;
	pthread_mutex_unlock(&follower->mutex);
	return over;
}

static void *follow(void *arg)
{
	struct follower *follower = arg;

	while (!wait_a_period(follower))
		look_after_them(follower);
	return NULL;
}

struct follower *follow_begin(struct asker *asker, struct asked *asked, const struct look *before)
{
	struct follower *follower = calloc(1, sizeof *follower);
	pthread_condattr_t attributes;

	if (!follower)
		return NULL;
	follower->asker = asker;
	follower->asked = asked;
	follower->before = *before;
	pthread_mutex_init(&follower->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&follower->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (!pthread_create(&follower->thread, NULL, follow, follower))
		return follower;
	free(follower);
	return NULL;
}

bool follow_end(struct follower *follower, bool *watch_was_gone)
{
	bool fenced;

	*watch_was_gone = false;
	if (!follower)
		return false;
	pthread_mutex_lock(&follower->mutex);
	follower->over = true;
	pthread_cond_signal(&follower->changed);
	pthread_mutex_unlock(&follower->mutex);
	pthread_join(follower->thread, NULL);
	fenced = follower->fenced;
	*watch_was_gone = follower->unwatched;
	pthread_mutex_destroy(&follower->mutex);
	pthread_cond_destroy(&follower->changed);
	free(follower);
	return fenced;
}
