/* SPDX-License-Identifier: MIT */
#include "options.h"
#include "ingest/tz.h"
#include "render/formats.h"
#include "render/style.h"
#include "run/commands.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_TZ = 0x100, KEY_WATCH_TIMEOUT, KEY_SINCE, KEY_UNTIL, KEY_CLOCK_OFFSET, KEY_UID };

static const struct argp_option argp_options[] = {
	{ "vm", 'v', "NAME|UUID", 0, "Only this VM", 0 },
	{ "uid", KEY_UID, "UID", 0,
	  "Of traces, only what processes of this user (a number) recorded; may be given several times. A recording with --buffers=uid tells whose process it was, and so do the record daemon's rings",
	  0 },
	{ "image", 'i', "IMAGE", 0, "Only this image: NAME, POOL/NAME, POOL/NAMESPACE/NAME or its id", 0 },
	{ "since", KEY_SINCE, "TIME", 0,
	  "Only from then on: 2026-11-27T10:00, 10:00 (the last one that the inputs hold), seconds since the epoch, "
	  "-15m (before the end of the inputs), +5m (after their beginning); a time without a zone is in that of --tz, else UTC",
	  0 },
	{ "until", KEY_UNTIL, "TIME", 0, "Only until then, written as for --since; +5m: that long after --since", 0 },
	{ "format", 'f', "FORMAT", 0, "One of those named above; text by default", 0 },
	{ "tz", KEY_TZ, "ZONE", 0, "Time zone of logs that name none: UTC (the default), +08:00, Asia/Shanghai", 0 },
	{ "clock-offset", KEY_CLOCK_OFFSET, "HOST=SECONDS", 0,
	  "Added to that host's times, such as compute1=-2.5; for a log that names no host, its path; may be given for several "
	  "hosts. Without it, skew is estimated from what two hosts saw",
	  0 },
	{ "watch-timeout", KEY_WATCH_TIMEOUT, "SECONDS", 0,
	  "osd_client_watch_timeout of the cluster, where no input tells it; else 30 is assumed", 0 },
	{ 0 }
};

/* --since 2020-03-12T23:53 --tz +08:00 must not depend on the order of the two. */
struct pending {
	const char *since, *until, *format;
};

static void parse_clock_offset(struct argp_state *state, char *arg, struct report_options *options)
{
	char *equals = strrchr(arg, '='), *end = NULL;
	double seconds = equals ? strtod(equals + 1, &end) : 0;
	struct clock_option *clocks;

	if (!equals || equals == arg || end == equals + 1 || *end || !(seconds > -1e9 && seconds < 1e9))
		argp_error(state, "--clock-offset=%s: give HOST=SECONDS, such as compute1=-2.5", arg);
	clocks = reallocarray(options->clocks, options->clock_count + 1, sizeof *clocks);
	if (!clocks)
		argp_failure(state, EXIT_FAILED, ENOMEM, "--clock-offset");
	*equals = '\0';
	options->clocks = clocks;
	clocks[options->clock_count++] = (struct clock_option){ arg, (int64_t)(seconds * 1e9 + (seconds < 0 ? -0.5 : 0.5)) };
}

static void parse_uid(struct argp_state *state, const char *arg, struct report_options *options)
{
	char *end;
	unsigned long uid = strtoul(arg, &end, 10);
	uint32_t *uids;

	if (!isdigit((unsigned char)*arg) || *end || uid >= UINT32_MAX)
		argp_error(state, "--uid=%s: give a user's number", arg);
	uids = reallocarray(options->uids, options->uid_count + 1, sizeof *uids);
	if (!uids)
		argp_failure(state, EXIT_FAILED, ENOMEM, "--uid");
	options->uids = uids;
	uids[options->uid_count++] = (uint32_t)uid;
}

static const struct renderer *parse_format(struct argp_state *state, const char *format)
{
	const struct renderer *renderer = renderer_find(format);

	if (!renderer)
		argp_error(state, "there is no format '%s'; there are" FORMATS(FORMAT_NAME), format);
	return renderer;
}

static void parse_when(struct argp_state *state, const char *name, const char *text, const char *tz, struct when *when)
{
	if (text && !when_parse(text, tz, when))
		argp_error(
		        state,
		        "--%s=%s is no time: give 2026-11-22T21:41:07Z, 21:41, seconds since the epoch, -10m (before the end of "
		        "the inputs) or +5m (after their beginning; --until: after --since)",
		        name, text);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct report_options *options = state->input;
	struct pending *pending = state->hook;
	char *end;
	unsigned long number;

	switch (key) {
	case ARGP_KEY_INIT:
		state->hook = calloc(1, sizeof *pending);
		return state->hook ? 0 : ENOMEM;
	case 'v':
		options->vm = arg;
		return 0;
	case 'i':
		options->image = arg;
		return 0;
	case 'f':
		options->renderer = parse_format(state, arg);
		return 0;
	case KEY_SINCE:
		pending->since = arg;
		return 0;
	case KEY_UNTIL:
		pending->until = arg;
		return 0;
	case KEY_TZ:
		if (!tz_valid(arg))
			argp_error(
			        state,
			        "--tz=%s: no such time zone: give UTC, an offset such as +08:00, or a name such as Asia/Shanghai",
			        arg);
		options->tz = arg;
		return 0;
	case KEY_CLOCK_OFFSET:
		parse_clock_offset(state, arg, options);
		return 0;
	case KEY_UID:
		parse_uid(state, arg, options);
		return 0;
	case KEY_WATCH_TIMEOUT:
		number = strtoul(arg, &end, 10);
		if (!isdigit((unsigned char)*arg) || *end || !number || number > 86400)
			argp_error(state, "--watch-timeout=%s: give a whole number of seconds, 1 to 86400", arg);
		options->watch_timeout_s = (uint32_t)number;
		return 0;
	case ARGP_KEY_END:
		parse_when(state, "since", pending->since, options->tz, &options->since);
		parse_when(state, "until", pending->until, options->tz, &options->until);
		return 0;
	case ARGP_KEY_FINI:
		free(pending);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp report_argp = { .options = argp_options, .parser = parse_option };
