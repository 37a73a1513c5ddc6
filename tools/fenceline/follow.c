/* SPDX-License-Identifier: MIT */
#include "follow.h"
#include "run/commands.h"
#include "follow_recent.h"
#include "follow_recordings.h"
#include "ingest/growing.h"
#include "run/now.h"
#include "store_input.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Half of what LTTng takes to hand on a packet that is not full. */
#define POLL_MS 500
/* A round that took long is followed by so many times its length of rest: following takes a tenth of a CPU at most. */
#define REST 9

static volatile sig_atomic_t asked_to_end;

static void end_on_signal(int number)
{
	(void)number;
	asked_to_end = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = end_on_signal }; /* no SA_RESTART: the pause ends, too */

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* ---- rounds ---- */

static int round_of(struct growing *growing, struct recent *recent, bool *begun, bool last, bool *more)
{
	int error = growing_round(growing, recent_take, recent, more);

	if (!*begun)
		recent_begin(recent);
	*begun = true;
	if (!error && (recent_has_news(recent) || recent_waits(recent) || last)) {
		errno = 0;
		error = recent_show(recent, stdout, last);
		if (error == -EIO && errno)
			error = -errno;
		if (!error && fflush(stdout))
			error = -errno;
	}
	return error;
}

static void say_lost(const struct growing *growing, uint64_t *said)
{
	uint64_t lost = growing_lost_events(growing);

	if (lost > *said)
		fprintf(stderr, "fenceline: the tracer has discarded %" PRIu64 " events%s\n", lost - *said, *said ? " more" : "");
	*said = lost;
}

static void follow_rest(int64_t took_ms)
{
	int64_t ms = took_ms * REST > POLL_MS ? took_ms * REST : POLL_MS;

	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static int follow_inputs(struct growing *growing, struct recent *recent, const struct report_options *options)
{
	struct recordings recordings;
	bool begun = false;
	uint64_t lost = 0;
	bool more, last;
	int error;

	recordings_begin(&recordings, options);
	do {
		int64_t begin_ms = monotonic_ms();
		recordings_ask(&recordings); /* before the round: what was written by then is read in it */
		last = asked_to_end || recordings.ended || recent_is_over(recent);
		do
			error = round_of(growing, recent, &begun, last, &more);
		while (!error && more && !asked_to_end);
		say_lost(growing, &lost);
		if (!error && !last && !asked_to_end)
			follow_rest(monotonic_ms() - begin_ms);
	} while (!error && !last);
	return error;
}

int follow_timeline(const struct report_options *options)
{
	struct ingest_options ingest_options = { options->tz, INT64_MIN, INT64_MAX, false };
	struct growing *growing;
	struct recent *recent;
	int error;

	for (size_t i = 0; i < options->input_count; i++)
		if (store_input_is(options->inputs[i])) {
			fputs("fenceline: a store cannot be followed; `fenceline watch` explains what arrives in it\n", stderr);
			return EXIT_USAGE;
		}
	ingest_options.clocks = options->clocks;
	ingest_options.clock_count = options->clock_count;
	ingest_options.uids = options->uids;
	ingest_options.uid_count = options->uid_count;
	catch_signals();
	growing = growing_open(options->inputs, options->input_count, &ingest_options);
	if (!growing)
		return EXIT_FAILED; /* said already */
	recent = recent_new(options);
	error = follow_inputs(growing, recent, options);
	growing_close(growing);
	recent_free(recent);
	if (!error || error == -EPIPE)
		return EXIT_DONE;
	fprintf(stderr, "fenceline: following the inputs failed: %s\n", strerror(-error));
	return EXIT_FAILED;
}
