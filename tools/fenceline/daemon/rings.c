/* SPDX-License-Identifier: MIT */
#include "daemon/rings.h"
#include "daemon/files.h"
#include "daemon/ring_users.h"
#include "daemon/ring_walk.h"
#include "daemon/say.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RINGS_FOLDER   "/dev/shm/fenceline-rings"
#define ENDED_MOST     8   /* of processes that have ended: 4 MiB of memory each, as a rule */
#define ENDED_S        900 /* as long as what a fencer left */
#define RECOVERED_MOST 3
#define FIRST_LOOKS    5 /* rings of an earlier daemon may be there */
#define DEPTH          5 /* BEGUN/ust/pid/PROCESS, BEGUN/ust/uid/UID/64-bit */

extern char **environ;

struct rings {
	char live[PATH_MAX], kept[PATH_MAX], recovered[PATH_MAX], folder[PATH_MAX];
	pid_t at_work; /* writes recovered rings down; 0: none */
	unsigned number;
	unsigned looks; /* at all of them */
};

struct rings *rings_new(const struct daemon_options *options)
{
	struct rings *rings = calloc(1, sizeof *rings);
	char above[64] = RINGS_FOLDER;
	int status;

	if (!rings)
		return NULL;
	if (geteuid())
		snprintf(above, sizeof above, RINGS_FOLDER "-%u", (unsigned)geteuid());
	files_path(rings->live, "%s/live", above);
	files_path(rings->kept, "%s/kept", above);
	files_path(rings->recovered, "%s/work/recovered", options->output);
	/* Anybody may make a folder in /dev/shm, and what is below one of theirs would be theirs to exchange. */
	status = files_make_own(above);
	if (!status)
		status = files_make_own(rings->live);
	if (!status)
		status = files_make_own(rings->kept);
	if (!status) {
		rmdir(rings->kept); /* empty: there is nothing to be recovered */
		return rings;
	}
	say("cannot have %s to itself (%s): what a ring holds will not outlive its VM, nor the session daemon. If it is somebody "
	    "else's, remove it and start the daemon anew",
	    above, strerror(-status));
	free(rings);
	return NULL;
}

void rings_free(struct rings *rings)
{
	if (!rings)
		return;
	if (rings->at_work > 0) {
		kill(-rings->at_work, SIGKILL);
		waitpid(rings->at_work, NULL, 0);
	}
	files_remove(rings->kept);
	files_remove(rings->live);
	*strrchr(rings->live, '/') = '\0';
	rmdir(rings->live);
	free(rings);
}

const char *rings_folder(struct rings *rings)
{
	files_path(rings->folder, "%s/%lld-%u", rings->live, (long long)time(NULL), ++rings->number);
	return rings->folder;
}

/* ---- a second name ---- */

static void link_files(const char *from, const char *to)
{
	char path[PATH_MAX], other[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(from);

	if (dir && files_make_folders(to)) {
		closedir(dir);
		return;
	}
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		files_path(path, "%s/%s", from, entry->d_name);
		files_path(other, "%s/%s", to, entry->d_name);
		if (link(path, other) && errno != EEXIST)
			break;
	}
	if (dir)
		closedir(dir);
}

static void keep_one(const char *live, const char *kept, void *data)
{
	const bool *all = data;

	if (*all || access(kept, F_OK))
		link_files(live, kept);
}

/* `all`: also files that have come to rings that have a second name. */
static void rings_keep_files(struct rings *rings, bool all)
{
	ring_walk(rings->live, rings->kept, DEPTH, keep_one, &all);
}

void rings_leave(struct rings *rings)
{
	rings_keep_files(rings, true); /* of a consumer that was killed, they are all there */
	files_remove(rings->live);
	mkdir(rings->live, 0700);
}

/* ---- those that have ended ---- */

struct ended {
	char path[PATH_MAX];
	time_t when; /* when it was found to have ended */
};

/* The consumer unlinks the rings and leaves the folder, with the metadata in it, or not. */
static bool is_live(const char *path)
{
	struct dirent *entry;
	bool found = false;
	DIR *dir = opendir(path);

	while (dir && !found && (entry = readdir(dir)))
		found = *entry->d_name != '.' && strcmp(entry->d_name, "metadata") != 0;
	if (dir)
		closedir(dir);
	return found;
}

struct all_ended {
	int count;
	struct ended list[ENDED_MOST + 1]; /* the first of them, the longest ended first */
};

/* When that was noticed is the folder's own time; the sticky bit tells that it is. */
static void note_ended(const char *kept, const char *live, void *data)
{
	struct all_ended *all = data;
	struct ended *list = all->list;
	struct stat st;
	int at;

	if (is_live(live) || stat(kept, &st))
		return;
	if (!(st.st_mode & S_ISVTX)) { /* just now */
		chmod(kept, 0750 | S_ISVTX);
		utimensat(AT_FDCWD, kept, NULL, 0);
		st.st_mtime = time(NULL);
	}
	at = all->count < ENDED_MOST + 1 ? all->count : ENDED_MOST + 1;
	all->count++;
	for (; at > 0 && list[at - 1].when > st.st_mtime; at--)
		if (at <= ENDED_MOST)
			list[at] = list[at - 1];
	if (at > ENDED_MOST)
		return;
	snprintf(list[at].path, sizeof list[at].path, "%s", kept);
	list[at].when = st.st_mtime;
}

