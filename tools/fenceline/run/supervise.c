/* SPDX-License-Identifier: MIT */
/* Running the command of `fenceline run`. */
#include "run/supervise.h"
#include "run/shim_path.h"
#include "fenceline/provider.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static sigset_t signals_before;

int supervise_is_qemu_system(const char *command)
{
	const char *slash = strrchr(command, '/'), *name = slash ? slash + 1 : command;

	return !strncmp(name, "qemu-system-", strlen("qemu-system-")) || !strcmp(name, "qemu-kvm") || !strcmp(name, "kvm");
}

int supervise_environment(const char *command, const char *shim)
{
	char *preload = shim_path_preload(getenv("LD_PRELOAD"), shim);
	int status = preload ? setenv("LD_PRELOAD", preload, 1) : -1;

	free(preload);
	if (!status && supervise_is_qemu_system(command))
		status = setenv("LTTNG_UST_REGISTER_TIMEOUT", FL_REGISTER_TIMEOUT_MS, 0);
	return status ? -ENOMEM : 0;
}

int supervise_under_shim(const char *command)
{
	char shim[PATH_MAX * 4];
	int status = shim_path_find_self(shim, sizeof shim);

	if (status == -ENOENT)
		warnx("the shim is missing; looked for %s", shim);
	else if (status)
		warnx("cannot tell where the shim is: %s", strerror(-status));
	else if ((status = supervise_environment(command, shim)))
		warnx("cannot set the environment: %s", strerror(-status));
	return status;
}

int supervise_exec(char **argv)
{
	execvp(argv[0], argv);
	if (errno == ENOENT && !strchr(argv[0], '/'))
		warnx("%s: command not found", argv[0]);
	else
		warn("cannot run %s", argv[0]);
	return errno == ENOENT ? 127 : 126;
}

static void passed_signals(sigset_t *set)
{
	static const int passed[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT };

	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
		sigaddset(set, passed[i]);
}

void supervise_hold_signals(void)
{
	sigset_t set;

	passed_signals(&set);
	sigprocmask(SIG_BLOCK, &set, &signals_before);
}

/* Pass on one signal. si_code tells a person's kill() from what the kernel sends to a whole process group. */
static void pass_on(pid_t child, const siginfo_t *info)
{
	int stops_us = info->si_signo == SIGTSTP;

	if (info->si_code != SI_KERNEL)
		kill(child, info->si_signo);
	if (stops_us) /* blocked as it is it would not stop us: do what it asks for */
		raise(SIGSTOP);
}

/* Returns 1 with the exit code once the child has ended. */
static int has_ended(pid_t child, int *code)
{
	int status;

	if (waitpid(child, &status, WNOHANG) != child)
		return 0;
	*code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 1;
}

int supervise_run(char **argv)
{
	siginfo_t info;
	sigset_t set;
	pid_t child;
	int code;

	passed_signals(&set);
	child = fork();
	if (child < 0) {
		warn("cannot run %s", argv[0]);
		return 126;
	}
	if (!child) {
		sigprocmask(SIG_SETMASK, &signals_before, NULL);
		_exit(supervise_exec(argv));
	}
	while (!has_ended(child, &code)) /* asked first: SIGCHLD may be one for several, or have been ignored since before us */
		if (sigwaitinfo(&set, &info) > 0 && info.si_signo != SIGCHLD)
			pass_on(child, &info);
	return code;
}
