/* SPDX-License-Identifier: MIT */
/* Where the shim is, and what LD_PRELOAD must be to load it. */
#include "run/shim_path.h"
#include "run/programs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const places[] = {
	"../lib/" SHIM_FILE,                  /* in the build tree */
	FENCELINE_LIB_FROM_BIN "/" SHIM_FILE, /* where this build installs it */
};

int shim_path_find(const char *bin_dir, char *path, size_t size)
{
	char candidate[PATH_MAX], resolved[PATH_MAX];
	size_t used = 0;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(candidate, sizeof candidate, "%s/%s", bin_dir, places[i]);
		if (realpath(candidate, resolved) && !access(resolved, R_OK)) {
			if ((size_t)snprintf(path, size, "%s", resolved) >= size)
				return -ENAMETOOLONG;
			return 0;
		}
	}
	*path = '\0';
	for (size_t i = 0; i < sizeof places / sizeof *places && used < size; i++)
		used += snprintf(path + used, size - used, "%s%s/%s", i ? ", " : "", bin_dir, places[i]);
	return -ENOENT;
}

int shim_path_find_self(char *path, size_t size)
{
	char bin_dir[PATH_MAX];
	int status = programs_bin_dir(bin_dir, sizeof bin_dir);

	return status ? status : shim_path_find(bin_dir, path, size);
}

/* LD_PRELOAD's entries are separated by spaces or colons. */
static int preload_names_shim(const char *list)
{
	while (*list) {
		size_t length = strcspn(list, ": ");
		const char *base = memrchr(list, '/', length);

		base = base ? base + 1 : list;
		if ((size_t)(list + length - base) == strlen(SHIM_FILE) && !strncmp(base, SHIM_FILE, strlen(SHIM_FILE)))
			return 1;
		list += length;
		list += strspn(list, ": ");
	}
	return 0;
}

char *shim_path_preload(const char *current, const char *shim)
{
	char *list;

	if (!current || !*current)
		return strdup(shim);
	if (preload_names_shim(current))
		return strdup(current);
	return asprintf(&list, "%s:%s", shim, current) < 0 ? NULL : list;
}
