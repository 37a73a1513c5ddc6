/* SPDX-License-Identifier: MIT */
/* `fenceline record daemon`: its options, on the command line and, read again at SIGHUP, in /etc/default/fenceline. */
#include "run/commands.h"
#include "daemon/daemon.h"
#include "daemon/options_file.h"
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

#define DEFAULTS          "/etc/default/fenceline"
#define DEFAULTS_VARIABLE "FENCELINE_OPTIONS"
#define WORDS             255

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
	  "Incident folders that stay: the newest N (default: 50; less if they take more than half of the disk's room), or what takes "
	  "no more than SIZE, such as 10G",
	  0 },
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
	  "What SIGHUP rereads: " DEFAULTS_VARIABLE "=\"...\" in it (default: " DEFAULTS ")", 0 },
	{ 0 },
};

static const char *options_file = DEFAULTS;

/* At a rereading argp_error does not end the program: then nothing of the file is taken. */
static error_t parse_keep(const char *arg, struct argp_state *state, struct daemon_options *options)
{
	char *end;
	unsigned long count = strtoul(arg, &end, 10);

	if (*arg >= '0' && *arg <= '9' && !*end && count && count < 1000000) {
		options->keep_count = (uint32_t)count;
		options->keep_bytes = 0;
		return 0;
	}
	options->keep_count = 0;
	if (!profile_parse_size(arg, &options->keep_bytes))
		return 0;
	argp_error(state, "--keep takes a number of folders or a size such as 10G, not '%s'", arg);
	return EINVAL;
}

static error_t parse_timeout(const char *arg, struct argp_state *state, struct daemon_options *options)
{
	char *end;
	unsigned long seconds = strtoul(arg, &end, 10);

	options->watch_timeout_s = (uint32_t)seconds;
	if (*arg >= '0' && *arg <= '9' && !*end && seconds && seconds <= 86400)
		return 0;
	argp_error(state, "--watch-timeout takes a whole number of seconds, 1 to 86400, not '%s'", arg);
	return EINVAL;
}

static error_t parse_log(const char *arg, struct argp_state *state, struct daemon_options *options)
{
	char path[PATH_MAX];

	if (options->log_count == DAEMON_LOGS) {
		argp_error(state, "no more than %d logs", DAEMON_LOGS);
		return EINVAL;
	}
	/* The daemon works elsewhere; a log that is not there yet may come. */
	if (*arg == '/' || !getcwd(path, sizeof path))
		options->logs[options->log_count++] = arg;
	else if (asprintf((char **)&options->logs[options->log_count], "%s/%s", path, arg) >= 0)
		options->log_count++;
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct daemon_options *options = state->input;

	switch (key) {
	case 'o':
		options->output = arg;
		return 0;
	case 'f':
		if (!arg || !profile_parse_size(arg, &options->ring_bytes))
			return 0;
		argp_error(state, "--flight-recorder takes a size such as 4M, not '%s'", arg);
		return EINVAL;
	case KEY_BUFFERS:
		options->per_uid = !strcmp(arg, "uid");
		if (options->per_uid || !strcmp(arg, "pid"))
			return 0;
		argp_error(state, "--buffers is pid or uid, not '%s'", arg);
		return EINVAL;
	case KEY_KEEP:
		return parse_keep(arg, state, options);
	case KEY_WITH:
	case ARGP_KEY_ARG:
		return parse_log(arg, state, options);
	case KEY_ON_INCIDENT:
		options->on_incident = arg;
		return 0;
	case KEY_WATCH_TIMEOUT:
		return parse_timeout(arg, state, options);
	case KEY_ALSO:
		options->also_watch_error = !strcmp(arg, "watch-error");
		if (options->also_watch_error)
			return 0;
		argp_error(state, "--also takes watch-error, not '%s'", arg);
		return EINVAL;
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
		options->ship = arg;
		if (!strncmp(arg, "clickhouse://", strlen("clickhouse://")))
			return 0;
		argp_error(state, "--ship takes clickhouse://[USER@]HOST[:PORT]/DB, not '%s'", arg);
		return EINVAL;
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

/* ---- read again ---- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_folder(const char *a, const char *b)
{
	struct stat one, other;

	return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static bool same_logs(const struct daemon_options *a, const struct daemon_options *b)
{
	size_t i = 0;

	while (i < a->log_count && i < b->log_count && !strcmp(a->logs[i], b->logs[i]))
		i++;
	return i == a->log_count && i == b->log_count;
}

static void tell_what_stays(const struct daemon_options *now, const struct daemon_options *fresh)
{
	const struct {
		const char *what;
		bool changed;
	} options[] = {
		{ "--output stays as it is", fresh->output && !same_folder(fresh->output, now->output) },
		{ "--flight-recorder stays as it is", fresh->ring_bytes != now->ring_bytes },
		{ "--buffers stays as it is", fresh->per_uid != now->per_uid },
		{ "--watch-timeout stays as it is", fresh->watch_timeout_s != now->watch_timeout_s },
		{ "--also stays as it is", fresh->also_watch_error != now->also_watch_error },
		{ "--listen stays as it is", !same_text(fresh->listen, now->listen) },
		{ "--alertmanager stays as it is", !same_text(fresh->alertmanager, now->alertmanager) },
		{ "--ship stays as it is", !same_text(fresh->ship, now->ship) },
		{ "the logs that are shipped stay the same", now->ship && !same_logs(fresh, now) },
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].changed)
			warnx("%s until the daemon is started anew", options[i].what);
}

/* What is looked at as the daemon goes on; all else is what it was begun with. */
static void take_fresh(struct daemon_options *now, const struct daemon_options *fresh)
{
	now->keep_count = fresh->keep_count;
	now->keep_bytes = fresh->keep_bytes;
	memcpy(now->logs, fresh->logs, sizeof now->logs);
	now->log_count = fresh->log_count;
	now->on_incident = fresh->on_incident;
	now->textfile = fresh->textfile;
}

static int reread(struct daemon_options *options)
{
	static char *held; /* what the options of the last reload borrow from */
	struct daemon_options fresh;
	char *arguments[WORDS + 2] = { "fenceline record daemon" }, *text;
	const char *file = options_file;
	int count = options_file_words(file, DEFAULTS_VARIABLE, arguments + 1, WORDS, &text);

	if (count < 0) {
		warnx("cannot read options from %s: %s", file, strerror(-count));
		return count;
	}
	defaults(&fresh);
	if (argp_parse(&parser, count + 1, arguments, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &fresh)) {
		options_file = file;
		free(text);
		return -EINVAL;
	}
	tell_what_stays(options, &fresh);
	take_fresh(options, &fresh);
	free(held);
	held = text;
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
