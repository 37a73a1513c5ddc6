/* SPDX-License-Identifier: MIT */
#include "daemon/thin.h"
#include "daemon/files.h"
#include "daemon/ring_users.h"
#include "record/packet.h"
#include "run/now.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORY_NS INT64_C(180000000000) /* mostly it is half a minute from the first lost ping to the fence */
#define DEPTH    6                     /* snapshot-0-.../ust/uid/64055/64-bit */

/* When the oldest packet begins, by CLOCK_MONOTONIC; 0: there is none. */
static int64_t oldest(const char *path)
{
	struct packet_header header;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool found = fd >= 0 && packet_read(fd, 0, &header);

	if (fd >= 0)
		close(fd);
	return found ? (int64_t)header.begin_ns : 0;
}

/* Has the later copy of a ring all of the last minutes that the earlier one has? */
static bool holds_as_much(const char *later, const char *earlier)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool does = true;
	DIR *dir = opendir(earlier);

	while (dir && does && (entry = readdir(dir))) {
		int64_t theirs, ours;
		if (*entry->d_name == '.' || !strcmp(entry->d_name, "metadata") || entry->d_type == DT_DIR)
			continue;
		files_path(path, "%s/%s", earlier, entry->d_name);
		ours = oldest(path);
		files_path(path, "%s/%s", later, entry->d_name);
		theirs = oldest(path);
		does = !ours || (theirs && (theirs <= ours || theirs <= monotonic_ns() - STORY_NS));
	}
	if (dir)
		closedir(dir);
	return dir && does;
}

/* The one folder in it that LTTng made for the snapshot. False: there is none. */
static bool snapshot_in(const char *ring, char path[PATH_MAX])
{
	struct dirent *entry;
	bool found = false;
	DIR *dir = opendir(ring);

	while (dir && !found && (entry = readdir(dir))) {
		found = *entry->d_name != '.' && entry->d_type == DT_DIR;
		if (found)
			files_path(path, "%s/%s", ring, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void thin(const char *earlier, const char *later, int depth)
{
	char path[PATH_MAX], other[PATH_MAX];
	struct dirent *entry;
	bool ring = false;
	DIR *dir = opendir(earlier);

	while (dir && (entry = readdir(dir))) {
		ring |= !strcmp(entry->d_name, "metadata");
		if (*entry->d_name == '.' || entry->d_type != DT_DIR || !depth)
			continue;
		files_path(path, "%s/%s", earlier, entry->d_name);
		files_path(other, "%s/%s", later, entry->d_name);
		thin(path, other, depth - 1);
	}
	if (dir)
		closedir(dir);
	files_path(path, "%s/metadata", later);
	if (ring && !access(path, F_OK) && holds_as_much(later, earlier)) {
		files_remove(earlier);
		ring_users_forget(earlier);
	}
}

/* ring-N and its kind, "" or "-window". False: it is no such folder. */
static bool number_of(const char *name, int *number, const char **kind)
{
	char *end;

	if (strncmp(name, "ring-", 5) || name[5] < '0' || name[5] > '9')
		return false;
	*number = (int)strtol(name + 5, &end, 10);
	*kind = end;
	return true;
}

static void thin_kind(const char *trace, const char *wanted)
{
	char path[PATH_MAX], earlier[PATH_MAX], later[PATH_MAX];
	int number, last = -1;
	struct dirent *entry;
	const char *kind;
	DIR *dir = opendir(trace);

	while (dir && (entry = readdir(dir)))
		if (number_of(entry->d_name, &number, &kind) && !strcmp(kind, wanted) && number > last)
			last = number;
	files_path(path, "%s/ring-%d%s", trace, last, wanted);
	if (dir && last > 0 && snapshot_in(path, later)) {
		for (int i = 0; i < last; i++) {
			files_path(path, "%s/ring-%d%s", trace, i, wanted);
			if (snapshot_in(path, earlier))
				thin(earlier, later, DEPTH);
		}
	}
	if (dir)
		closedir(dir);
}

void thin_snapshots(const char *trace)
{
	thin_kind(trace, "");
	thin_kind(trace, "-window");
}
