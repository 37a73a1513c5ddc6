/* SPDX-License-Identifier: MIT */
#include "fleet/spool.h"
#include "ingest/event_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define REFUSED_MOST ((off_t)16 << 20)
#define NAME_MOST    32

struct batch {
	char name[NAME_MOST]; /* "0-" rare or "1-" routine, then a serial number: in order of shipping by name */
	uint64_t bytes;
};

struct spool {
	char folder[PATH_MAX - NAME_MOST];
	int lock;
	uint64_t most, bytes, serial;
	struct batch *batches; /* in order of shipping */
	size_t count;
	struct spool_lost lost;
};

static void path_of(const struct spool *spool, const char *name, char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/%s", spool->folder, name) >= PATH_MAX)
		*path = '\0'; /* opens nothing */
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct batch *)a)->name, ((const struct batch *)b)->name);
}

static int add_batch(struct spool *spool, const char *name, uint64_t bytes)
{
	struct batch *batches = reallocarray(spool->batches, spool->count + 1, sizeof *batches);
	uint64_t serial = strtoull(name + 2, NULL, 10);

	if (!batches)
		return -ENOMEM;
	spool->batches = batches;
	snprintf(batches[spool->count].name, NAME_MOST, "%s", name);
	batches[spool->count++].bytes = bytes;
	spool->bytes += bytes;
	spool->serial = serial >= spool->serial ? serial + 1 : spool->serial;
	qsort(batches, spool->count, sizeof *batches, by_name);
	return 0;
}

static int read_folder(struct spool *spool)
{
	DIR *folder = opendir(spool->folder);
	struct dirent *entry;
	char path[PATH_MAX];
	struct stat info;
	int error = folder ? 0 : -errno;

	while (!error && folder && (entry = readdir(folder))) {
		size_t length = strlen(entry->d_name);
		path_of(spool, entry->d_name, path);
		if (*entry->d_name == '.' && length > 5 && !strcmp(entry->d_name + length - 4, ".new"))
			unlink(path); /* half written by one that ended */
		if (length >= NAME_MOST || strncmp(entry->d_name + 1, "-", 1) || stat(path, &info))
			continue;
		error = add_batch(spool, entry->d_name, (uint64_t)info.st_size);
	}
	if (folder)
		closedir(folder);
	return error;
}

static void read_lost(struct spool *spool)
{
	struct spool_lost lost;
	char path[PATH_MAX];
	FILE *file;

	path_of(spool, "lost", path);
	file = fopen(path, "re");
	if (file && fscanf(file, "%" SCNu64 " %" SCNd64 " %" SCNd64, &lost.rows, &lost.begin_ns, &lost.end_ns) == 3)
		spool->lost = lost;
	if (file)
		fclose(file);
}

