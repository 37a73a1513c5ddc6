/* SPDX-License-Identifier: MIT */
/* `fenceline record window`: a command, and every I/O recorded around it by the record daemon of this host. */
#include "run/commands.h"
#include "daemon/window.h"
#include "record/tell.h"
#include "run/now.h"
#include "run/supervise.h"

#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEFORE_S 3
#define AFTER_S  30
#define MOST_S   3600

struct options {
	unsigned before_s, after_s;
	char **command; /* borrowed from argv */
};

static const struct argp_option option_table[] = {
	{ "before", 'b', "S", 0, "Open the window S seconds before CMD (default: 3: the daemon looks once a second)", 0 },
	{ "after", 'a', "S", 0, "Close it S seconds after CMD (default: 30)", 0 },
	{ 0 },
};

static unsigned parse_seconds(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long seconds = strtoul(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || seconds > MOST_S)
		argp_error(state, "'%s' is no number of seconds, 0 to %d", arg, MOST_S);
	return (unsigned)seconds;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'b':
		options->before_s = parse_seconds(arg, state);
		return 0;
	case 'a':
		options->after_s = parse_seconds(arg, state);
		return 0;
	case ARGP_KEY_ARGS:
		options->command = state->argv + state->next;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!options->command || !options->command[0])
			argp_error(state, "no command to run; for example: record window -- rbd snap create vms/vm1@tonight");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	option_table,
	parse_option,
	"-- CMD...",
	"Run CMD under the shim, and have the record daemon of this host record every I/O of its VMs meanwhile."
	"\vThe daemon opens a window by itself, too, when it sees a snapshot; this one is open before the snapshot begins. "
	"Without a "
	"daemon CMD runs all the same. Exits with CMD's code. A Ctrl-C before CMD (or TERM, HUP, QUIT) ends it, and "
	"CMD does not run; one after CMD closes the window at once.\n\n"
	"Examples:\n"
	"  fenceline record window -- rbd snap create vms/vm1@tonight\n"
	"  fenceline record window --before 10 --after 60 -- \\\n"
	"      /usr/local/bin/rotate-snapshots",
	NULL,
	NULL,
	NULL,
};

/* The daemon looks for locked files: a lock ends with its process, however that ends. It may take one away before it is locked.
 */
static int window_ask(char path[PATH_MAX])
{
	struct stat st;
	int fd;

	if (mkdir(WINDOW_REQUESTS, 0755) && errno != EEXIST)
		return -errno;
	snprintf(path, PATH_MAX, WINDOW_REQUESTS "/%d", (int)getpid());
	for (int tries = 0; tries < 10; tries++) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			return -errno;
		if (!flock(fd, LOCK_EX) && !fstat(fd, &st) && st.st_nlink)
			return fd;
		close(fd);
	}
	return -EBUSY;
}

/* "rbd snap create vms/vm1@tonight", as far as it fits. */
static const char *words_of(char **command, char *words, size_t size)
{
	size_t used = 0;

	*words = '\0';
	for (; *command && used + 1 < size; command++)
		used += (size_t)snprintf(words + used, size - used, "%s%s", used ? " " : "", *command);
	return words;
}

#define START_MS 500 /* LTTng enables a session's events in a process first, and starts it there last */
#define MS       INT64_C(1000000)

/* A recording that anybody has begun on this host has the window's beginning and end as events, too. Returns the signal that
 * asked us to end meanwhile, or 0. */
static int tell_begin(char **command, unsigned before_s, uint64_t *window)
{
	int64_t until_ns = monotonic_ns() + (before_s ? before_s * 1000 * MS : 200 * MS);
	char words[300], why[340];
	int signal = 0;

	if (tell_open())
		return 0;
	while (!signal && !tell_is_recorded() && monotonic_ns() < until_ns)
		signal = supervise_signal_within(20 * MS);
	if (!signal && before_s && tell_is_recorded())
		signal = supervise_signal_within(START_MS * MS);
	if (signal || !tell_is_recorded())
		return signal;
	snprintf(why, sizeof why, "record window -- %s", words_of(command, words, sizeof words));
	*window = tell_window_opened(false, why);
	return 0;
}

/* The command, with the time before it and after it. A signal that asks us to end ends what is waited for. */
static int run_inside(const struct options *options, bool is_asked, uint64_t *window)
{
	int64_t begun_ns = monotonic_ns(), left_ns;
	int signal = tell_begin(options->command, options->before_s, window), code;

	left_ns = is_asked ? begun_ns + options->before_s * 1000 * MS - monotonic_ns() : 0;
	if (!signal)
		signal = supervise_signal_within(left_ns);
	if (signal) {
		warnx("%s: %s did not run", strsignal(signal), options->command[0]);
		return 128 + signal;
	}
	code = supervise_run(options->command);
	if (is_asked)
		supervise_signal_within(options->after_s * 1000 * MS);
	return code;
}

int cmd_record_window(int argc, char **argv)
{
	struct options options = { .before_s = BEFORE_S, .after_s = AFTER_S };
	char name[] = "fenceline record window", path[PATH_MAX];
	uint64_t window = 0;
	int64_t opened_ns;
	int request, code;

	argv[0] = name;
	if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &options))
		return EXIT_USAGE;
	if (supervise_under_shim(options.command[0]))
		return EXIT_FAILED;
	supervise_hold_signals();
	request = window_ask(path);
	if (request < 0)
		warnx("no window can be asked for (%s); the command runs all the same", strerror(-request));
	opened_ns = epoch_ns();
	code = run_inside(&options, request >= 0, &window);
	if (window)
		tell_window_closed(window, false, opened_ns);
	if (request >= 0) {
		unlink(path);
		close(request);
	}
	return code;
}
