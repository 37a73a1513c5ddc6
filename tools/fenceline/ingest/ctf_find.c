/* SPDX-License-Identifier: MIT */
/* Trace folders, found beneath the one that was named. */
#include "ingest/ctf_set.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* DIR/ust/uid/0/64-bit, a session's name and a host's before it, archives/CHUNK between: far less deep. */
#define DEPTH_MAX 12

struct search {
	struct ingest *ingest;
	struct ctf_set *set;
	const char *input;
	size_t entries, found;
	int error;
};

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

static void visit_trace(struct search *search, const char *folder)
{
	search->found++;
	if (ingest_first_visit(search->ingest, folder))
		search->error = ctf_set_add(search->set, search->input, folder);
}

static void visit(struct search *search, const char *folder, int depth)
{
	struct dirent **names = NULL;
	char path[PATH_MAX];
	int count = scandir(folder, &names, not_hidden, alphasort);

	if (count < 0 && !search->error) {
		search->error = -errno;
		ingest_complain(folder, "cannot be read: %s", strerror(errno));
	}
	search->entries += count > 0 ? (size_t)count : 0;
	if (count > 0 && snprintf(path, sizeof(path), "%s/metadata", folder) < (int)sizeof(path) && is_regular(path))
		visit_trace(search, folder);
	for (int i = 0; i < count; i++) {
		if (!search->error && depth < DEPTH_MAX &&
		    snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name) < (int)sizeof(path) && is_folder(path))
			visit(search, path, depth + 1);
		free(names[i]);
	}
	free(names);
}

int ctf_open_folder(struct ingest *ingest, const char *path)
{
	struct search search = { .ingest = ingest, .set = ctf_set_of(ingest), .input = path };
	size_t length = strlen(path);
	char *folder = strdup(path);

	if (!folder || !search.set) {
		free(folder);
		return -ENOMEM;
	}
	while (length > 1 && folder[length - 1] == '/')
		folder[--length] = '\0';
	visit(&search, folder, 0);
	free(folder);
	if (search.error)
		return search.error;
	if (search.found)
		return 0;
	if (!search.entries)
		ingest_complain(path, "is an empty folder; give the folder that `fenceline record` wrote");
	else
		ingest_complain(
		        path,
		        "holds no trace: no `metadata` file in it or beneath it; give the folder that `fenceline record` wrote");
	return -EINVAL;
}
