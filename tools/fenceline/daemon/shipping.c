/* SPDX-License-Identifier: MIT */
#include "daemon/shipping.h"
#include "daemon/files.h"
#include "daemon/say.h"
#include "run/programs.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLOWEST_RETRY 60 /* ticks */
#define END_MS        5000

extern char **environ;

struct shipping {
	const struct daemon_options *options;
	char folders[2][PATH_MAX], spool[PATH_MAX];
	pid_t pid;            /* 0: it does not run */
	unsigned wait, retry; /* ticks until the next start; how long the last wait was */
};

struct shipping *shipping_new(const struct daemon_options *options)
{
	struct shipping *shipping = options->ship ? calloc(1, sizeof *shipping) : NULL;

	if (!shipping)
		return NULL;
	shipping->options = options;
	files_path(shipping->folders[0], "%s/incidents", options->output);
	files_path(shipping->folders[1], "%s/work/fencers", options->output);
	files_path(shipping->spool, "%s/spool", options->output);
	return shipping;
}

/* The daemon blocks the signals that end it: its child must not. */
static int spawn(const char *path, char *const arguments[], pid_t *pid)
{
	posix_spawnattr_t attributes;
	sigset_t none;
	int status;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	status = -posix_spawn(pid, path, NULL, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	return status;
}

static int shipping_start(struct shipping *shipping)
{
	static char words[][16] = { "fenceline", "ship", "--follow", "--pages", "--spool" };
	char *arguments[DAEMON_LOGS + 16], path[PATH_MAX];
	const struct daemon_options *options = shipping->options;
	int count = 0, status = 0;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		arguments[count++] = words[i];
	arguments[count++] = shipping->spool;
	arguments[count++] = (char *)options->ship;
	for (int i = 0; i < 2 && !status; i++) {
		status = files_make_folders(shipping->folders[i]);
		arguments[count++] = shipping->folders[i];
	}
	for (size_t i = 0; i < options->log_count; i++)
		if (!access(options->logs[i], R_OK))
			arguments[count++] = (char *)options->logs[i];
	arguments[count] = NULL;
	if (!status)
		status = programs_find("fleet", path, sizeof path);
	return status ? status : spawn(path, arguments, &shipping->pid);
}

void shipping_tick(struct shipping *shipping)
{
	int status;

	if (!shipping)
		return;
	if (shipping->pid && waitpid(shipping->pid, &status, WNOHANG) == shipping->pid) {
		say("what ships to the store has ended; it is started anew");
		shipping->pid = 0;
		shipping->retry = shipping->retry ? shipping->retry * 2 : 2;
		shipping->retry = shipping->retry > SLOWEST_RETRY ? SLOWEST_RETRY : shipping->retry;
		shipping->wait = shipping->retry;
	}
	if (shipping->pid || (shipping->wait && --shipping->wait))
		return;
	status = shipping_start(shipping);
	if (!status)
		return;
	if (shipping->retry != SLOWEST_RETRY)
		say("--ship: cannot start fenceline-fleet: %s", strerror(-status));
	shipping->pid = 0;
	shipping->wait = shipping->retry = SLOWEST_RETRY;
}

void shipping_free(struct shipping *shipping)
{
	if (!shipping)
		return;
	if (shipping->pid)
		kill(shipping->pid, SIGTERM);
	for (int ms = 0; shipping->pid && ms < END_MS; ms += 50) {
		if (waitpid(shipping->pid, NULL, WNOHANG) == shipping->pid)
			shipping->pid = 0;
		else
			nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	}
	if (shipping->pid) {
		kill(shipping->pid, SIGKILL);
		waitpid(shipping->pid, NULL, 0);
	}
	free(shipping);
}
