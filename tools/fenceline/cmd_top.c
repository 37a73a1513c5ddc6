/* SPDX-License-Identifier: MIT */
/* `fenceline top`: this host's VMs, live, from their status pages. */
#include "run/commands.h"
#include "metrics/top.h"
#include "run/now.h"

#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	bool once, json;
	unsigned watch_timeout;
};

enum { OPTION_ONCE = 256, OPTION_WATCH_TIMEOUT };

static const struct argp_option option_table[] = {
	{ "once", OPTION_ONCE, NULL, 0, "Print one look and end", 0 },
	{ "format", 'f', "FORMAT", 0, "text (the default) or json (fenceline/top/1; one document a look)", 0 },
	{ "watch-timeout", OPTION_WATCH_TIMEOUT, "SECONDS", 0,
	  "osd_client_watch_timeout of the cluster; without it 30 is assumed", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char *end;
	long seconds;

	switch (key) {
	case OPTION_ONCE:
		options->once = true;
		return 0;
	case 'f':
		if (strcmp(arg, "text") && strcmp(arg, "json"))
			argp_error(state, "--format takes text or json, not '%s'", arg);
		options->json = !strcmp(arg, "json");
		return 0;
	case OPTION_WATCH_TIMEOUT:
		seconds = strtol(arg, &end, 10);
		if (end == arg || *end || seconds < 1 || seconds > 86400)
			argp_error(state, "--watch-timeout takes seconds, 1 to 86400, not '%s'", arg);
		options->watch_timeout = seconds;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "top takes no argument '%s'; it shows this host", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	option_table,
	parse_option,
	NULL,
	"This host's VMs, live: when each one's last watch ping was answered, how many are unanswered, how long its watch lasts "
	"without "
	"one, what I/O is under way, which OSD answers."
	"\vIt reads the status pages of processes under the shim once a second; nothing has to be recorded. Root sees all of "
	"them, others their own. It goes on until INT (^C) or TERM.\n\n"
	"ACK s: seconds since the newest answered watch ping was sent; below 6 is healthy. UNANSW: pings without an answer 2 s "
	"after "
	"they were sent. LEFT s: seconds until the OSD drops the watch, if no ping is answered. STATE: `silent` if nothing was "
	"seen of the watch for longer than the OSD's timeout, neither an answer nor a ping that waits for one; FENCED if the "
	"client is on the blocklist.\n\n"
	"Examples:\n"
	"  fenceline top\n"
	"  fenceline top --once\n"
	"  fenceline top --once --format json | jq '.vms[].vm.name'\n\n"
	"Exit codes: 0 done, 1 failed, 2 usage.",
	NULL,
	NULL,
	NULL,
};

static volatile sig_atomic_t ended;

static void top_stop(int signal)
{
	(void)signal;
	ended = 1;
}

static int top_look(struct status_finder *finder, struct host *host, const struct options *options)
{
	bool terminal = isatty(1) && !options->once && !options->json;
	int live;

	host_begin(host, epoch_ns());
	live = status_finder_look(finder, host_visit, host);
	host_end(host);
	if (live < 0) {
		fprintf(stderr, "fenceline: /proc: %s\n", strerror(-live));
		return EXIT_FAILED;
	}
	if (terminal)
		fputs("\033[H\033[2J", stdout);
	if (options->json)
		top_json(host, stdout);
	else
		top_text(host, stdout);
	fflush(stdout);
	return ferror(stdout) ? EXIT_FAILED : EXIT_DONE;
}

int cmd_top(int argc, char **argv)
{
	struct options options = { 0 };
	struct status_finder *finder = status_finder_new();
	struct host *host;
	int code;

	if (argp_parse(&parser, argc, argv, 0, NULL, &options))
		return EXIT_USAGE;
	host = host_new(options.watch_timeout);
	if (!finder || !host) {
		fprintf(stderr, "fenceline: %s\n", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	signal(SIGINT, top_stop);
	signal(SIGTERM, top_stop);
	do
		code = top_look(finder, host, &options);
	while (code == EXIT_DONE && !options.once && (poll(NULL, 0, 1000), !ended));
	host_free(host);
	status_finder_free(finder);
	return code;
}
