/* SPDX-License-Identifier: MIT */
#include "record/reach.h"
#include "record/packet.h"
#include "run/now.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHORTEST_NS 1000000000 /* of less a rate says nothing */
#define DEPTH       12

struct measuring {
	const char *channel;
	unsigned subbuffers;
	struct reach *reach;
};

struct stream {
	uint64_t first_ns, last_ns, content, subbuffer; /* bytes */
	unsigned packets;
};

static bool read_stream(const char *path, struct stream *stream)
{
	struct packet_header header;
	off_t at = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	memset(stream, 0, sizeof *stream);
	while (fd >= 0 && packet_read(fd, at, &header)) {
		if (header.content > PACKET_HEADER_BYTES) {
			if (!stream->first_ns || header.begin_ns < stream->first_ns)
				stream->first_ns = header.begin_ns;
			if (header.end_ns > stream->last_ns)
				stream->last_ns = header.end_ns;
			stream->content += header.content;
		}
		if (header.size > stream->subbuffer)
			stream->subbuffer = header.size;
		stream->packets++;
		at += (off_t)header.size;
	}
	if (fd >= 0)
		close(fd);
	return stream->content && stream->last_ns > stream->first_ns;
}

/* Seconds; 0: not known. */
static int64_t reach_of(const struct stream *stream, unsigned subbuffers, bool *wrapped)
{
	uint64_t span = stream->last_ns - stream->first_ns;

	*wrapped = stream->packets + 1 >= subbuffers;
	if (*wrapped)
		return (int64_t)(span / 1000000000);
	if (span < SHORTEST_NS)
		return 0;
	return (int64_t)((double)stream->subbuffer * (subbuffers - 1) / (double)stream->content * (double)span / 1e9);
}

static bool is_of_channel(const char *name, const char *channel)
{
	size_t length = strlen(channel);

	return !strncmp(name, channel, length) && name[length] == '_' && name[length + 1] >= '0' && name[length + 1] <= '9';
}

/* A folder with streams is a ring: a process's, or a user's. */
static void measure_ring(const struct measuring *measuring, const char *folder)
{
	struct reach *reach = measuring->reach;
	struct stream stream;
	char path[PATH_MAX];
	struct dirent *entry;
	int64_t least = 0;
	unsigned cpus = 0;
	bool wrapped = false, its;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir))) {
		if (!is_of_channel(entry->d_name, measuring->channel) ||
		    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path ||
		    !read_stream(path, &stream))
			continue;
		int64_t seconds = reach_of(&stream, measuring->subbuffers, &its);
		cpus++;
		if (seconds && (!least || seconds < least)) {
			least = seconds;
			wrapped = its;
		}
	}
	if (dir)
		closedir(dir);
	reach->rings += cpus > 0;
	if (least > reach->most_s)
		reach->most_s = least;
	if (least && (!reach->least_s || least < reach->least_s)) {
		reach->least_s = least;
		reach->wrapped = wrapped;
		reach->cpus = cpus;
	}
}

static void reach_walk(const struct measuring *measuring, const char *folder, int depth)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool ring = false;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		ring |= is_of_channel(entry->d_name, measuring->channel);
		if (depth && entry->d_type == DT_DIR &&
		    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path)
			reach_walk(measuring, path, depth - 1);
	}
	if (dir)
		closedir(dir);
	if (ring)
		measure_ring(measuring, folder);
}

int reach_measure(const char *folder, const char *channel, unsigned subbuffers, struct reach *reach)
{
	const struct measuring measuring = { channel, subbuffers, reach };

	memset(reach, 0, sizeof *reach);
	reach_walk(&measuring, folder, DEPTH);
	reach->measured_ns = epoch_ns();
	return reach->rings ? 0 : -ENODATA;
}

/* ---- for `record status` ---- */

int reach_save(const struct reach *reach, const char *path)
{
	char unfinished[PATH_MAX];
	FILE *file;
	int status = 0;

	if (snprintf(unfinished, sizeof unfinished, "%s.new", path) >= (int)sizeof unfinished)
		return -ENAMETOOLONG;
	file = fopen(unfinished, "we");
	if (!file)
		return -errno;
	if (fprintf(file, "%u %u %lld %lld %d %lld\n", reach->rings, reach->cpus, (long long)reach->least_s,
	            (long long)reach->most_s, reach->wrapped, (long long)reach->measured_ns) < 0)
		status = -EIO;
	if (fclose(file) && !status)
		status = -errno;
	if (!status && rename(unfinished, path))
		status = -errno;
	return status;
}

int reach_load(const char *path, struct reach *reach)
{
	long long least, most, measured;
	FILE *file = fopen(path, "re");
	int wrapped, read;

	if (!file)
		return -errno;
	read = fscanf(file, "%u %u %lld %lld %d %lld", &reach->rings, &reach->cpus, &least, &most, &wrapped, &measured);
	fclose(file);
	if (read != 6)
		return -EINVAL;
	reach->least_s = least;
	reach->most_s = most;
	reach->wrapped = wrapped;
	reach->measured_ns = measured;
	return 0;
}

char *reach_words(int64_t seconds, char buf[32])
{
	if (seconds < 120)
		snprintf(buf, 32, "%d s", (int)seconds);
	else if (seconds < 2 * 3600)
		snprintf(buf, 32, "%d min", (int)(seconds / 60));
	else if (seconds < 72 * 3600)
		snprintf(buf, 32, "%d h %d min", (int)(seconds / 3600), (int)(seconds % 3600 / 60));
	else
		snprintf(buf, 32, "%d days", (int)(seconds / 86400 > 9999 ? 9999 : seconds / 86400));
	return buf;
}
