/* SPDX-License-Identifier: MIT */
#include "follow.h"
#include "cmd.h"
#include "follow_recent.h"
#include "ingest/growing.h"
#include "record/recording.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Half of what LTTng takes to hand on a packet that is not full. */
#define POLL_MS 500
/* A round that took long is followed by so many times its length of rest: following takes a tenth of a CPU at most. */
#define REST 9
/* How often the session daemon is asked whether the recording goes on. */
#define ASK_MS 2000
/* `record stop` first stops a session, then writes what is left of it, then ends it; somebody else may leave it stopped. */
#define STOPPED_MS 40000

static volatile sig_atomic_t told_to_end;

static void end_on_signal(int number)
{
	(void)number;
	told_to_end = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = end_on_signal }; /* no SA_RESTART: the pause ends, too */

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- is the recording still running? ---- */

struct recordings {
	bool known;                  /* one of this host was seen to write into an input */
	bool ended;                  /* none does any more */
	bool cannot_tell;            /* no session daemon's library, or no input that a session could write into */
	int64_t asked_ms, active_ms; /* active: when one was, last */
};

/* Does one path lie in the other one, whichever? */
static bool overlap(const char *a, const char *b)
{
	size_t length = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	return !strncmp(a, b, length) && (a[length] == '/' || b[length] == '/' || a[length] == b[length]);
}

static bool writes_into(const struct recording *recording, const struct report_options *options)
{
	char output[PATH_MAX], input[PATH_MAX];

	if (*recording->output != '/' || !realpath(recording->output, output))
		return false;
	for (size_t i = 0; i < options->input_count; i++)
		if (realpath(options->inputs[i], input) && overlap(output, input))
			return true;
	return false;
}

static bool has_folder(const struct report_options *options)
{
	struct stat info;

	for (size_t i = 0; i < options->input_count; i++)
		if (!stat(options->inputs[i], &info) && S_ISDIR(info.st_mode))
			return true;
	return false;
}

static void ask(struct recordings *recordings, const struct report_options *options)
{
	struct recording *list = NULL;
	int others, count;
	bool running = false;

	if (recordings->cannot_tell || (recordings->asked_ms && now_ms() - recordings->asked_ms < ASK_MS))
		return;
	recordings->asked_ms = now_ms();
	count = recording_list(&list, &others);
	recordings->cannot_tell = count < 0;
	for (int i = 0; i < count; i++) {
		if (!writes_into(&list[i], options))
			continue;
		running = true;
		if (list[i].active)
			recordings->active_ms = now_ms();
	}
	free(list);
	recordings->known |= running && recordings->active_ms;
	if (recordings->known && count >= 0)
		recordings->ended = !running || now_ms() - recordings->active_ms > STOPPED_MS;
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
		error = recent_tell(recent, stdout, last);
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

static void rest(int64_t took_ms)
{
	int64_t ms = took_ms * REST > POLL_MS ? took_ms * REST : POLL_MS;

	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static int follow(struct growing *growing, struct recent *recent, const struct report_options *options)
{
	struct recordings recordings = { .cannot_tell = !has_folder(options) };
	bool begun = false;
	uint64_t lost = 0;
	bool more, last;
	int error;

	do {
		int64_t begin_ms = now_ms();
		ask(&recordings, options); /* before the round: what was written by then is read in it */
		last = told_to_end || recordings.ended || recent_is_over(recent);
		do
			error = round_of(growing, recent, &begun, last, &more);
		while (!error && more && !told_to_end);
		say_lost(growing, &lost);
		if (!error && !last && !told_to_end)
			rest(now_ms() - begin_ms);
	} while (!error && !last);
	return error;
}

int follow_timeline(const struct report_options *options)
{
	struct ingest_options ingest_options = { options->tz, INT64_MIN, INT64_MAX, false };
	struct growing *growing;
	struct recent *recent = recent_new(options);
	int error = -ENOMEM;

	ingest_options.clocks = options->clocks;
	ingest_options.clock_count = options->clock_count;
	catch_signals();
	growing = recent ? growing_open(options->inputs, options->input_count, &ingest_options) : NULL;
	if (recent && !growing) {
		recent_free(recent);
		return EXIT_FAILED; /* said already */
	}
	if (growing)
		error = follow(growing, recent, options);
	growing_close(growing);
	recent_free(recent);
	if (!error || error == -EPIPE)
		return EXIT_DONE;
	fprintf(stderr, "fenceline: following the inputs failed: %s\n", strerror(-error));
	return EXIT_FAILED;
}
