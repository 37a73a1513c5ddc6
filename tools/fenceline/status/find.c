/* SPDX-License-Identifier: MIT */
#include "status/find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHIM        "libfenceline.so"
#define REST_LOOKS  30 /* a process without the shim is looked at this seldom in the end */
#define BUCKETS     256
#define PAGES_MOST  32 /* of one process: whoever makes thousands of them holds nobody up */
#define LINK_PREFIX "/memfd:" FL_STATUS_NAME

struct known {
	struct known *next;
	struct status_process process;
	struct status_page *page; /* owned; NULL: never read */
	unsigned wait, waits;     /* looks to leave out before the next; how many the last time */
	bool seen, gone;          /* in this look; its pid is another process's */
};

struct status_finder {
	struct known *known[BUCKETS];
	struct status_page scratch;
};

struct status_finder *status_finder_new(void)
{
	return calloc(1, sizeof(struct status_finder));
}

static void free_known(struct known *known)
{
	free(known->page);
	free(known);
}

void status_finder_free(struct status_finder *finder)
{
	for (unsigned i = 0; finder && i < BUCKETS; i++)
		for (struct known *known = finder->known[i], *next; known; known = next) {
			next = known->next;
			free_known(known);
		}
	free(finder);
}

/* ---- what /proc tells ---- */

/* Field 3 and 22 of stat; 0 if there is no such process, or it is a zombie. */
static uint64_t read_stat(const char *pid, char *state)
{
	char path[64], line[1024], *after;
	unsigned long long start = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	line[n] = '\0';
	after = strrchr(line, ')'); /* the name in parentheses may hold anything */
	if (!after || !after[1] || after[2] == 'Z' || after[2] == 'X')
		return 0;
	*state = after[2];
	sscanf(after + 2, "%*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &start);
	return start;
}

/* The last number of NSpid: what the process itself calls its pid. And its effective uid. */
static pid_t own_pid(pid_t pid, uid_t *uid)
{
	char path[64], line[512], *last;
	pid_t own = pid;
	unsigned effective = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return pid;
	while (fgets(line, sizeof line, file)) {
		if (sscanf(line, "Uid: %*u %u", &effective) == 1)
			*uid = effective;
		if (!strncmp(line, "NSpid:", 6) && (last = strrchr(line, '\t')))
			own = atoi(last + 1);
	}
	fclose(file);
	return own;
}

/* Does the file of /proc/PID name the shim? Both it may not be let read and it may be long. */
static bool names_shim(pid_t pid, const char *what)
{
	char path[64], *line = NULL;
	size_t size = 0;
	bool found = false;
	ssize_t n;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
	file = fopen(path, "re");
	while (file && !found && (n = getline(&line, &size, file)) > 0)
		found = memmem(line, (size_t)n, SHIM, strlen(SHIM)) != NULL;
	if (file)
		fclose(file);
	free(line);
	return found;
}

/* ---- one process ---- */

/* Read the page behind /proc/PID/fd/NUMBER. 0, or -errno; -ESRCH: it is another process's. */
static int read_page(struct status_finder *finder, struct known *known, const char *path)
{
	int fd = status_page_open(path), error;

	if (fd < 0)
		return fd;
	error = status_page_read(fd, &finder->scratch);
	close(fd);
	if (!error && (pid_t)finder->scratch.head.pid != own_pid(known->process.pid, &known->process.uid))
		return -ESRCH; /* inherited by fork */
	if (error)
		return error;
	if (!known->page)
		known->page = malloc(sizeof *known->page);
	if (!known->page)
		return -ENOMEM;
	*known->page = finder->scratch;
	return 0;
}

/* Looks through its descriptors; several may lead to a page (a parent's, one that a host closed halfway). -ENOENT: none does. */
static int look_for_page(struct status_finder *finder, struct known *known)
{
	char folder[64], path[320], target[64];
	int error = -ENOENT, other, left = PAGES_MOST;
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof folder, "/proc/%d/fd", known->process.pid);
	dir = opendir(folder);
	if (!dir)
		return -errno;
	while (error && left && (entry = readdir(dir))) {
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		ssize_t n = readlink(path, target, sizeof target);
		if (n < (ssize_t)strlen(LINK_PREFIX) || strncmp(target, LINK_PREFIX, strlen(LINK_PREFIX)))
			continue;
		left--;
		other = read_page(finder, known, path);
		if (other != -ESRCH)
			error = other;
	}
	closedir(dir);
	return error;
}

/* The shim may come with an exec, under the same pid and start time: so nobody is left out for good. */
static void look_at(struct status_finder *finder, struct known *known)
{
	struct status_process *process = &known->process;

	process->page_error = look_for_page(finder, known);
	if (known->page || process->page_error == -EAGAIN || process->page_error == -EPROTO)
		process->shim = true;
	else
		process->shim = names_shim(process->pid, "maps");
	known->waits = process->shim ? 0 : known->waits * 2 + 1 < REST_LOOKS ? known->waits * 2 + 1 : REST_LOOKS;
	known->wait = known->waits;
}

/* ---- all of them ---- */

static struct known *find_known(struct status_finder *finder, pid_t pid)
{
	struct known *known = finder->known[pid % BUCKETS];

	while (known && (known->process.pid != pid || known->gone))
		known = known->next;
	return known;
}

static struct known *find_add(struct status_finder *finder, pid_t pid, uint64_t start)
{
	struct known *known = calloc(1, sizeof *known);

	if (!known)
		return NULL;
	known->process.pid = pid;
	known->process.start = start;
	known->next = finder->known[pid % BUCKETS];
	return finder->known[pid % BUCKETS] = known;
}

static void find_tell(struct known *known, void (*visit)(struct status_process *process, void *arg), void *arg)
{
	known->process.page = known->page;
	if (known->page || known->process.page_error == -EPROTO)
		visit(&known->process, arg);
}

/* NULL: not to be looked at this time. */
static struct known *due(struct status_finder *finder, const char *name)
{
	char *end, state = 0;
	long pid = strtol(name, &end, 10);
	struct known *known = *end || pid <= 0 ? NULL : find_known(finder, (pid_t)pid);
	uint64_t start;

	if (*end || pid <= 0)
		return NULL;
	if (known && known->wait) {
		known->wait--;
		known->seen = true;
		return NULL;
	}
	start = read_stat(name, &state);
	if (known && known->process.start != start) {
		known->gone = true; /* another process has its pid by now */
		known = NULL;
	}
	if (!known && start)
		known = find_add(finder, (pid_t)pid, start);
	if (known) {
		known->seen = true;
		known->process.state = state;
	}
	return known;
}

static int drop_ended(struct known **at, void (*visit)(struct status_process *process, void *arg), void *arg)
{
	int live = 0;

	while (*at) {
		struct known *known = *at;
		if (known->seen && !known->gone) {
			known->seen = false;
			live += known->page != NULL;
			at = &known->next;
			continue;
		}
		*at = known->next;
		known->process.state = 0;
		find_tell(known, visit, arg);
		free_known(known);
	}
	return live;
}

int status_finder_look(struct status_finder *finder, void (*visit)(struct status_process *process, void *arg), void *arg)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int live = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		struct known *known = due(finder, entry->d_name);
		if (!known)
			continue;
		look_at(finder, known);
		find_tell(known, visit, arg);
	}
	closedir(dir);
	for (unsigned i = 0; i < BUCKETS; i++)
		live += drop_ended(&finder->known[i], visit, arg);
	return live;
}
