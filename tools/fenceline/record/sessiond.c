/* SPDX-License-Identifier: MIT */
/* Starting and ending the LTTng session daemon. */
#include "record/sessiond.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lttng/lttng.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SESSIOND         "lttng-sessiond"
#define START_TIMEOUT_MS 10000
#define END_TIMEOUT_MS   20000
#define GAVE_UP_MS       5000 /* until then one that gives up at once is tried again */

extern char **environ;

/* ---- Where things are ---- */

static const char *lttng_home(void)
{
	const char *home = getenv("LTTNG_HOME");

	if (!home || !*home)
		home = getenv("HOME");
	return home && *home ? home : "/";
}

static void state_folder(char *path, size_t size)
{
	if (geteuid())
		snprintf(path, size, "%s/.lttng/fenceline", lttng_home());
	else
		snprintf(path, size, "/run/fenceline");
}

static void state_file(char *path, size_t size)
{
	char folder[PATH_MAX - 16];

	state_folder(folder, sizeof folder);
	snprintf(path, size, "%s/sessiond", folder);
}

int sessiond_pid(void)
{
	char path[PATH_MAX];
	FILE *file;
	int pid = 0;

	if (geteuid())
		snprintf(path, sizeof path, "%s/.lttng/lttng-sessiond.pid", lttng_home());
	else
		snprintf(path, sizeof path, "/var/run/lttng/lttng-sessiond.pid");
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid;
}

/* When the process started, in clock ticks since boot (field 22 of its stat); 0 if there is no such process. */
static unsigned long long start_time(int pid)
{
	unsigned long long start = 0;
	char path[64], line[1024], *after;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	/* The name in parentheses may hold anything; the state, field 3, follows the last one. A zombie has ended. */
	if (fgets(line, sizeof line, file) && (after = strrchr(line, ')')) && after[1] && after[2] != 'Z')
		if (sscanf(after + 2, "%*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
		           &start) != 1)
			start = 0;
	fclose(file);
	return start;
}

/* ---- The state folder ---- */

/* Returns the locked folder's descriptor or -errno. The folder may be removed by its last user while we wait: look again. */
static int state_lock(void)
{
	char path[PATH_MAX];
	struct stat ours, there;
	int fd;

	state_folder(path, sizeof path);
	for (;;) {
		for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
			*slash = '\0';
			mkdir(path, 0755);
			*slash = '/';
		}
		if (mkdir(path, 0755) && errno != EEXIST)
			return -errno;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX)) {
			close(fd);
			return -errno;
		}
		if (!fstat(fd, &ours) && !stat(path, &there) && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
			return fd;
		close(fd);
	}
}

static void state_unlock(int fd)
{
	char path[PATH_MAX];

	state_folder(path, sizeof path);
	rmdir(path); /* stays while it holds the note that a daemon is ours */
	close(fd);
}

static int state_write(int pid)
{
	char path[PATH_MAX];
	FILE *file;
	int status = 0;

	state_file(path, sizeof path);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	if (fprintf(file, "%d %llu\n", pid, start_time(pid)) < 0)
		status = -EIO;
	if (fclose(file))
		status = -errno;
	return status;
}

int sessiond_ours(void)
{
	char path[PATH_MAX];
	unsigned long long start = 0;
	FILE *file;
	int pid = 0;

	state_file(path, sizeof path);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%d %llu", &pid, &start) != 2)
		pid = 0;
	fclose(file);
	return pid > 0 && start && start == start_time(pid) ? pid : 0;
}

/* ---- Starting ---- */

struct seen {
	int pid;
	unsigned long long start; /* 0: there is none */
};

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

int sessiond_answers(void)
{
	return lttng_session_daemon_alive() == 1;
}

/* The last line that the daemon wrote before it gave up, without its end; "" if there is none. */
static void last_line(int fd, char *line, size_t size)
{
	char text[400], *begin;
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t length = pread(fd, text, sizeof text - 1, end < (off_t)sizeof text ? 0 : end - (off_t)sizeof text + 1);

	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length > 0 ? length : 0] = '\0';
	begin = strrchr(text, '\n');
	snprintf(line, size, "%s", begin ? begin + 1 : text);
}

/*
 * The daemon gives up on a process that takes longer than this to answer (LTTng's default is 5 s) and records nothing of it
 * from then on: a VM on a starved host is just such a process, and the very one whose trace is wanted. Not for ever, since
 * `record stop` waits as long for a process that stands still.
 */
#define APP_SOCKET_TIMEOUT "LTTNG_APP_SOCKET_TIMEOUT="
static char patience[] = APP_SOCKET_TIMEOUT "30";

/* Our environment without the shim (it has nothing to do in LTTng's own daemon) and with more patience. Owned by the caller,
 * the strings borrowed. */
static char **daemon_environment(void)
{
	bool patient = getenv("LTTNG_APP_SOCKET_TIMEOUT") != NULL;
	size_t count = 0, kept = 0;
	char **clean;

	while (environ[count])
		count++;
	clean = calloc(count + 2, sizeof *clean);
	for (size_t i = 0; clean && i < count; i++)
		if (strncmp(environ[i], "LD_PRELOAD=", strlen("LD_PRELOAD=")))
			clean[kept++] = environ[i];
	if (clean && !patient)
		clean[kept] = patience;
	return clean;
}

