/* SPDX-License-Identifier: MIT */
#include "daemon/unwritten.h"
#include "daemon/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST  4
#define TRIED "-tried" /* what the name of one ends with that is not tried again */

static int no_dots(const struct dirent *entry)
{
	return *entry->d_name != '.';
}

static int newest_first(const struct dirent **a, const struct dirent **b)
{
	return versionsort(b, a);
}

static int list(char folder[PATH_MAX], const char *output, struct dirent ***entries)
{
	files_path(folder, "%s/work/unwritten", output);
	return scandir(folder, entries, no_dots, newest_first);
}

static bool was_tried(const char *name)
{
	size_t length = strlen(name), end = strlen(TRIED);

	return length > end && !strcmp(name + length - end, TRIED);
}

static void prune(const char *output)
{
	char folder[PATH_MAX], path[PATH_MAX];
	struct dirent **entries;
	int count = list(folder, output, &entries);

	for (int i = 0; i < count; i++) {
		files_path(path, "%s/%s", folder, entries[i]->d_name);
		if (i >= MOST)
			files_remove(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int unwritten_take(const char *output, const char *folder, char path[PATH_MAX])
{
	const char *name = strrchr(folder, '/') + 1;
	char above[PATH_MAX], there[PATH_MAX];
	int status;

	files_path(above, "%s/work/unwritten", output);
	status = files_make_folders(above);
	files_path(there, "%s/%s", above, name);
	files_path(path, strcmp(there, folder) ? "%s" : "%s" TRIED, there);
	if (!status && rename(folder, path))
		status = -errno;
	if (!status)
		prune(output);
	return status;
}

unsigned unwritten_gather(const char *output)
{
	char cases[PATH_MAX], path[PATH_MAX], to[PATH_MAX], folder[PATH_MAX];
	struct dirent **entries;
	unsigned untried = 0;
	int count;

	files_path(cases, "%s/work/cases", output);
	count = scandir(cases, &entries, no_dots, NULL);
	for (int i = 0; i < count; i++) {
		files_path(path, "%s/%s", cases, entries[i]->d_name);
		if (files_bytes(path))
			unwritten_take(output, path, to);
		else
			files_remove(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	count = list(folder, output, &entries);
	for (int i = 0; i < count; i++) {
		untried += !was_tried(entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return untried;
}

int unwritten_next(const char *output, char path[PATH_MAX], int64_t *begun_ns)
{
	char folder[PATH_MAX];
	struct dirent **entries;
	int count = list(folder, output, &entries), status = -ENOENT;

	for (int i = 0; i < count; i++) {
		if (status && !was_tried(entries[i]->d_name)) {
			files_path(path, "%s/%s", folder, entries[i]->d_name);
			*begun_ns = strtoll(entries[i]->d_name, NULL, 10) * 1000000;
			status = 0;
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return status;
}
