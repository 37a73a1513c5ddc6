/* SPDX-License-Identifier: MIT */
#include "daemon/keep.h"
#include "daemon/files.h"
#include "daemon/say.h"
#include "saved/saved.h"

void keep_newest(const char *incidents, uint32_t count, uint64_t bytes)
{
	char **names, path[PATH_MAX];
	int have = saved_list(incidents, &names);
	uint64_t sum = 0;

	for (int i = 0; i < have; i++) {
		files_path(path, "%s/%s", incidents, names[i]);
		if (bytes)
			sum += files_bytes(path);
		if (!i || ((!count || (uint32_t)i < count) && (!bytes || sum <= bytes)))
			continue;
		say("takes the incident folder %s away: --keep", names[i]);
		files_remove(path);
	}
	if (have >= 0)
		saved_free(names, have);
}