/* --daemonize returns when the daemon is ready, or with an exit code. Its messages go to `messages`. */
static int spawn_daemon(int messages, pid_t *pid)
{
	char *arguments[] = { SESSIOND, "--daemonize", "--no-kernel", NULL };
	char **environment = daemon_environment();
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int status;

	if (!environment)
		return -ENOMEM;
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, messages, 1);
	posix_spawn_file_actions_adddup2(&actions, messages, 2);
	status = -posix_spawnp(pid, SESSIOND, &actions, &attributes, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	free(environment);
	return status;
}

/* Spawns it and waits until it is ready. Its exit code, or -errno, which is said. */
static int run_daemonize(int messages)
{
	pid_t pid = 0;
	int status = spawn_daemon(messages, &pid), code = 0;

	if (status) {
		warnx("cannot start %s: %s; install the package lttng-tools", SESSIOND, strerror(-status));
		return status;
	}
	while (waitpid(pid, &code, 0) < 0 && errno == EINTR)
		;
	return code;
}

static int start_daemon(void)
{
	int messages = memfd_create(SESSIOND, MFD_CLOEXEC), status = 0, code;
	char line[512];

	if (messages < 0)
		return -errno;
	code = run_daemonize(messages);
	if (code < 0) {
		close(messages);
		return code;
	}
	for (int tried = 1; code >= 0 && !sessiond_answers() && tried <= START_TIMEOUT_MS / 50; tried++) {
		pause_ms(50);
		/* It gave up: another one is just being started, or one that ends holds its lock still. */
		if (code && tried % 10 == 0)
			code = tried < GAVE_UP_MS / 50 ? run_daemonize(messages) : -ECONNREFUSED;
	}
	if (!sessiond_answers()) {
		last_line(messages, line, sizeof line);
		warnx("%s was started and does not answer%s%s", SESSIOND, *line ? ": " : "", line);
		status = -ECONNREFUSED;
	} else if (!code) {
		status = state_write(sessiond_pid());
		if (status)
			warnx("%s was started, but that cannot be noted down (%s): it will stay", SESSIOND, strerror(-status));
		status = 0;
	}
	close(messages);
	return status;
}

/* A pid written down by one that was killed may be anybody's by now. */
static bool is_session_daemon(int pid)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(name, sizeof name, file))
		name[0] = '\0';
	fclose(file);
	return !strcmp(name, SESSIOND "\n");
}

/* One that ends closes its sockets first and takes its files away last: those of the next one, if that began meanwhile, and then
 * nobody could register with it (seen in an upgrade of its package). */
static void wait_for_last_one(struct seen *last)
{
	struct seen written = { sessiond_pid(), 0 };

	written.start = written.pid && is_session_daemon(written.pid) ? start_time(written.pid) : 0;
	for (int waited = 0; waited < END_TIMEOUT_MS; waited += 20) {
		if ((!last->start || start_time(last->pid) != last->start) &&
		    (!written.start || start_time(written.pid) != written.start))
			return;
		pause_ms(20);
	}
}

int sessiond_ensure(int *started)
{
	static struct seen last; /* that answered here */
	char folder[PATH_MAX];
	int lock, status = 0;

	*started = 0;
	lock = state_lock();
	if (lock < 0) {
		state_folder(folder, sizeof folder);
		warnx("cannot use %s: %s", folder, strerror(-lock));
		return lock;
	}
	if (!sessiond_answers()) {
		wait_for_last_one(&last);
		status = sessiond_answers() ? 0 : start_daemon();
		*started = !status && sessiond_ours();
	}
	last.pid = sessiond_pid();
	last.start = last.pid ? start_time(last.pid) : 0;
	state_unlock(lock);
	return status;
}

/* ---- Ending ---- */

static int end_daemon(int pid)
{
	unsigned long long start = start_time(pid);

	if (kill(pid, SIGTERM) && errno != ESRCH)
		return -errno;
	for (int waited = 0; waited < END_TIMEOUT_MS; waited += 20) {
		if (start_time(pid) != start)
			return 0;
		pause_ms(20);
	}
	return -ETIMEDOUT;
}

int sessiond_release(void)
{
	struct lttng_session *sessions = NULL;
	char path[PATH_MAX];
	int lock, pid, left, status = 0;

	lock = state_lock();
	if (lock < 0)
		return 0;
	pid = sessiond_ours();
	left = pid ? lttng_list_sessions(&sessions) : 1;
	free(sessions);
	if (pid && !left) {
		status = end_daemon(pid);
		if (status)
			warnx("the session daemon, pid %d, does not end: %s", pid, strerror(-status));
		else
			status = 1;
	}
	state_file(path, sizeof path);
	if (status == 1 || !pid) /* gone, or the note is about one that is gone */
		unlink(path);
	state_unlock(lock);
	return status;
}
