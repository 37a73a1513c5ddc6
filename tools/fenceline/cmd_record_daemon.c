/* SPDX-License-Identifier: MIT */
/* `fenceline record daemon`: its options, on the command line and, read again at SIGHUP, in /etc/default/fenceline. */
#include "run/commands.h"
#include "daemon/daemon.h"
#include "record/profile.h"

#include <argp.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wordexp.h>

#define DEFAULTS          "/etc/default/fenceline"
#define DEFAULTS_VARIABLE "FENCELINE_OPTIONS="

enum {
	KEY_BUFFERS = 256,
	KEY_KEEP,
	KEY_WITH,
	KEY_ON_INCIDENT,
	KEY_WATCH_TIMEOUT,
	KEY_ALSO,
	KEY_TEXTFILE,
	KEY_LISTEN,
	KEY_ALERTMANAGER,
	KEY_OPTIONS_FILE,
	KEY_SHIP,
};

static const struct argp_option option_table[] = {
	{ "output", 'o', "DIR", 0, "Where incidents/ and the daemon's own work/ are", 0 },
	{ "flight-recorder", 'f', "SIZE", OPTION_ARG_OPTIONAL,
	  "Memory of the ring of each process (with --buffers=uid: of each user), all CPUs together (default: 4M)", 0 },
	{ "buffers", KEY_BUFFERS, "pid|uid", 0,
	  "pid (default): a ring for each process, which no other one can read or harm; uid: one for all processes of a user, "
	  "which "
	  "takes less memory",
	  0 },
	{ "keep", KEY_KEEP, "N|SIZE", 0,
	  "Incident folders that stay: the newest N (default: 50), or what takes no more than SIZE, such as 10G", 0 },
	{ "with", KEY_WITH, "LOG", 0,
	  "A log whose lines belong to an incident (audit, OSD, QEMU ...); as often as there are logs", 0 },
	{ "on-incident", KEY_ON_INCIDENT, "CMD", 0,
	  "Run by the shell for each incident, its JSON on stdin, FENCELINE_FOLDER and FENCELINE_VM in its environment; ended "
	  "after 30 s",
	  0 },
	{ "watch-timeout", KEY_WATCH_TIMEOUT, "S", 0, "The cluster's osd_client_watch_timeout, where no evidence holds it", 0 },
	{ "also", KEY_ALSO, "watch-error", 0, "Also leave a folder for a watch that failed without a fence", 0 },
	{ "textfile", KEY_TEXTFILE, "DIR", 0, "Write metrics to DIR/fenceline.prom, for node_exporter's textfile collector", 0 },
	{ "listen", KEY_LISTEN, "[ADDR:]PORT", 0, "Serve /metrics and /v1/client/ADDRESS by HTTP; 127.0.0.1 without ADDR", 0 },
	{ "alertmanager", KEY_ALERTMANAGER, "URL", 0, "Post alerts to Alertmanager when a watch has two pings unanswered", 0 },
	{ "ship", KEY_SHIP, "URL", 0,
	  "Ship to the store of many hosts at clickhouse://[USER@]HOST[:PORT]/DB what this host sees of fences; see "
	  "fenceline-ship(1)",
	  0 },
	{ "options-file", KEY_OPTIONS_FILE, "FILE", 0,
	  "What SIGHUP rereads: " DEFAULTS_VARIABLE "\"...\" in it (default: " DEFAULTS ")", 0 },
	{ 0 },
};

static const char *options_file = DEFAULTS;

static void parse_keep(const char *arg, struct argp_state *state, struct daemon_options *options)
{
	char *end;
	unsigned long count = strtoul(arg, &end, 10);

	if (*arg >= '0' && *arg <= '9' && !*end && count && count < 1000000) {
		options->keep_count = (uint32_t)count;
		options->keep_bytes = 0;
	} else if (profile_parse_size(arg, &options->keep_bytes)) {
		argp_error(state, "--keep takes a number of folders or a size such as 10G, not '%s'", arg);
	} else {
		options->keep_count = 0;
	}
}

static void parse_timeout(const char *arg, struct argp_state *state, struct daemon_options *options)
{
	char *end;
	unsigned long seconds = strtoul(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || !seconds || seconds > 86400)
		argp_error(state, "--watch-timeout takes a whole number of seconds, 1 to 86400, not '%s'", arg);
	options->watch_timeout_s = (uint32_t)seconds;
}

