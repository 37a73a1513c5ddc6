/* SPDX-License-Identifier: MIT */
#include "wait_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "lttng-ust-wait-"

const unsigned wait_files_numbers[] = { 8, 11, 0 };

const char *wait_file_text(enum wait_file is)
{
	static const char *const texts[] = {
		[WAIT_FILE_GOOD] = "is in place",
		[WAIT_FILE_MISSING] = "is missing",
		[WAIT_FILE_NO_FILE] = "is no regular file",
		[WAIT_FILE_NOT_ROOTS] = "is not root's",
		[WAIT_FILE_WRITABLE] = "can be written by the process's user",
		[WAIT_FILE_UNREADABLE] = "cannot be read by the process's user",
		[WAIT_FILE_SHORT] = "is too short, or a hole",
	};

	return texts[is];
}

void wait_file_path(char path[WAIT_FILES_PATH], const char *folder, unsigned number, const uid_t *own)
{
	if (own)
		snprintf(path, WAIT_FILES_PATH, "%s/" NAME "%u-%u", folder, number, (unsigned)*own);
	else
		snprintf(path, WAIT_FILES_PATH, "%s/" NAME "%u", folder, number);
}

static bool is_in_group(const struct wait_files_user *user, gid_t group)
{
	for (int i = 0; i < user->group_count; i++)
		if (user->groups[i] == group)
			return true;
	return false;
}

/* Of the three permission bits those that the user has. Nobody but root owns the files that get here. */
static mode_t permissions(const struct stat *file, const struct wait_files_user *user)
{
	return (is_in_group(user, file->st_gid) ? file->st_mode >> 3 : file->st_mode) & 7;
}

enum wait_file wait_file_look(const char *path, const struct wait_files_user *user)
{
	struct stat file;

	if (lstat(path, &file))
		return WAIT_FILE_MISSING;
	if (!S_ISREG(file.st_mode))
		return WAIT_FILE_NO_FILE;
	if (file.st_uid != 0)
		return WAIT_FILE_NOT_ROOTS;
	if (user->uid != 0 && permissions(&file, user) & S_IWOTH)
		return WAIT_FILE_WRITABLE;
	if (user->uid != 0 && !(permissions(&file, user) & S_IROTH))
		return WAIT_FILE_UNREADABLE;
	/* A hole is filled when it is first read through a mapping, and that is a SIGBUS where /dev/shm is full. */
	return file.st_size < 4 || !file.st_blocks ? WAIT_FILE_SHORT : WAIT_FILE_GOOD;
}

enum wait_file wait_files_look(const char *folder, unsigned number, const struct wait_files_user *user,
                               char path[WAIT_FILES_PATH])
{
	enum wait_file is;

	wait_file_path(path, folder, number, NULL);
	is = wait_file_look(path, user);
	if (is != WAIT_FILE_GOOD)
		return is;
	wait_file_path(path, folder, number, &user->uid);
	return wait_file_look(path, user);
}

/* ---- what is written in a library's file ---- */

#define CHUNK (16 * 1024)
#define TAIL  128 /* more than is ever looked for, with what follows it */

/* Judges `bytes` that follow what was looked for; there are TAIL of them, or the file ends. */
typedef bool scan_fn(const char *bytes, size_t length, void *arg);

/* Looks for `wanted` until `take` takes what follows. Read, not mapped: whoever truncates a mapped file ends its readers. */
static bool wait_files_scan(const char *file, const char *wanted, size_t length, scan_fn *take, void *arg)
{
	char bytes[TAIL + CHUNK];
	size_t held = 0;
	bool taken = false;
	ssize_t got;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return false;
	do {
		got = read(fd, bytes + held, sizeof bytes - held);
		held += got > 0 ? (size_t)got : 0;
		const char *at = bytes, *end = bytes + held;
		while (!taken && (at = memmem(at, (size_t)(end - at), wanted, length)) && (got <= 0 || end - at >= TAIL)) {
			at += length;
			taken = take(at, (size_t)(end - at), arg);
		}
		if (held > TAIL) {
			memmove(bytes, bytes + held - TAIL, TAIL);
			held = TAIL;
		}
	} while (!taken && got > 0);
	close(fd);
	return taken;
}

/* The name is a string of its own: digits to its end, not the format of the user's one. */
static bool take_number(const char *bytes, size_t length, void *arg)
{
	size_t digits = 0;

	while (digits < length && digits < 4 && bytes[digits] >= '0' && bytes[digits] <= '9')
		digits++;
	if (!digits || digits == length || bytes[digits])
		return false;
	*(unsigned *)arg = (unsigned)strtoul(bytes, NULL, 10);
	return true;
}

unsigned wait_files_number_of(const char *library)
{
	unsigned number = 0;

	return wait_files_scan(library, NAME, strlen(NAME), take_number, &number) ? number : 0;
}

static bool take_any(const char *bytes, size_t length, void *arg)
{
	(void)bytes, (void)length, (void)arg;
	return true;
}

bool wait_files_holds(const char *file, const char *text)
{
	return strlen(text) < TAIL && wait_files_scan(file, text, strlen(text), take_any, NULL);
}
