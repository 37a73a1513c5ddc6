/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_find.h"
#include "ingest/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* DIR/ust/uid/0/64-bit, a session's name and a host's before it, archives/CHUNK between: far less deep. */
#define DEPTH_MAX 12

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool is_regular(const char *path)
{
	struct stat info;

	return !stat(path, &info) && S_ISREG(info.st_mode);
}

static bool is_folder(const char *path)
{
	struct stat info;

	/* Links are not followed: they may lead round in a circle, or to the same trace. */
	return !lstat(path, &info) && S_ISDIR(info.st_mode);
}

static int find_visit(struct ctf_found *found, const char *folder, int depth, bool strict)
{
	char *metadata = xasprintf("%s/metadata", folder);
	struct dirent **names = NULL;
	int count = scandir(folder, &names, not_hidden, alphasort), error = 0;

	if (count < 0 && strict) {
		error = -errno;
		found->unreadable = xstrdup(folder);
	}
	if (count > 0 && is_regular(metadata)) {
		XROOM(found->folders, found->count);
		found->folders[found->count++] = xstrdup(folder);
	}
	free(metadata);
	for (int i = 0; i < count; i++) {
		char *path = xasprintf("%s/%s", folder, names[i]->d_name);
		found->any = true;
		if (!error && depth < DEPTH_MAX && is_folder(path))
			error = find_visit(found, path, depth + 1, strict);
		free(path);
		free(names[i]);
	}
	free(names);
	return error;
}

int ctf_find(struct ctf_found *found, const char *folder, bool strict)
{
	*found = (struct ctf_found){ 0 };
	return find_visit(found, folder, 0, strict);
}

void ctf_found_free(struct ctf_found *found)
{
	for (size_t i = 0; i < found->count; i++)
		free(found->folders[i]);
	free(found->folders);
	free(found->unreadable);
}