static int make_folders(const char *path)
{
	char each[PATH_MAX];

	snprintf(each, sizeof each, "%s", path);
	for (char *slash = strchr(each + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (mkdir(each, 0700) && errno != EEXIST)
			return -errno;
		if (!slash)
			return 0;
		*slash = '/';
	}
}

int spool_open(const char *folder, uint64_t most_bytes, struct spool **made)
{
	struct spool *spool = calloc(1, sizeof *spool);
	char path[PATH_MAX];
	int error = spool ? make_folders(folder) : -ENOMEM;

	if (!spool)
		return error;
	snprintf(spool->folder, sizeof spool->folder, "%s", folder);
	spool->most = most_bytes;
	path_of(spool, ".lock", path);
	spool->lock = error ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (!error && (spool->lock < 0 || flock(spool->lock, LOCK_EX | LOCK_NB)))
		error = -errno;
	if (!error)
		error = read_folder(spool);
	if (error) {
		spool_close(spool);
		return error;
	}
	read_lost(spool);
	*made = spool;
	return 0;
}

void spool_close(struct spool *spool)
{
	if (!spool)
		return;
	if (spool->lock >= 0)
		close(spool->lock);
	free(spool->batches);
	free(spool);
}

/* ---- What is lost ---- */

/* On disk as well: who ships from here next tells of it. */
static void keep_lost(const struct spool *spool)
{
	char path[PATH_MAX];
	FILE *file;

	path_of(spool, "lost", path);
	if (!spool->lost.rows) {
		unlink(path);
		return;
	}
	file = fopen(path, "we");
	if (!file)
		return;
	fprintf(file, "%" PRIu64 " %" PRId64 " %" PRId64 "\n", spool->lost.rows, spool->lost.begin_ns, spool->lost.end_ns);
	fclose(file);
}

static void count_lost(struct spool *spool, const char *rows, size_t size)
{
	static const char key[] = "\"ts_ns\":";
	const char *end = rows + size;

	for (const char *at = rows, *line; at < end; at = line) {
		const char *time = memmem(at, (size_t)(end - at), key, sizeof key - 1);
		int64_t ts_ns = time ? strtoll(time + sizeof key - 1, NULL, 10) : 0;
		line = memchr(at, '\n', (size_t)(end - at));
		line = line ? line + 1 : end;
		spool->lost.rows++;
		if (!ts_ns)
			continue;
		if (!spool->lost.begin_ns || ts_ns < spool->lost.begin_ns)
			spool->lost.begin_ns = ts_ns;
		if (ts_ns > spool->lost.end_ns)
			spool->lost.end_ns = ts_ns;
	}
	keep_lost(spool);
}

static char *read_batch(const struct spool *spool, const struct batch *batch, size_t *size)
{
	char path[PATH_MAX], *rows;
	FILE *file;

	path_of(spool, batch->name, path);
	file = fopen(path, "re");
	rows = file ? malloc(batch->bytes + 1) : NULL;
	*size = rows ? fread(rows, 1, batch->bytes, file) : 0;
	if (rows)
		rows[*size] = '\0';
	if (file)
		fclose(file);
	return rows;
}

static void drop(struct spool *spool, size_t at, bool lost)
{
	struct batch *batch = &spool->batches[at];
	char path[PATH_MAX], *rows;
	size_t size;

	if (lost && (rows = read_batch(spool, batch, &size))) {
		count_lost(spool, rows, size);
		free(rows);
	}
	path_of(spool, batch->name, path);
	unlink(path);
	spool->bytes -= batch->bytes;
	memmove(batch, batch + 1, (--spool->count - at) * sizeof *batch);
}

/* The oldest routine batch, else the oldest; the names' order has routine ones behind all rare ones. */
static void make_room(struct spool *spool, bool rare, size_t size)
{
	while (spool->count && spool->bytes + size > spool->most) {
		size_t at = 0;
		while (at < spool->count && *spool->batches[at].name == '0')
			at++;
		if (at == spool->count && !rare)
			return;
		drop(spool, at < spool->count ? at : 0, true);
	}
}

struct spool_lost spool_lost(const struct spool *spool)
{
	return spool->lost;
}

void spool_forget_lost(struct spool *spool)
{
	spool->lost = (struct spool_lost){ 0, 0, 0 };
	keep_lost(spool);
}

/* ---- In and out ---- */

static int write_file(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), error = fd < 0 ? -errno : 0;

	for (size_t done = 0; !error && done < size;) {
		ssize_t n = write(fd, text + done, size - done);
		if (n < 0 && errno != EINTR)
			error = -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0 && fdatasync(fd) && !error)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

static int add_piece(struct spool *spool, bool rare, const char *rows, size_t size)
{
	char name[NAME_MOST], unfinished[PATH_MAX], path[PATH_MAX];
	int error;

	make_room(spool, rare, size);
	if (spool->bytes + size > spool->most) {
		count_lost(spool, rows, size);
		return -ENOSPC;
	}
	snprintf(name, sizeof name, "%d-%012" PRIu64, !rare, spool->serial);
	path_of(spool, name, path);
	path_of(spool, ".batch.new", unfinished);
	error = write_file(unfinished, rows, size);
	if (!error && rename(unfinished, path))
		error = -errno;
	if (!error)
		error = add_batch(spool, name, size);
	if (error) {
		unlink(unfinished);
		count_lost(spool, rows, size);
	}
	return error;
}

/* A piece's size: whole lines of no more than a quarter of the spool, or one line. */
static size_t piece_of(const struct spool *spool, const char *rows, size_t size)
{
	const char *end = size > spool->most / 4 ? memrchr(rows, '\n', spool->most / 4) : rows + size - 1;

	if (!end)
		end = memchr(rows, '\n', size);
	return end ? (size_t)(end - rows) + 1 : size;
}

/* A batch that is larger than what the spool holds loses its oldest rows, not all. */
int spool_add(struct spool *spool, bool rare, const char *rows, size_t size)
{
	int error = 0;

	while (size) {
		size_t piece = piece_of(spool, rows, size);
		int failed = add_piece(spool, rare, rows, piece);
		error = failed ? failed : error;
		rows += piece;
		size -= piece;
	}
	return error;
}

bool spool_first(struct spool *spool, bool *rare, char **rows, size_t *size)
{
	while (spool->count) {
		*rows = read_batch(spool, &spool->batches[0], size);
		*rare = *spool->batches[0].name == '0';
		if (*rows && *size)
			return true;
		free(*rows);
		drop(spool, 0, false); /* taken away by somebody, or empty */
	}
	return false;
}

void spool_drop_first(struct spool *spool)
{
	drop(spool, 0, false);
}

uint64_t spool_bytes(const struct spool *spool)
{
	return spool->bytes;
}

void spool_refuse(struct spool *spool, const char *row, size_t size, const char *why)
{
	char path[PATH_MAX];
	struct stat info;
	FILE *file;

	path_of(spool, "refused.ndjson", path);
	if (!stat(path, &info) && info.st_size > REFUSED_MOST)
		return;
	file = fopen(path, "ae");
	if (!file)
		return;
	fputs("{\"why\":", file);
	event_text_string(file, why);
	fprintf(file, ",\"row\":%.*s}\n", (int)size, row);
	fclose(file);
}
