/* SPDX-License-Identifier: MIT */
#include "daemon/ring_walk.h"
#include "daemon/files.h"

#include <dirent.h>
#include <unistd.h>

bool ring_walk_is_one(const char *folder)
{
	char metadata[PATH_MAX];

	files_path(metadata, "%s/metadata", folder);
	return !access(metadata, F_OK);
}

void ring_walk(const char *folder, const char *beside, int depth,
               void (*visit)(const char *folder, const char *beside, void *data), void *data)
{
	char path[PATH_MAX], other[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (ring_walk_is_one(folder)) {
		visit(folder, beside, data);
		return;
	}
	dir = depth ? opendir(folder) : NULL;
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.' || entry->d_type != DT_DIR)
			continue;
		files_path(path, "%s/%s", folder, entry->d_name);
		files_path(other, "%s/%s", beside, entry->d_name);
		ring_walk(path, other, depth - 1, visit, data);
	}
	if (dir)
		closedir(dir);
}
