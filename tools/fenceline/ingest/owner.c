/* SPDX-License-Identifier: MIT */
#include "ingest/owner.h"

#include <stdlib.h>
#include <string.h>

uint32_t owner_of_folder(const char *folder)
{
	static const char mark[] = "/ust/uid/";
	uint32_t owner = 0;
	char *end;

	/* the last one: a path may hold the name of another recording */
	for (const char *at = strstr(folder, mark); at; at = strstr(at + 1, mark)) {
		const char *digits = at + sizeof(mark) - 1;
		unsigned long uid = strtoul(digits, &end, 10);
		if (*digits >= '0' && *digits <= '9' && (!*end || *end == '/') && uid < UINT32_MAX)
			owner = (uint32_t)uid + 1;
	}
	return owner;
}

bool owner_wanted(const struct ingest_options *options, uint32_t owner)
{
	for (size_t i = 0; i < options->uid_count; i++)
		if (owner == options->uids[i] + 1)
			return true;
	return !options->uid_count;
}
