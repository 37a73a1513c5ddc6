/* SPDX-License-Identifier: MIT */
/* Running the command of `fenceline run`. */
#include "run/supervise.h"
#include "run/shim_path.h"
#include "fenceline/provider.h"
#include "run/now.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
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

int supervise_wait(pid_t child)
{
	siginfo_t info;
	sigset_t set;
	int code;

	passed_signals(&set);
	while (!has_ended(child, &code)) /* asked first: SIGCHLD may be one for several, or have been ignored since before us */
		if (sigwaitinfo(&set, &info) > 0 && info.si_signo != SIGCHLD)
			pass_on(child, &info);
	return code;
}

/* Blocked as it is, a signal comes even if it is to be ignored, as under nohup and in a shell's background. */
static bool ends_us(int signal)
{
	struct sigaction action;

	return (signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT) &&
	       (sigaction(signal, NULL, &action) || action.sa_handler != SIG_IGN);
}

int supervise_signal_within(int64_t timeout_ns)
{
	int64_t left_ns, until_ns = monotonic_ns() + timeout_ns;
	siginfo_t info;
	sigset_t set;
	int signal;

	passed_signals(&set);
	sigdelset(&set, SIGCHLD);
	do {
		left_ns = until_ns - monotonic_ns();
		left_ns = left_ns > 0 ? left_ns : 0;
		signal = sigtimedwait(&set, &info, &(struct timespec){ left_ns / 1000000000, left_ns % 1000000000 });
		if (signal == SIGTSTP)
			raise(SIGSTOP);
	} while (!ends_us(signal) && (signal > 0 || errno == EINTR)); /* a window that changes its size ends no wait */
	return signal > 0 ? signal : 0;
}

int supervise_run(char **argv)
{
	int signal = supervise_signal_within(0);
	pid_t child;

	if (signal) {
		warnx("%s: %s did not run", strsignal(signal), argv[0]);
		return 128 + signal;
	}
	child = fork();
	if (child < 0) {
		warn("cannot run %s", argv[0]);
		return 126;
	}
	if (!child) {
		sigprocmask(SIG_SETMASK, &signals_before, NULL);
		_exit(supervise_exec(argv));
	}
	return supervise_wait(child);
}

/* What the child says before its exec, and once more if that failed. */
struct start {
	int64_t at_ns;
	int error;
};

/* In the child: nothing but system calls, since other threads may have held any lock at the fork. */
static void wait_for_word(char **argv, int out, int word, int started)
{
	struct start start = { 0 };
	int64_t deadline_ns;

	sigprocmask(SIG_SETMASK, &signals_before, NULL);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	if (read(word, &deadline_ns, sizeof deadline_ns) != sizeof deadline_ns)
		_exit(0);
	start.at_ns = monotonic_ns();
	start.error = start.at_ns > deadline_ns ? ETIME : 0;
	if (write(started, &start, sizeof start) != sizeof start || start.error)
		_exit(126);
	execvp(argv[0], argv);
	start.error = errno;
	_exit(write(started, &start, sizeof start) == sizeof start ? 127 : 126);
}

int supervise_fork(char **argv, int out, struct supervise_gate *gate)
{
	int word[2], started[2], status;

	if (pipe2(word, O_CLOEXEC))
		return -errno;
	if (pipe2(started, O_CLOEXEC)) {
		status = -errno;
		goto close_word;
	}
	gate->pid = fork();
	if (!gate->pid) {
		close(word[1]); /* or the end of the parent would never be seen */
		wait_for_word(argv, out, word[0], started[1]);
	}
	status = gate->pid < 0 ? -errno : 0;
	gate->word = word[1];
	gate->started = started[0];
	close(started[1]);
	if (!status) {
		close(word[0]);
		return 0;
	}
	close(started[0]);
close_word:
	close(word[0]);
	close(word[1]);
	return status;
}

static bool read_start(int fd, struct start *start)
{
	ssize_t bytes;

	do
		bytes = read(fd, start, sizeof *start);
	while (bytes < 0 && errno == EINTR);
	return bytes == sizeof *start;
}

int supervise_let_go(struct supervise_gate *gate, int64_t deadline_ns, int64_t *at_ns)
{
	struct start start = { 0 }, failed;
	ssize_t bytes = write(gate->word, &deadline_ns, sizeof deadline_ns);

	close(gate->word);
	/* Two words of one pipe: the first at the exec, the second only if it failed. */
	if (bytes != sizeof deadline_ns || !read_start(gate->started, &start))
		start.error = EPIPE;
	else if (!start.error && read_start(gate->started, &failed))
		start.error = failed.error;
	close(gate->started);
	*at_ns = start.at_ns;
	if (start.error)
		waitpid(gate->pid, NULL, 0);
	return -start.error;
}

void supervise_call_off(struct supervise_gate *gate)
{
	close(gate->word);
	close(gate->started);
	waitpid(gate->pid, NULL, 0);
}
