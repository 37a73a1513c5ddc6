/* SPDX-License-Identifier: MIT */
#include "ingest/owner.h"

#include "fenceline/user_note.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* UID/64-bit or /32-bit and nothing behind: a process may call itself "ust/uid/0", and LTTng makes folders of that; but the name
 * of its own ends with a pid and a date. */
static uint32_t owner_of_user(const char *folder)
{
	static const char mark[] = "/ust/uid/";
	uint32_t owner = 0;
	char *end;

	/* the last one: a path may hold the name of another recording */
	for (const char *at = strstr(folder, mark); at; at = strstr(at + 1, mark)) {
		const char *digits = at + sizeof(mark) - 1;
		unsigned long uid = strtoul(digits, &end, 10);
		size_t length = strlen(end);
		while (length && end[length - 1] == '/')
			length--;
		if (*digits >= '0' && *digits <= '9' && uid < UINT32_MAX &&
		    (!length || (length == 7 && (!strncmp(end, "/64-bit", 7) || !strncmp(end, "/32-bit", 7)))))
			owner = (uint32_t)uid + 1;
	}
	return owner;
}

/* A whole line of the form or nothing. */
static uint32_t owner_of_note(const char *path)
{
	char line[32], again[32];
	struct stat st;
	unsigned uid;
	ssize_t size;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return 0;
	size = fstat(fd, &st) || !S_ISREG(st.st_mode) ? -1 : read(fd, line, sizeof(line) - 1);
	close(fd);
	if (size <= 0)
		return 0;
	line[size] = '\0';
	if (sscanf(line, FENCELINE_USER_NOTE_FORMAT, &uid) != 1 || uid == UINT32_MAX)
		return 0;
	snprintf(again, sizeof(again), FENCELINE_USER_NOTE_FORMAT, uid);
	return strcmp(line, again) ? 0 : (uint32_t)uid + 1;
}

uint32_t owner_of_folder(const char *folder)
{
	size_t length = strlen(folder);
	char path[PATH_MAX];
	uint32_t owner = 0;

	while (length > 1 && folder[length - 1] == '/')
		length--;
	if (snprintf(path, sizeof(path), "%.*s%s", (int)length, folder, FENCELINE_USER_NOTE) < (int)sizeof(path))
		owner = owner_of_note(path);
	return owner ? owner : owner_of_user(folder);
}

bool owner_wanted(const struct ingest_options *options, uint32_t owner)
{
	for (size_t i = 0; i < options->uid_count; i++)
		if (owner == options->uids[i] + 1)
			return true;
	return !options->uid_count;
}
