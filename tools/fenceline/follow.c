/* SPDX-License-Identifier: MIT */
#include "follow.h"
#include "run/commands.h"
#include "follow_recent.h"
#include "ingest/growing.h"
#include "run/now.h"
#include "run/programs.h"
#include "store_input.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
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

/* ---- recordings ---- */

/* Does one of this host still write into what is followed? The record program is asked, since it alone knows LTTng. */
struct recordings {
	const struct report_options *options; /* borrowed */
	bool known;                           /* one of this host was seen to write into an input */
	bool ended;                           /* none does any more */
	bool cannot_tell;                     /* no record program, or no input that a session could write into */
	int64_t asked_ms, active_ms;          /* active: when one was, last */
};

/* Does one path lie in the other one, whichever? */
static bool recordings_overlap(const char *a, const char *b)
{
	size_t length = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	return !strncmp(a, b, length) && (a[length] == '/' || b[length] == '/' || a[length] == b[length]);
}

static bool writes_into(const char *folder, const struct report_options *options)
{
	char output[PATH_MAX], input[PATH_MAX];

	if (!folder || *folder != '/' || !realpath(folder, output))
		return false;
	for (size_t i = 0; i < options->input_count; i++)
		if (realpath(options->inputs[i], input) && recordings_overlap(output, input))
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

/* `record status`, owned by the caller; NULL if it cannot be had. */
static json_t *status_of_recordings(void)
{
	char *const arguments[] = { "fenceline", "record", "status", "--format", "json", NULL };
	struct program_output output;
	json_t *status;

	if (program_open("record", arguments, &output))
		return NULL;
	status = json_loadf(output.stream, 0, NULL);
	if (program_close(&output) != 0) {
		json_decref(status);
		return NULL;
	}
	return status;
}

/* At most every two seconds. Takes some ms. */
static void recordings_ask(struct recordings *recordings)
{
	json_t *status, *recording;
	bool running = false;
	size_t i;

	if (recordings->cannot_tell || (recordings->asked_ms && monotonic_ms() - recordings->asked_ms < ASK_MS))
		return;
	recordings->asked_ms = monotonic_ms();
	status = status_of_recordings();
	recordings->cannot_tell = !status;
	json_array_foreach(json_object_get(status, "recordings"), i, recording)
	{
		if (!writes_into(json_string_value(json_object_get(recording, "output")), recordings->options))
			continue;
		running = true;
		if (json_is_true(json_object_get(recording, "active")))
			recordings->active_ms = monotonic_ms();
	}
	recordings->known |= running && recordings->active_ms;
	if (recordings->known && status)
		recordings->ended = !running || monotonic_ms() - recordings->active_ms > STOPPED_MS;
	json_decref(status);
}

/* ---- rounds ---- */

static int round_of(struct growing *growing, struct recent *recent, bool last, bool *more)
{
	int error = growing_round(growing, recent_take, recent, more);

	if (error)
		return error;
	errno = 0;
	error = recent_show(recent, stdout, last);
	if (error == -EIO && errno)
		error = -errno;
	return !error && fflush(stdout) ? -errno : error;
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
	struct recordings recordings = { .options = options, .cannot_tell = !has_folder(options) };
	uint64_t lost = 0;
	bool more, last;
	int error;

	do {
		int64_t begin_ms = monotonic_ms();
		recordings_ask(&recordings); /* before the round: what was written by then is read in it */
		last = asked_to_end || recordings.ended || recent_is_over(recent);
		do
			error = round_of(growing, recent, last, &more);
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