static void find_ended(const struct rings *rings, struct all_ended *all)
{
	all->count = 0;
	ring_walk(rings->kept, rings->live, DEPTH, note_ended, all);
}

static void drop_ended(struct rings *rings)
{
	static struct all_ended ended;

	find_ended(rings, &ended);
	for (int i = 0; i < ended.count && i <= ENDED_MOST; i++)
		if (i < ended.count - ENDED_MOST || time(NULL) - ended.list[i].when > ENDED_S) {
			files_remove(ended.list[i].path);
			ring_users_forget(ended.list[i].path);
		}
}

static void reap(struct rings *rings)
{
	int status;

	if (rings->at_work <= 0 || waitpid(rings->at_work, &status, WNOHANG) != rings->at_work)
		return;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		say("what the old rings held is in %s", rings->recovered);
	else
		say("what the old rings held could not be recovered; is lttng-crash installed?");
	rings->at_work = 0;
}

void rings_keep(struct rings *rings, bool all, pid_t consumer)
{
	reap(rings);
	rings_keep_files(rings, all);
	if (!all)
		return;
	ring_users_look(rings->live, rings->kept, consumer, rings->looks < FIRST_LOOKS);
	rings->looks += rings->looks < FIRST_LOOKS;
	drop_ended(rings);
}

void rings_tell_users(struct rings *rings, const char *folder)
{
	ring_users_hand_on(rings->kept, folder);
}

/* ---- a trace of them ---- */

/* Each session's folder is one for lttng-crash. 0 or -errno. */
static int extract(const char *rings, const char *to)
{
	char into[] = "--extract", *arguments[] = { "lttng-crash", into, (char *)to, (char *)rings, NULL };
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	status = -posix_spawnp(&pid, *arguments, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (status)
		return status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

static int extract_all(const char *kept, const char *to)
{
	char path[PATH_MAX], each[PATH_MAX];
	struct dirent *entry;
	int status = files_make_folders(to), number = 0, one;
	DIR *dir = status ? NULL : opendir(kept);

	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		files_path(path, "%s/%s", kept, entry->d_name);
		files_path(each, "%s/%d", to, number++);
		one = extract(path, each);
		status = one ? one : status;
	}
	if (dir)
		closedir(dir);
	return status;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The newest few stay, for some minutes. */
static void prune_recovered(const char *recovered)
{
	struct dirent **entries;
	char path[PATH_MAX];
	struct stat st;
	int count = scandir(recovered, &entries, NULL, by_name);

	for (int i = 0; i < count; i++) {
		files_path(path, "%s/%s", recovered, entries[i]->d_name);
		if (*entries[i]->d_name != '.' && !stat(path, &st) &&
		    (i < count - RECOVERED_MOST || time(NULL) - st.st_mtime > ENDED_S))
			files_remove(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void rings_prune(struct rings *rings)
{
	prune_recovered(rings->recovered);
	drop_ended(rings);
}

static int recover(const struct rings *rings, const char *taken)
{
	char unfinished[PATH_MAX], path[PATH_MAX];
	int status;

	files_path(unfinished, "%s/.unfinished", rings->recovered);
	files_path(path, "%s/%lld", rings->recovered, (long long)time(NULL));
	files_remove(unfinished);
	status = extract_all(taken, unfinished);
	ring_users_hand_on(taken, unfinished);
	if (files_bytes(unfinished) && rename(unfinished, path))
		status = -errno;
	files_remove(unfinished);
	files_remove(taken);
	return status;
}

void rings_recover(struct rings *rings)
{
	char taken[PATH_MAX + 16];

	prune_recovered(rings->recovered);
	rings_leave(rings);
	snprintf(taken, sizeof taken, "%s-%u", rings->kept, ++rings->number);
	files_remove(taken);
	if (rings->at_work > 0 || rename(rings->kept, taken)) /* none, or one recovery at a time: then these are lost */
		taken[0] = '\0';
	files_remove(rings->kept);
	if (!*taken)
		return;
	rings->at_work = fork();
	if (!rings->at_work) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(recover(rings, taken) ? 1 : 0);
	}
	if (rings->at_work > 0)
		setpgid(rings->at_work, rings->at_work);
}

void rings_take(struct rings *rings, const char *folder)
{
	rings_keep_files(rings, true);
	extract_all(rings->kept, folder);
	ring_users_hand_on(rings->kept, folder);
}

void rings_take_ended(struct rings *rings, const char *folder)
{
	static struct all_ended ended;
	char to[PATH_MAX];

	find_ended(rings, &ended);
	for (int i = 0; i < ended.count && i < ENDED_MOST; i++) {
		files_path(to, "%s/%d", folder, i);
		if (files_make_folders(folder))
			return;
		extract(ended.list[i].path, to);
		ring_users_hand_on_one(ended.list[i].path, to);
	}
}
