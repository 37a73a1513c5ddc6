/* SPDX-License-Identifier: MIT */
#include "daemon/consumer.h"
#include "record/sessiond.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name, cut to 15 letters, the parent, and when it started; false: there is no such process, or it is a zombie. */
static bool consumer_look(pid_t pid, char name[32], int *parent, unsigned long long *start)
{
	char path[64], line[1024], *open, *close, state = 0;
	FILE *file;
	bool found;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	found = fgets(line, sizeof line, file) && (open = strchr(line, '(')) && (close = strrchr(line, ')'));
	fclose(file);
	if (!found)
		return false;
	*close = '\0';
	snprintf(name, 32, "%s", open + 1);
	return sscanf(close + 2, "%c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &state, parent,
	              start) == 3 &&
	       state != 'Z';
}

void consumer_find(struct consumer *consumer)
{
	int sessiond = sessiond_pid(), parent;
	unsigned long long start;
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	char name[32];

	consumer->pid = 0;
	while (dir && sessiond > 0 && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);
		if (pid <= 0 || !consumer_look(pid, name, &parent, &start) || parent != sessiond ||
		    strcmp(name, "lttng-consumerd") != 0)
			continue;
		consumer->pid = pid;
		consumer->start = start;
	}
	if (dir)
		closedir(dir);
}

bool consumer_is_gone(const struct consumer *consumer)
{
	unsigned long long start = 0;
	char name[32];
	int parent;

	return consumer->pid && (!consumer_look(consumer->pid, name, &parent, &start) || start != consumer->start);
}
