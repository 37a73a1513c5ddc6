/* SPDX-License-Identifier: MIT */
#include "daemon/fencers.h"
#include "daemon/files.h"
#include "daemon/sessions.h"
#include "record/packet.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A process's metadata is written within a second, where LTTng does it while the process lives (2.12 to 2.15). */
#define METADATA_AGE_S 2

struct fencers {
	char folder[PATH_MAX];
	uint64_t seen; /* bytes of events in it at the last look, less those of files that were taken away since */
	unsigned unreadable, given_up; /* processes without metadata at the last look; those that stayed so */
};

struct fencers *fencers_new(void)
{
	return calloc(1, sizeof(struct fencers));
}

void fencers_free(struct fencers *fencers)
{
	free(fencers);
}

/* Bytes of events in a stream's file. */
static uint64_t event_bytes(const char *path)
{
	struct packet_header header;
	uint64_t bytes = 0;
	off_t at = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	for (; packet_read(fd, at, &header); at += (off_t)header.size)
		if (header.content > PACKET_HEADER_BYTES + 8)
			bytes += header.content - PACKET_HEADER_BYTES;
	close(fd);
	return bytes;
}

/* nftw has no argument for its function. */
static uint64_t sum;   /* bytes of events in channel `sent` */
static unsigned empty; /* processes whose metadata is not written */

static int look_at_file(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	const char *name = path + ftw->base;

	if (kind != FTW_F)
		return 0;
	if (st->st_size && !strncmp(name, CHANNEL_SENT "_", strlen(CHANNEL_SENT "_")))
		sum += event_bytes(path);
	if (!st->st_size && !strcmp(name, "metadata") && time(NULL) - st->st_mtime >= METADATA_AGE_S)
		empty++;
	return 0;
}

static uint64_t look_below(const char *path)
{
	sum = empty = 0;
	nftw(path, look_at_file, 16, FTW_PHYS);
	return sum;
}

uint64_t fencers_look(struct fencers *fencers, const char *folder)
{
	uint64_t before;

	if (strcmp(folder, fencers->folder) != 0) { /* of a session that has just begun */
		snprintf(fencers->folder, sizeof fencers->folder, "%s", folder);
		fencers->seen = 0;
		fencers->given_up = 0;
	}
	before = fencers->seen;
	fencers->seen = look_below(folder);
	fencers->unreadable = empty;
	return fencers->seen > before ? fencers->seen - before : 0; /* less: LTTng began a file of the ring of files anew */
}

/* ---- what can go ---- */

static time_t newest;

static int note_newest(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)path, (void)ftw;
	if (kind == FTW_F && st->st_mtime > newest)
		newest = st->st_mtime;
	return 0;
}

static bool is_old(const char *path, int64_t age_s)
{
	struct stat st;

	newest = 0;
	nftw(path, note_newest, 16, FTW_PHYS);
	if (!newest)
		newest = stat(path, &st) ? time(NULL) : st.st_mtime;
	return time(NULL) - newest > age_s;
}

bool fencers_want_metadata(struct fencers *fencers)
{
	bool want = fencers->unreadable > fencers->given_up;

	fencers->given_up = fencers->unreadable;
	return want;
}

/* LTTng's consumer has the files of a process open for as long as it lives. LTTng itself is not asked: it would ask each process,
 * and wait for one that stands still, and whoever begins meanwhile would not be recorded. */
static bool is_open(pid_t consumer, const char *folder)
{
	char path[PATH_MAX], link[PATH_MAX];
	size_t length = strlen(folder);
	struct dirent *entry;
	bool open = false;
	DIR *dir;

	files_path(path, "/proc/%d/fd", (int)consumer);
	dir = opendir(path);
	if (!dir)
		return true;
	while (!open && (entry = readdir(dir))) {
		ssize_t size = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);
		if (size <= (ssize_t)length)
			continue;
		link[size] = '\0';
		open = !strncmp(link, folder, length) && link[length] == '/';
	}
	closedir(dir);
	return open;
}

static void prune_processes(struct fencers *fencers, const char *folder, pid_t consumer, int64_t age_s)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	files_path(path, "%s/ust/pid", folder);
	dir = consumer ? opendir(path) : NULL;
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		files_path(path, "%s/ust/pid/%s", folder, entry->d_name);
		if (!is_old(path, age_s) || is_open(consumer, path))
			continue;
		/* Otherwise a command that is sent before the next look would not make the sum larger than it was. */
		uint64_t gone = look_below(path);
		fencers->seen -= gone < fencers->seen ? gone : fencers->seen;
		files_remove(path);
	}
	if (dir)
		closedir(dir);
}

void fencers_prune(struct fencers *fencers, const char *above, const char *folder, pid_t consumer, int64_t age_s)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(above);

	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		files_path(path, "%s/%s", above, entry->d_name);
		if (strcmp(path, folder) != 0 && is_old(path, age_s))
			files_remove(path);
	}
	if (dir)
		closedir(dir);
	prune_processes(fencers, folder, consumer, age_s);
}
