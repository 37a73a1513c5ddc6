/* SPDX-License-Identifier: MIT */
/* The folder that a recording is written to. */
#include "record/output.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_parents(const char *folder)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof path, "%s", folder) >= sizeof path)
		return -ENAMETOOLONG;
	for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--)
		path[end - 1] = '\0';
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

/* Returns 1 if `path` is an empty folder, 0 if it holds something, -errno if it cannot be listed. */
static int is_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int empty = 1;

	if (!dir)
		return -errno;
	while (empty && (entry = readdir(dir)))
		empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
	closedir(dir);
	return empty;
}

int output_prepare(const char *folder, char *path, size_t size, int *made)
{
	char resolved[PATH_MAX];
	int status = make_parents(folder);

	/* A trace can tell image names and addresses to whoever may read it: not the whole host. */
	*made = !status && !mkdir(folder, 0750);
	if (!status && !*made && errno != EEXIST)
		status = -errno;
	if (!status)
		status = is_empty(folder);
	if (status == 0) {
		warnx("%s is not empty; a recording needs a folder of its own", folder);
		return -ENOTEMPTY;
	}
	if (status > 0)
		status = !access(folder, W_OK | X_OK) && realpath(folder, resolved) ? 0 : -errno;
	if (!status && (size_t)snprintf(path, size, "%s", resolved) >= size)
		status = -ENAMETOOLONG;
	if (status)
		warnx("cannot record into %s: %s", folder, strerror(-status));
	return status;
}

static uint64_t total;

static int add_file(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)path, (void)ftw;
	if (kind == FTW_F)
		total += st->st_size;
	return 0;
}

uint64_t output_bytes(const char *path)
{
	total = 0;
	nftw(path, add_file, 16, FTW_PHYS);
	return total;
}

char *output_size_text(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = bytes / 1024.0;
	size_t i = 0;

	if (bytes < 1024) {
		snprintf(text, size, "%u bytes", (unsigned)bytes);
		return text;
	}
	for (; value >= 1024 && i < 3; i++)
		value /= 1024;
	snprintf(text, size, "%.1f %s", value, units[i]);
	return text;
}
