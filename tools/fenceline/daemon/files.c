/* SPDX-License-Identifier: MIT */
#include "daemon/files.h"
#include "record/output.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FOLDERS 16

void files_path(char path[PATH_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vsnprintf(path, PATH_MAX, format, args) >= PATH_MAX)
		*path = '\0';
	va_end(args);
}

int files_make_folders(const char *path)
{
	char each[PATH_MAX];

	if ((size_t)snprintf(each, sizeof each, "%s", path) >= sizeof each)
		return -ENAMETOOLONG;
	for (char *slash = strchr(each + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(each, 0750) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(each, 0750) && errno != EEXIST ? -errno : 0;
}

int files_make_own(const char *path)
{
	struct stat st;
	int fd, status = 0;

	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		status = -errno;
	else if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
		status = -EPERM;
	else if (fchmod(fd, 0700))
		status = -errno;
	close(fd);
	return status;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path) && errno != ENOENT ? errno : 0;
}

int files_remove(const char *path)
{
	int status = nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);

	if (status < 0)
		return errno == ENOENT ? 0 : -errno;
	return -status;
}

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out, status = 0;
	ssize_t n;

	if (in < 0)
		return -errno;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (out < 0)
		status = -errno;
	while (!status && (n = sendfile(out, in, NULL, 1 << 20)) != 0)
		if (n < 0)
			status = -errno;
	close(in);
	if (out >= 0 && close(out) && !status)
		status = -errno;
	if (status && status != -EEXIST) /* half a file would be taken for a whole one */
		unlink(to);
	return status;
}

static struct { /* nftw has no argument for its function */
	const char *from, *to;
	bool link;
} copying;

static int copy_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	char to[PATH_MAX];
	int status = 0;

	(void)ftw;
	if ((size_t)snprintf(to, sizeof to, "%s%s", copying.to, path + strlen(copying.from)) >= sizeof to)
		return ENAMETOOLONG;
	if (kind == FTW_D)
		return mkdir(to, 0750) && errno != EEXIST ? errno : 0;
	if (kind != FTW_F || !st->st_size)
		return 0;
	if (copying.link && (link(path, to) == 0 || errno == EEXIST))
		return 0;
	status = copy_file(path, to);
	return status == -ENOENT || status == -EEXIST ? 0 : -status; /* taken away meanwhile; there already */
}

int files_copy_tree(const char *from, const char *to, bool link)
{
	int status;

	copying.from = from;
	copying.to = to;
	copying.link = link;
	status = nftw(from, copy_one, OPEN_FOLDERS, FTW_PHYS);
	return status < 0 ? -errno : -status;
}

static uint64_t least;

static int note_least(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)path, (void)ftw;
	if (kind == FTW_F && st->st_size && (!least || st->st_ino < least))
		least = st->st_ino;
	return 0;
}

uint64_t files_least_inode(const char *path)
{
	least = 0;
	nftw(path, note_least, OPEN_FOLDERS, FTW_PHYS);
	return least;
}

static gid_t readers;

static int hand_over_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)ftw;
	if (geteuid() == 0 && lchown(path, 0, readers))
		return errno;
	return chmod(path, kind == FTW_F ? 0640 : 0750) ? errno : 0;
}

int files_hand_over(const char *path)
{
	const struct group *adm = getgrnam("adm");
	int status;

	readers = adm ? adm->gr_gid : 0;
	status = nftw(path, hand_over_one, OPEN_FOLDERS, FTW_PHYS | FTW_DEPTH);
	return status < 0 ? -errno : -status;
}

uint64_t files_bytes(const char *path)
{
	return output_bytes(path);
}

int files_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status = 0;

	if (fd < 0)
		return -errno;
	if (syncfs(fd))
		status = -errno;
	close(fd);
	return status;
}

int files_sync_entries(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd) && errno != EINVAL)
		status = -errno;
	close(fd);
	return status;
}
