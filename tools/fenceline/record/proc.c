/* SPDX-License-Identifier: MIT */
/* What /proc tells about a process. */
#include "record/proc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DELETED " (deleted)"

static FILE *proc_file(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

int proc_mapped(pid_t pid, const char *prefix, char path[PATH_MAX])
{
	FILE *maps = proc_file(pid, "maps");
	char *line = NULL;
	size_t size = 0;
	int found = 0;

	if (!maps)
		return -errno;
	while (!found && getline(&line, &size, maps) > 0) {
		char *file = strchr(line, '/'), *base, *deleted;

		if (!file)
			continue;
		file[strcspn(file, "\n")] = '\0';
		deleted = strstr(file, DELETED);
		if (deleted)
			*deleted = '\0';
		base = strrchr(file, '/') + 1;
		if (strncmp(base, prefix, strlen(prefix)))
			continue;
		snprintf(path, PATH_MAX, "%s", file);
		found = deleted ? 2 : 1;
	}
	if (!found && ferror(maps))
		found = -EACCES;
	free(line);
	fclose(maps);
	return found;
}

int proc_environment(pid_t pid, const char *name, char *value, size_t size)
{
	FILE *file = proc_file(pid, "environ");
	size_t length = strlen(name), room = 0;
	char *variable = NULL;
	int found = 0;

	if (!file)
		return -errno;
	while (!found && getdelim(&variable, &room, '\0', file) > 0)
		if (!strncmp(variable, name, length) && variable[length] == '=') {
			snprintf(value, size, "%s", variable + length + 1);
			found = 1;
		}
	free(variable);
	fclose(file);
	return found;
}

long proc_user(pid_t pid)
{
	FILE *file = proc_file(pid, "status");
	unsigned user = 0;
	char line[256];
	int found = 0;

	if (!file)
		return -errno;
	while (!found && fgets(line, sizeof line, file))
		found = sscanf(line, "Uid: %*u %u", &user) == 1;
	fclose(file);
	return found ? (long)user : -ESRCH;
}

static void read_groups(const char *words, struct proc_rights *rights)
{
	char *end;

	for (;; words = end) {
		unsigned long group = strtoul(words, &end, 10);
		if (end == words || rights->group_count == PROC_GROUPS)
			return;
		rights->groups[rights->group_count++] = (gid_t)group;
	}
}

int proc_rights(pid_t pid, struct proc_rights *rights)
{
	FILE *file = proc_file(pid, "status");
	char *line = NULL;
	size_t size = 0;
	unsigned id;

	memset(rights, 0, sizeof *rights);
	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		if (sscanf(line, "Uid: %u", &id) == 1)
			rights->uid = id;
		else if (sscanf(line, "Gid: %*u %u", &id) == 1)
			rights->groups[rights->group_count++] = id;
		else if (!strncmp(line, "Groups:", 7))
			read_groups(line + 7, rights);
		else if (sscanf(line, "Seccomp: %u", &id) == 1)
			rights->filtered = id != 0;
	}
	free(line);
	fclose(file);
	return 0;
}

int proc_program(pid_t pid, char path[PATH_MAX])
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
	length = readlink(link, path, PATH_MAX - 1);
	if (length < 0)
		return -errno;
	path[length] = '\0';
	return 0;
}

void proc_label(pid_t pid, char *label, size_t size)
{
	FILE *file = proc_file(pid, "attr/current");

	*label = '\0';
	if (!file)
		return;
	if (!fgets(label, size, file))
		*label = '\0';
	fclose(file);
	label[strcspn(label, "\n")] = '\0';
	if (!strcmp(label, "unconfined") || !strncmp(label, "kernel", strlen("kernel")) || strstr(label, "unconfined_t"))
		*label = '\0';
}
