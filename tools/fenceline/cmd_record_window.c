/* SPDX-License-Identifier: MIT */
/* `fenceline record window`: a command, and every I/O recorded around it by the record daemon of this host. */
#include "run/commands.h"
#include "daemon/window.h"
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
#include <time.h>
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
	"daemon CMD runs all the same. Exits with CMD's code.\n\n"
	"Examples:\n"
	"  fenceline record window -- rbd snap create vms/vm1@tonight\n"
	"  fenceline record window --before 10 --after 60 -- /usr/local/bin/rotate-snapshots",
	NULL,
	NULL,
	NULL,
};

/* The daemon looks for locked files: a lock ends with its process, however that ends. It may take one away before it is locked. */
static int ask(char path[PATH_MAX])
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

static void wait_s(unsigned seconds)
{
	struct timespec left = { seconds, 0 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

int cmd_record_window(int argc, char **argv)
{
	struct options options = { .before_s = BEFORE_S, .after_s = AFTER_S };
	char name[] = "fenceline record window", path[PATH_MAX];
	int request, code;

	argv[0] = name;
	if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &options))
		return EXIT_USAGE;
	if (supervise_under_shim(options.command[0]))
		return EXIT_FAILED;
	supervise_hold_signals();
	request = ask(path);
	if (request < 0)
		warnx("no window can be asked for (%s); the command runs all the same", strerror(-request));
	else
		wait_s(options.before_s);
	code = supervise_run(options.command);
	if (request >= 0) {
		wait_s(options.after_s);
		unlink(path);
		close(request);
	}
	return code;
}
