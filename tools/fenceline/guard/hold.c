/* SPDX-License-Identifier: MIT */
#include "guard/hold.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
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
	pid_t spared;
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
	return true;
}

size_t hold_all(pid_t spared)
{
	struct stopping stopping;

	for (int tries = 0; tries < TRIES; tries++) {
		stopping = (struct stopping){ .spared = spared };
		each_descendant(stop_one, &stopping);
		if (!stopping.running)
			break;
		usleep(1000);
	}
	return stopping.standing + stopping.running;
}

static bool signal_one(const struct process *process, void *arg)
{
	if (!has_ended(process))
		kill(process->pid, *(int *)arg);
	return true;
}

void hold_release_all(void)
{
	each_descendant(signal_one, &(int){ SIGCONT });
}

void hold_kill_all(void)
{
	each_descendant(signal_one, &(int){ SIGKILL });
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
