/* SPDX-License-Identifier: MIT */
#include "daemon/hook.h"
#include "run/now.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void become(const char *command, const char *folder, const char *vm)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LANG=C.UTF-8";
	char document[PATH_MAX + 32], its_folder[PATH_MAX + 32], its_vm[300];
	char *environment[] = { path, lang, its_folder, its_vm, NULL };
	int fd;

	snprintf(document, sizeof document, "%s/incidents.json", folder);
	snprintf(its_folder, sizeof its_folder, "FENCELINE_FOLDER=%s", folder);
	snprintf(its_vm, sizeof its_vm, "FENCELINE_VM=%s", vm);
	fd = open(document, O_RDONLY);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 || chdir("/"))
		_exit(127);
	syscall(__NR_close_range, 3, ~0U, 0); /* by its number: bullseye's libc has no function for it */
	execle("/bin/sh", "sh", "-c", command, NULL, environment);
	_exit(127);
}

static volatile sig_atomic_t running; /* the pid of its group */

static void end_with_it(int number)
{
	if (running > 0)
		kill(-running, SIGKILL);
	_exit(128 + number);
}

int hook_run(const char *command, const char *folder, const char *vm, int ms)
{
	int64_t until = monotonic_ms() + ms;
	pid_t child = fork();
	int status;

	if (child < 0)
		return -errno;
	if (!child) {
		setpgid(0, 0);
		become(command, folder, vm);
	}
	setpgid(child, child);
	running = child;
	signal(SIGTERM, end_with_it);
	while (waitpid(child, &status, WNOHANG) != child) {
		if (monotonic_ms() > until) {
			kill(-child, SIGKILL);
			waitpid(child, &status, 0);
			running = 0;
			return -ETIMEDOUT;
		}
		nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
	}
	running = 0;
	kill(-child, SIGKILL); /* what it left in the background */
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
