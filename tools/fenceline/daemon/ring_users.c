/* SPDX-License-Identifier: MIT */
#include "daemon/ring_users.h"
#include "daemon/files.h"
#include "daemon/ring_walk.h"
#include "record/proc.h"

#include "fenceline/user_note.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define OF_PROCESSES "/ust/pid/"
#define DEPTH        6    /* snapshot-0-.../ust/pid/PROCESS, and what a slash in a process's name makes of it */
#define SOUGHT_MOST  1024 /* in one walk through /proc */
#define SOUGHT_S     60

/* A ring without a note. */
struct sought {
	char note[PATH_MAX];
	dev_t dev; /* of one of its files */
	ino_t ino;
	long user; /* -1: nobody yet */
	bool several;
};

struct search {
	struct sought *rings; /* owned */
	size_t count;
	bool old;
};

static void note_path(char path[PATH_MAX], const char *folder)
{
	files_path(path, "%s" FENCELINE_USER_NOTE, folder);
}

static bool is_noted(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISREG(st.st_mode) && st.st_size > 0;
}

/* ---- rings without a note ---- */

/* One of a ring's files; each CPU has one, and whoever has one mapped has all. */
static bool a_file_of(const char *ring, struct stat *st)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir = opendir(ring);

	while (dir && !found && (entry = readdir(dir))) {
		if (*entry->d_name == '.' || !strcmp(entry->d_name, "metadata"))
			continue;
		files_path(path, "%s/%s", ring, entry->d_name);
		found = !lstat(path, st) && S_ISREG(st->st_mode);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void seek(const char *ring, const char *kept, void *data)
{
	struct search *search = data;
	struct sought *room, *sought;
	char note[PATH_MAX];
	struct stat st;

	note_path(note, kept);
	if (!strstr(ring, OF_PROCESSES) || access(kept, F_OK) || is_noted(note) || !a_file_of(ring, &st) ||
	    search->count == SOUGHT_MOST)
		return;
	if (!search->old && time(NULL) - st.st_ctime > SOUGHT_S) /* its second name is its last change */
		return;
	room = reallocarray(search->rings, search->count + 1, sizeof *room);
	if (!room)
		return;
	search->rings = room;
	sought = &room[search->count++];
	*sought = (struct sought){ .dev = st.st_dev, .ino = st.st_ino, .user = -1 };
	memcpy(sought->note, note, sizeof note);
}

/* ---- who has them mapped ---- */

static void found(struct search *search, dev_t dev, ino_t ino, bool *mapped)
{
	for (size_t i = 0; i < search->count; i++)
		mapped[i] |= search->rings[i].ino == ino && search->rings[i].dev == dev;
}

/* START-END RIGHTS OFFSET DEVICE INODE PATH. */
static bool read_maps(struct search *search, pid_t pid, bool *mapped)
{
	unsigned major, minor;
	unsigned long long ino;
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *maps;

	snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	if (!maps)
		return false;
	while (getline(&line, &size, maps) > 0)
		if (sscanf(line, "%*s %*s %*s %x:%x %llu", &major, &minor, &ino) == 3 && ino)
			found(search, makedev(major, minor), (ino_t)ino, mapped);
	free(line);
	fclose(maps);
	return true;
}

static void look_at_process(struct search *search, pid_t pid, bool *mapped)
{
	/* Before and after: a program that changes its user meanwhile, by exec or otherwise, is no answer. */
	long user = proc_user(pid);

	memset(mapped, 0, search->count * sizeof *mapped);
	if (user < 0 || !read_maps(search, pid, mapped) || proc_user(pid) != user)
		return;
	for (size_t i = 0; i < search->count; i++) {
		struct sought *sought = &search->rings[i];
		if (!mapped[i])
			continue;
		sought->several |= sought->user >= 0 && sought->user != user;
		sought->user = user;
	}
}

static void look_at_all(struct search *search, pid_t consumer)
{
	bool *mapped = calloc(search->count, sizeof *mapped);
	DIR *dir = mapped ? opendir("/proc") : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = isdigit((unsigned char)*entry->d_name) ? (pid_t)atoi(entry->d_name) : 0;
		if (pid > 0 && pid != consumer)
			look_at_process(search, pid, mapped);
	}
	if (dir)
		closedir(dir);
	free(mapped);
}

static void write_note(const struct sought *sought)
{
	int fd = open(sought->note, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);

	if (fd < 0)
		return;
	dprintf(fd, FENCELINE_USER_NOTE_FORMAT, (unsigned)sought->user);
	close(fd);
}

void ring_users_look(const char *live, const char *kept, pid_t consumer, bool old)
{
	struct search search = { .old = old };

	if (!consumer) /* it would be taken for a second user */
		return;
	ring_walk(live, kept, DEPTH, seek, &search);
	if (search.count)
		look_at_all(&search, consumer);
	for (size_t i = 0; i < search.count; i++)
		if (search.rings[i].user >= 0 && !search.rings[i].several)
			write_note(&search.rings[i]);
	free(search.rings);
}

/* ---- handed on ---- */

/* The text is what counts: a link would go with the ring. */
static void copy_note(const char *from, const char *to)
{
	char line[64];
	ssize_t size;
	int fd = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	size = read(fd, line, sizeof line);
	close(fd);
	fd = size > 0 ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640) : -1;
	if (fd < 0)
		return;
	if (write(fd, line, (size_t)size) != size)
		unlink(to);
	close(fd);
}

void ring_users_hand_on_one(const char *ring, const char *trace)
{
	char from[PATH_MAX], to[PATH_MAX];

	note_path(from, ring);
	note_path(to, trace);
	copy_note(from, to);
}

/* One session's rings are there, as a rule; of two processes of one name none is handed on. */
static void hand_on_from_any(const char *kept, const char *process, const char *trace)
{
	char ring[PATH_MAX], from[PATH_MAX], only[PATH_MAX] = "";
	struct dirent *entry;
	int count = 0;
	DIR *dir = opendir(kept);

	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		files_path(ring, "%s/%s%s%s", kept, entry->d_name, OF_PROCESSES, process);
		note_path(from, ring);
		if (access(ring, F_OK))
			continue;
		count++;
		snprintf(only, sizeof only, "%s", ring);
	}
	if (dir)
		closedir(dir);
	if (count == 1)
		ring_users_hand_on_one(only, trace);
}

struct handing_on {
	const char *kept;
	size_t above; /* of each path, what is not of the trace */
};

static void hand_on(const char *trace, const char *beside, void *data)
{
	const struct handing_on *handing_on = data;
	const char *at = strstr(trace + handing_on->above, OF_PROCESSES);

	(void)beside;
	if (at)
		hand_on_from_any(handing_on->kept, at + strlen(OF_PROCESSES), trace);
}

void ring_users_hand_on(const char *kept, const char *folder)
{
	struct handing_on handing_on = { kept, strlen(folder) };

	ring_walk(folder, folder, DEPTH, hand_on, &handing_on);
}

void ring_users_forget(const char *ring)
{
	char path[PATH_MAX];

	note_path(path, ring);
	unlink(path);
}