static void parse_log(const char *arg, struct argp_state *state, struct daemon_options *options)
{
	char path[PATH_MAX];

	if (options->log_count == DAEMON_LOGS)
		argp_error(state, "no more than %d logs", DAEMON_LOGS);
	/* The daemon works elsewhere; a log that is not there yet may come. */
	if (*arg == '/' || !getcwd(path, sizeof path))
		options->logs[options->log_count++] = arg;
	else if (asprintf((char **)&options->logs[options->log_count], "%s/%s", path, arg) >= 0)
		options->log_count++;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct daemon_options *options = state->input;

	switch (key) {
	case 'o':
		options->output = arg;
		return 0;
	case 'f':
		if (arg && profile_parse_size(arg, &options->ring_bytes))
			argp_error(state, "--flight-recorder takes a size such as 4M, not '%s'", arg);
		return 0;
	case KEY_BUFFERS:
		options->per_uid = !strcmp(arg, "uid");
		if (!options->per_uid && strcmp(arg, "pid"))
			argp_error(state, "--buffers is pid or uid, not '%s'", arg);
		return 0;
	case KEY_KEEP:
		parse_keep(arg, state, options);
		return 0;
	case KEY_WITH:
	case ARGP_KEY_ARG:
		parse_log(arg, state, options);
		return 0;
	case KEY_ON_INCIDENT:
		options->on_incident = arg;
		return 0;
	case KEY_WATCH_TIMEOUT:
		parse_timeout(arg, state, options);
		return 0;
	case KEY_ALSO:
		if (strcmp(arg, "watch-error"))
			argp_error(state, "--also takes watch-error, not '%s'", arg);
		options->also_watch_error = true;
		return 0;
	case KEY_TEXTFILE:
		options->textfile = arg;
		return 0;
	case KEY_LISTEN:
		options->listen = arg;
		return 0;
	case KEY_ALERTMANAGER:
		options->alertmanager = arg;
		return 0;
	case KEY_SHIP:
		if (strncmp(arg, "clickhouse://", strlen("clickhouse://")))
			argp_error(state, "--ship takes clickhouse://[USER@]HOST[:PORT]/DB, not '%s'", arg);
		options->ship = arg;
		return 0;
	case KEY_OPTIONS_FILE:
		options_file = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	option_table,
	parse_option,
	"[LOG...]",
	"Record always, and leave a folder for each fence: trace, verdict and page, seconds later, with nobody there."
	"\vRuns in the foreground until SIGTERM. For each fenced client DIR/incidents/TIME-VM/ holds trace/, logs/ (the lines "
	"of --with that matter), incidents.json, timeline.txt and timeline.html; it is complete or not there. The folder is "
	"itself an INPUT of `fenceline incidents`: together with the other host's folder, or with more logs, the verdict may "
	"become stronger.\n\n"
	"On a compute node it notices the -108 of a VM, on a host that takes snapshots the blocklist command that was sent.\n\n"
	"Examples:\n"
	"  fenceline record daemon --output /var/lib/fenceline\n"
	"  fenceline record daemon --output /var/lib/fenceline --keep 10G \\\n"
	"      --with /var/log/ceph/ceph.audit.log\n"
	"  fenceline record daemon --output /var/lib/fenceline \\\n"
	"      --on-incident 'mail -s \"$FENCELINE_VM fenced\" ops'\n\n"
	"Exit codes: 0 done, 1 failed, 2 usage.",
	NULL,
	NULL,
	NULL,
};

static void defaults(struct daemon_options *options)
{
	*options = (struct daemon_options){ .ring_bytes = DAEMON_RING_BYTES, .keep_count = DAEMON_KEEP };
}

/* The words of the file's variable as a shell would split them; nothing in it is run. 0 or -errno. */
static int read_words(wordexp_t *words)
{
	char *line = NULL, *value = NULL;
	size_t room = 0;
	FILE *file = fopen(options_file, "re");
	int status = file ? -ENODATA : -errno;

	while (file && getline(&line, &room, file) > 0)
		if (!strncmp(line, DEFAULTS_VARIABLE, strlen(DEFAULTS_VARIABLE))) {
			free(value);
			line[strcspn(line, "\n")] = '\0';
			value = strdup(line + strlen(DEFAULTS_VARIABLE));
			status = value ? 0 : -ENOMEM;
		}
	if (file)
		fclose(file);
	free(line);
	if (!status) {
		wordexp_t outer;
		/* Twice: the value is quoted as one word, and holds words. */
		status = wordexp(value, &outer, WRDE_NOCMD) ? -EINVAL : 0;
		if (!status) {
			if (wordexp(outer.we_wordc ? outer.we_wordv[0] : "", words, WRDE_NOCMD))
				status = -EINVAL;
			wordfree(&outer);
		}
	}
	free(value);
	return status;
}

static int reread(struct daemon_options *options)
{
	struct daemon_options fresh;
	char *arguments[256] = { "fenceline record daemon" };
	wordexp_t words; /* borrowed from by the options from here on, so never freed */
	int status = read_words(&words), count = 1;

	if (status) {
		warnx("cannot read options from %s: %s", options_file, strerror(-status));
		return status;
	}
	for (size_t i = 0; i < words.we_wordc && count < 255; i++)
		arguments[count++] = words.we_wordv[i];
	defaults(&fresh);
	if (argp_parse(&parser, count, arguments, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &fresh))
		return -EINVAL;
	if (fresh.ring_bytes != options->ring_bytes || fresh.per_uid != options->per_uid)
		warnx("--flight-recorder, --buffers, --listen, --alertmanager and --ship stay as they are until the daemon is "
		      "started anew");
	fresh.output = options->output;
	fresh.ring_bytes = options->ring_bytes;
	fresh.per_uid = options->per_uid;
	fresh.listen = options->listen;
	fresh.alertmanager = options->alertmanager;
	fresh.ship = options->ship;
	*options = fresh;
	return 0;
}

int cmd_record_daemon(int argc, char **argv)
{
	static char output[PATH_MAX];
	struct daemon_options options;
	char name[] = "fenceline record daemon";

	argv[0] = name;
	defaults(&options);
	if (argp_parse(&parser, argc, argv, 0, NULL, &options))
		return EXIT_USAGE;
	if (!options.output) {
		warnx("record daemon needs --output DIR");
		return EXIT_USAGE;
	}
	if (mkdir(options.output, 0750) && errno != EEXIST) {
		warn("cannot make %s", options.output);
		return EXIT_FAILED;
	}
	if (!realpath(options.output, output)) {
		warn("cannot use %s", options.output);
		return EXIT_FAILED;
	}
	options.output = output;
	return daemon_run(&options, reread);
}
