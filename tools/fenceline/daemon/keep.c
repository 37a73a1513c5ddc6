/* SPDX-License-Identifier: MIT */
#include "daemon/keep.h"
#include "daemon/files.h"
#include "daemon/say.h"
#include "saved/saved.h"

#include <ftw.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define OPEN_FOLDERS 16

struct file {
	dev_t dev;
	ino_t ino;
};

static struct {      /* nftw has no argument for its function */
	void *files; /* tsearch; those that have several names */
	uint64_t bytes;
} counted;

static int compare(const void *a, const void *b)
{
	const struct file *one = a, *other = b;

	if (one->dev != other->dev)
		return one->dev < other->dev ? -1 : 1;
	return one->ino < other->ino ? -1 : one->ino > other->ino;
}

/* Without memory for it a file is not counted: better one folder too many than one too few. */
static bool is_new(const struct stat *st)
{
	struct file *file = malloc(sizeof *file), *const * known;

	if (!file)
		return false;
	*file = (struct file){ st->st_dev, st->st_ino };
	known = tsearch(file, &counted.files, compare);
	if (!known || *known != file)
		free(file);
	return known && *known == file;
}

static int count_file(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)path, (void)ftw;
	if (kind == FTW_F && (st->st_nlink == 1 || is_new(st)))
		counted.bytes += (uint64_t)st->st_size;
	return 0;
}

/* What the newest folders take together: of each, with those before it. */
static void count_folders(const char *incidents, char **names, int have, uint64_t *sums)
{
	char path[PATH_MAX];

	counted.bytes = 0;
	for (int i = 0; i < have; i++) {
		files_path(path, "%s/%s", incidents, names[i]);
		nftw(path, count_file, OPEN_FOLDERS, FTW_PHYS); /* the folders of one case have its trace between them */
		sums[i] = counted.bytes;
	}
	tdestroy(counted.files, free);
	counted.files = NULL;
}

uint64_t keep_room(uint64_t taken, uint64_t available)
{
	uint64_t half = taken / 2 + available / 2;

	return half > KEEP_LEAST ? half : KEEP_LEAST;
}

static uint64_t room_on_disk(const char *incidents, uint64_t taken)
{
	struct statvfs disk;

	return statvfs(incidents, &disk) ? UINT64_MAX : keep_room(taken, (uint64_t)disk.f_bavail * disk.f_frsize);
}

void keep_newest(const char *incidents, uint32_t count, uint64_t bytes)
{
	char **names, path[PATH_MAX];
	int have = saved_list(incidents, &names);
	uint64_t *sums = have > 0 ? calloc((size_t)have, sizeof *sums) : NULL;

	if (sums)
		count_folders(incidents, names, have, sums);
	if (sums && !bytes)
		bytes = room_on_disk(incidents, sums[have - 1]);
	for (int i = 1; sums && i < have; i++) {
		bool many = count && (uint32_t)i >= count;
		if (!many && sums[i] <= bytes)
			continue;
		say("takes the incident folder %s away: %s", names[i],
		    many || !count ? "--keep"
		                   : "with the newer ones it takes more than half of the room that the disk has for them");
		files_path(path, "%s/%s", incidents, names[i]);
		files_remove(path);
	}
	free(sums);
	if (have >= 0)
		saved_free(names, have);
}
