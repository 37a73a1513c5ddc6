/* SPDX-License-Identifier: MIT */
#include "daemon/logs.h"
#include "daemon/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS  8
#define LINES 20000 /* of a log into a folder, at most */

/* Where the first whole line of the end begins. */
static off_t begin_of_end(int fd, off_t size)
{
	off_t at = size > LOG_END_BYTES ? size - LOG_END_BYTES : 0;
	char block[4096], *newline;
	ssize_t n;

	while (at && at < size && (n = pread(fd, block, sizeof block, at)) > 0) {
		newline = memchr(block, '\n', (size_t)n);
		if (newline)
			return at + (newline - block) + 1;
		at += n;
	}
	return at;
}

/* Logs of two folders may have one name. */
static int make_file(const char *folder, const char *log)
{
	const char *slash = strrchr(log, '/');
	char path[PATH_MAX];
	int fd = -1;

	for (int i = 0; fd < 0 && i < 10; i++) {
		files_path(path, i ? "%s/%d-%s" : "%s/%.0d%s", folder, i, slash ? slash + 1 : log);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		if (fd < 0 && errno != EEXIST)
			return -errno;
	}
	return fd < 0 ? -EEXIST : fd;
}

int logs_take_end(const char *log, const char *folder)
{
	int in = open(log, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), out, status = 0;
	struct stat st;
	off_t at;
	ssize_t n;

	if (in < 0)
		return -errno;
	if (fstat(in, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		close(in);
		return -EINVAL;
	}
	at = begin_of_end(in, st.st_size);
	out = make_file(folder, log);
	if (out < 0)
		status = out;
	while (!status && at < st.st_size) {
		n = sendfile(out, in, &at, (size_t)(st.st_size - at));
		if (n <= 0) {
			status = n < 0 ? -errno : 0;
			break;
		}
	}
	close(in);
	if (out >= 0)
		close(out);
	return status;
}

/* ---- the lines that matter ---- */

static size_t keys_of(const struct verdict *verdict, char keys[KEYS][300])
{
	const char *nonce = strrchr(verdict->address, '/');
	size_t count = 0;

	if (nonce && strlen(nonce) > 4)
		snprintf(keys[count++], 300, "%s", nonce);
	if (strlen(verdict->header) > 4)
		snprintf(keys[count++], 300, "%s", verdict->header);
	if (strlen(verdict->image_id) > 4)
		snprintf(keys[count++], 300, "%s", verdict->image_id);
	if (strlen(verdict->uuid) > 8)
		snprintf(keys[count++], 300, "%s", verdict->uuid);
	if (strlen(verdict->vm) > 2)
		snprintf(keys[count++], 300, "%s", verdict->vm);
	if (verdict->global_id)
		snprintf(keys[count++], 300, "client.%" PRIu64, verdict->global_id);
	return count;
}

static bool matters(const char *line, char keys[KEYS][300], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(line, keys[i]))
			return true;
	return false;
}

static int take_lines(const char *from, const char *to, char keys[KEYS][300], size_t count)
{
	FILE *in = fopen(from, "re"), *out = NULL;
	char *line = NULL;
	size_t room = 0;
	int taken = 0, status = in ? 0 : -errno;

	while (!status && taken < LINES && getline(&line, &room, in) > 0) {
		if (!matters(line, keys, count))
			continue;
		if (!out && !(out = fopen(to, "we")))
			status = -errno;
		if (out && fputs(line, out) < 0)
			status = -EIO;
		taken++;
	}
	free(line);
	if (in)
		fclose(in);
	if (out && fclose(out) && !status)
		status = -errno;
	return status;
}

int logs_take_lines(const char *from, const char *to, const struct verdict *verdict)
{
	char keys[KEYS][300], in[PATH_MAX], out[PATH_MAX];
	size_t count = keys_of(verdict, keys);
	DIR *dir = opendir(from);
	struct dirent *entry;
	int status = files_make_folders(to);

	while (!status && dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		files_path(in, "%s/%s", from, entry->d_name);
		files_path(out, "%s/%s", to, entry->d_name);
		status = take_lines(in, out, keys, count);
	}
	if (dir)
		closedir(dir);
	return status;
}
