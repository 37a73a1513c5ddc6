/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_find.h"
#include "ingest/ctf.h"
#include "ingest/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
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

static int find_visit(struct ctf_search *search, const char *folder, int depth)
{
	struct dirent **names = NULL;
	char path[PATH_MAX];
	int count = scandir(folder, &names, not_hidden, alphasort), error = 0;

	if (count < 0) {
		error = -errno;
		return search->unreadable ? search->unreadable(folder, error) : 0;
	}
	search->entries += (size_t)count;
	if (count && snprintf(path, sizeof(path), "%s/metadata", folder) < (int)sizeof(path) && is_regular(path))
		error = search->found(folder, search->arg);
	for (int i = 0; i < count; i++) {
		if (!error && depth < DEPTH_MAX &&
		    snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name) < (int)sizeof(path) && is_folder(path))
			error = find_visit(search, path, depth + 1);
		free(names[i]);
	}
	free(names);
	return error;
}

int ctf_find(struct ctf_search *search, const char *folder)
{
	return find_visit(search, folder, 0);
}

struct finished {
	struct ingest *ingest;
	const char *input;
	size_t found;
};

static int add_found(const char *folder, void *arg)
{
	struct finished *finished = arg;

	finished->found++;
	if (ingest_first_visit(finished->ingest, folder))
		ctf_set_add(ctf_set_of(finished->ingest), finished->input, folder);
	return 0;
}

static int complain_unreadable(const char *folder, int error)
{
	ingest_complain(folder, "cannot be read: %s", strerror(-error));
	return error;
}

int ctf_open_folder(struct ingest *ingest, const char *path)
{
	struct finished finished = { .ingest = ingest, .input = path };
	struct ctf_search search = { .found = add_found, .unreadable = complain_unreadable, .arg = &finished };
	size_t length = strlen(path);
	char *folder = xstrdup(path);
	int error;

	ctf_set_of(ingest);
	while (length > 1 && folder[length - 1] == '/')
		folder[--length] = '\0';
	error = ctf_find(&search, folder);
	if (error || finished.found) {
		free(folder);
		return error;
	}
	if (!search.entries)
		ingest_complain(path, "is an empty folder; give the folder that `fenceline record` wrote");
	else
		ingest_complain(path,
		                "holds no trace: no `metadata` file in it or beneath it; give the folder that `fenceline record` "
		                "wrote, and logs by their names, such as %s/*.log",
		                folder);
	free(folder);
	return -EINVAL;
}
