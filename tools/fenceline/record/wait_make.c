/* SPDX-License-Identifier: MIT */
/* Making LTTng's wait files. */
#include "record/wait_make.h"
#include "record/proc.h"
#include "run/shim_path.h"
#include "run/supervise.h"

#include "shim/base/wait_files.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBVIRT_SETTING "/etc/libvirt/qemu.conf"

/* ---- for whom ---- */

void wait_users_add(struct wait_users *users, uid_t uid)
{
	for (int i = 0; i < users->count; i++)
		if (users->uid[i] == uid)
			return;
	if (users->count < WAIT_USERS)
		users->uid[users->count++] = uid;
}

int wait_users_add_name(struct wait_users *users, const char *name)
{
	const struct passwd *user;
	char *end;
	unsigned long uid;

	while (*name == '+') /* libvirt's way to say that a number follows */
		name++;
	uid = strtoul(name, &end, 10);
	if (isdigit((unsigned char)*name) && !*end && uid <= (uid_t)-2) {
		wait_users_add(users, (uid_t)uid);
		return 0;
	}
	user = getpwnam(name);
	if (!user)
		return -ENOENT;
	wait_users_add(users, user->pw_uid);
	return 0;
}

/* user = "NAME" */
static void add_libvirts(struct wait_users *users)
{
	FILE *file = fopen(LIBVIRT_SETTING, "re");
	char line[512], name[64];

	if (!file)
		return;
	while (fgets(line, sizeof line, file))
		if (sscanf(line, " user = \"%63[^\"]\"", name) == 1)
			wait_users_add_name(users, name);
	fclose(file);
}

static int is_client(pid_t pid)
{
	char path[PATH_MAX];

	return (proc_program(pid, path) == 0 && supervise_is_qemu_system(path)) || proc_mapped(pid, SHIM_FILE, path) > 0;
}

static void add_running(struct wait_users *users)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)atol(entry->d_name);
		long user = pid > 0 && is_client(pid) ? proc_user(pid) : -1;

		if (user >= 0)
			wait_users_add(users, (uid_t)user);
	}
	if (proc)
		closedir(proc);
}

void wait_users_find(struct wait_users *users)
{
	static const char *const names[] = { "libvirt-qemu", "qemu", "nova", "cinder", "glance" };

	wait_users_add(users, 0);
	add_libvirts(users);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		wait_users_add_name(users, names[i]);
	add_running(users);
}

/* ---- one file ---- */

/* A file that is a user's own goes: who had it mapped keeps it, and can still end only those. The one for everybody is where
 * running VMs wait for root's daemon: it stays, and becomes root's. */
static int open_file(const char *path, int own)
{
	struct stat st;

	if (own && lstat(path, &st) == 0 && (st.st_uid != 0 || !S_ISREG(st.st_mode)))
		unlink(path);
	/* O_CREAT on another's file is EACCES here where fs.protected_regular is set, root or not. */
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static int make_file(const char *path, int own)
{
	const mode_t mode = own ? 0644 : 0664;
	const off_t page = sysconf(_SC_PAGESIZE);
	int fd = open_file(path, own), status = 0;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		status = -errno;
	else if (!S_ISREG(st.st_mode))
		status = -EINVAL;
	if (!status && st.st_uid != 0 && fchown(fd, 0, 0))
		status = -errno;
	if (!status && (st.st_size < page || !st.st_blocks)) /* a page, not a hole: see wait_file_look */
		status = -posix_fallocate(fd, 0, page);
	if (!status && (st.st_mode & 07777) != mode && fchmod(fd, mode)) /* last: from here on it is in use */
		status = -errno;
	close(fd);
	return status;
}

int wait_files_make(const struct wait_users *users)
{
	char path[WAIT_FILES_PATH];
	int first = 0;

	if (geteuid() != 0)
		return 0;
	for (const unsigned *number = wait_files_numbers; *number; number++)
		for (int i = -1; i < users->count; i++) {
			wait_file_path(path, WAIT_FILES_FOLDER, *number, i < 0 ? NULL : &users->uid[i]);
			int status = make_file(path, i >= 0);
			if (status)
				warnx("cannot make %s: %s; a sandboxed VM will not be recorded", path, strerror(-status));
			first = first ?: status;
		}
	return first;
}
