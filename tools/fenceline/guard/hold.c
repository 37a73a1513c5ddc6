/* SPDX-License-Identifier: MIT */
#include "guard/hold.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process that forks between our reading of /proc and the signal leaves a child that runs. The next round finds it. */
#define TRIES 5

struct process {
	pid_t pid, parent;
	char state;
	bool ours;
};
struct processes {
	struct process *list; /* owned */
	size_t count;
};

void hold_prepare(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* The file that execvp would run. */
static bool find_program(const char *name, struct stat *st)
{
	const char *folder = getenv("PATH");
	char path[PATH_MAX];

	if (strchr(name, '/'))
		return !stat(name, st);
	for (size_t length; folder && *folder; folder += length + (folder[length] == ':')) {
		length = strcspn(folder, ":");
		snprintf(path, sizeof path, "%.*s/%s", (int)length, folder, name);
		if (!access(path, X_OK) && !stat(path, st) && S_ISREG(st->st_mode))
			return true;
	}
	return false;
}

bool hold_is_outranked_by(const char *command)
{
	struct stat st;

	return geteuid() && find_program(command, &st) && st.st_mode & S_ISUID && st.st_uid != geteuid();
}

/* /proc/PID/stat: the name in brackets may hold anything, so what follows its last bracket counts. */
static bool read_process(pid_t pid, struct process *process)
{
	char path[64], text[512];
	const char *rest;
	int parent;
	size_t size;
	FILE *stat;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	stat = fopen(path, "re");
	if (!stat)
		return false;
	size = fread(text, 1, sizeof text - 1, stat);
	fclose(stat);
	text[size] = '\0';
	rest = strrchr(text, ')');
	*process = (struct process){ .pid = pid };
	if (!rest || sscanf(rest + 1, " %c %d", &process->state, &parent) != 2)
		return false;
	process->parent = parent;
	return true;
}

static void add_process(struct processes *processes, pid_t pid)
{
	struct process process, *list;

	if (!read_process(pid, &process))
		return;
	list = reallocarray(processes->list, processes->count + 1, sizeof *list);
	if (!list)
		return;
	processes->list = list;
	list[processes->count++] = process;
}

static bool is_marked(const struct processes *processes, pid_t pid)
{
	for (size_t i = 0; i < processes->count; i++)
		if (processes->list[i].pid == pid)
			return processes->list[i].ours;
	return false;
}

/* Marks our children, then theirs, until no more are found. */
static void mark_ours(struct processes *processes)
{
	pid_t self = getpid();
	bool more;

	do {
		more = false;
		for (size_t i = 0; i < processes->count; i++) {
			struct process *process = &processes->list[i];
			if (process->ours || (process->parent != self && !is_marked(processes, process->parent)))
				continue;
			process->ours = more = true;
		}
	} while (more);
}

/* Calls each for every descendant; one that has ended is among them until its parent has waited for it. */
static void each_descendant(bool (*each)(const struct process *process, void *arg), void *arg)
{
	struct processes processes = { 0 };
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			add_process(&processes, atoi(entry->d_name));
	if (proc)
		closedir(proc);
	mark_ours(&processes);
	for (size_t i = 0; i < processes.count; i++)
		if (processes.list[i].ours && !each(&processes.list[i], arg))
			break;
	free(processes.list);
}

static bool has_ended(const struct process *process)
{
	return process->state == 'Z' || process->state == 'X';
}

static bool bury_one(const struct process *process, void *arg)
{
	if (has_ended(process) && process->parent == getpid() && process->pid != *(pid_t *)arg)
		waitpid(process->pid, NULL, WNOHANG);
	return true;
}

void hold_bury(pid_t spared)
{
	each_descendant(bury_one, &spared);
}

struct stopping {
	pid_t spared, refused;
	size_t standing, running;
};

static bool stop_one(const struct process *process, void *arg)
{
	struct stopping *stopping = arg;

	if (process->pid == stopping->spared || has_ended(process))
		return true;
	if (process->state == 'T')
		stopping->standing++;
	else if (!kill(process->pid, SIGSTOP))
		stopping->running++;
	else if (errno == EPERM)
		stopping->refused = process->pid;
	return true;
}

size_t hold_all(pid_t spared, pid_t *refused)
{
	struct stopping stopping;

	for (int tries = 0; tries < TRIES; tries++) {
		stopping = (struct stopping){ .spared = spared };
		each_descendant(stop_one, &stopping);
		if (!stopping.running)
			break;
		usleep(1000);
	}
	*refused = stopping.refused;
	return stopping.standing + stopping.running;
}

struct signalling {
	int signal;
	pid_t refused;
};

static bool signal_one(const struct process *process, void *arg)
{
	struct signalling *signalling = arg;

	if (!has_ended(process) && kill(process->pid, signalling->signal) && errno == EPERM)
		signalling->refused = process->pid;
	return true;
}

void hold_release_all(void)
{
	each_descendant(signal_one, &(struct signalling){ .signal = SIGCONT }); /* who refuses has not been stopped */
}

void hold_kill_all(pid_t *refused)
{
	struct signalling signalling = { .signal = SIGKILL };

	each_descendant(signal_one, &signalling);
	*refused = signalling.refused;
}

bool hold_is_asked_to_end(pid_t pid)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	char path[64], *line = NULL;
	size_t size = 0;
	uint64_t one, pending = 0;
	FILE *status;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && getline(&line, &size, status) > 0)
		if (sscanf(line, "SigPnd: %" SCNx64, &one) == 1 || sscanf(line, "ShdPnd: %" SCNx64, &one) == 1)
			pending |= one;
	free(line);
	if (status)
		fclose(status);
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (pending & UINT64_C(1) << (ending[i] - 1))
			return true;
	return false;
}
