/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_parts.h"
#include "ingest/ctf_packets.h"
#include "ingest/ctf_probe.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct part {
	struct ctf_reader *reader; /* NULL: at its end */
	char *file;                /* base name; owned */
	bool cut;                  /* its end is missing, which has been said */
};

struct ctf_parts {
	char *folder;        /* the trace's, as it was named; owned */
	char view[PATH_MAX]; /* the temporary folder; "" once removed */
	struct part *parts;
	size_t count, current; /* current: whose event was handed out last; == count: none */
	size_t damaged;        /* damages said so far */
	uint64_t skipped_io;
	bool no_io, lttng; /* lttng: the layout of packets is known */
};

static int file_path(char *path, size_t size, const char *folder, const char *file)
{
	return snprintf(path, size, "%s/%s", folder, file) < (int)size ? 0 : -ENAMETOOLONG;
}

static int is_stream_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "metadata") && entry->d_type != DT_DIR;
}

static bool streams_are_whole(const char *folder)
{
	struct dirent **names = NULL;
	int count = scandir(folder, &names, is_stream_file, NULL);
	bool whole = true;

	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		struct ctf_extent extent;
		if (whole && !file_path(path, sizeof(path), folder, names[i]->d_name) && !ctf_packets_look(path, &extent))
			whole = extent.whole == extent.size;
		free(names[i]);
	}
	free(names);
	return whole;
}

bool ctf_trace_is_whole(const char *folder)
{
	char path[PATH_MAX], *metadata = NULL;
	bool damaged = true, whole;

	if (!file_path(path, sizeof(path), folder, "metadata"))
		metadata = ctf_metadata_salvage(path, &damaged);
	whole = metadata && !damaged && (!ctf_metadata_is_lttng(metadata) || streams_are_whole(folder));
	free(metadata);
	return whole;
}

static void say_damage(struct ctf_parts *parts, const char *file, const char *format, const char *detail)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", parts->folder, *file ? "/" : "", file);
	ingest_complain(path, format, detail);
	parts->damaged++;
}

static int write_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "wx");
	int error = out && fputs(text, out) >= 0 ? 0 : -errno;

	return out && fclose(out) ? -errno : error;
}

/* The metadata of all views; repaired if need be. 0 or -errno after saying why. */
static int place_metadata(struct ctf_parts *parts)
{
	char from[PATH_MAX], to[PATH_MAX];
	bool damaged;
	char *text;
	int error = 0;

	if (file_path(from, sizeof(from), parts->folder, "metadata") || file_path(to, sizeof(to), parts->view, "metadata"))
		return -ENAMETOOLONG;
	text = ctf_metadata_salvage(from, &damaged);
	if (!text) {
		if (errno)
			say_damage(parts, "metadata", "cannot be read: %s", strerror(errno));
		else
			say_damage(parts, "metadata", "%s, so the trace cannot be read; record again",
			           "empty or cut off at its beginning");
		return -EINVAL;
	}
	if (damaged)
		say_damage(parts, "metadata", "%s; events that it no longer describes are left out", "its end is cut off");
	parts->lttng = ctf_metadata_is_lttng(text);
	error = write_text(to, text);
	free(text);
	if (error)
		ingest_complain(to, "cannot be written: %s; set TMPDIR to a folder with room", strerror(-error));
	return error;
}

/* A folder with the metadata and this one stream file. */
static int place_stream(struct ctf_parts *parts, const char *file, char *view, size_t size, bool *cut)
{
	char original[PATH_MAX], target[PATH_MAX], link[PATH_MAX], metadata[PATH_MAX];
	struct ctf_extent extent = { .size = 0 };
	int error;

	*cut = false;
	if (file_path(original, sizeof(original), parts->folder, file) ||
	    snprintf(view, size, "%s/%s.view", parts->view, file) >= (int)size || file_path(target, sizeof(target), view, file) ||
	    file_path(link, sizeof(link), view, "metadata") || file_path(metadata, sizeof(metadata), parts->view, "metadata"))
		return -ENAMETOOLONG;
	error = parts->lttng ? ctf_packets_look(original, &extent) : 0;
	if (error)
		return error;
	if (mkdir(view, 0700) || symlink(metadata, link))
		return -errno;
	if (extent.whole == extent.size) {
		char *real = realpath(original, NULL);
		error = real && !symlink(real, target) ? 0 : -errno;
		free(real);
		return error;
	}
	*cut = true;
	if (extent.cut)
		say_damage(parts, file, "%s; read up to there", "its last packet is cut off, or still being written");
	else
		say_damage(parts, file, "%s; read up to there", "no packet begins where one should");
	return ctf_packets_salvage(original, &extent, target);
}

static void part_advance(struct ctf_parts *parts, struct part *part)
{
	char *cause = NULL;
	int more = ctf_reader_next(part->reader, &cause);

	if (more == 1)
		return;
	/* A shortened packet ends in the middle of an event: that was said already. */
	if (more < 0 && !part->cut)
		say_damage(parts, part->file, "damaged: %s; read up to there", cause ? cause : "unknown");
	free(cause);
	parts->skipped_io += part->reader->decoder.skipped;
	ctf_reader_close(part->reader);
	part->reader = NULL;
}

static void skip_delivered(struct ctf_parts *parts, struct part *part, uint64_t messages)
{
	while (part->reader && ctf_reader_position(part->reader, part->file) < messages)
		part_advance(parts, part);
}

static int part_open(struct ctf_parts *parts, const char *file, uint64_t delivered)
{
	struct part *list = reallocarray(parts->parts, parts->count + 1, sizeof(*list)), *part;
	char view[PATH_MAX], *cause = NULL;
	bool cut = false;
	int died, error = list ? place_stream(parts, file, view, sizeof(view), &cut) : -ENOMEM;

	if (list)
		parts->parts = list;
	if (error) {
		say_damage(parts, file, "left out: %s", strerror(-error));
		return error;
	}
	part = &list[parts->count];
	part->file = strdup(file);
	part->cut = cut;
	died = ctf_probe(view);
	part->reader = part->file && !died ? ctf_reader_open(view, parts->no_io, &cause) : NULL;
	if (!part->reader) {
		say_damage(parts, file, died ? "left out: libbabeltrace2 ends over it or its metadata (%s)" : "left out: %s",
		           died    ? strsignal(died)
		           : cause ? cause
		                   : "out of memory");
		free(cause);
		free(part->file);
		return -EINVAL;
	}
	parts->current = ++parts->count;
	part_advance(parts, part);
	if (delivered)
		skip_delivered(parts, part, delivered + 1);
	return 0;
}

/* The number of stream files with something in them; those that can be read become parts. */
static size_t open_streams(struct ctf_parts *parts, const struct ctf_reader *done)
{
	struct dirent **names = NULL;
	int count = scandir(parts->folder, &names, is_stream_file, alphasort);
	size_t files = 0;

	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		struct stat info;
		if (!file_path(path, sizeof(path), parts->folder, names[i]->d_name) && !stat(path, &info) &&
		    S_ISREG(info.st_mode) && info.st_size) {
			files++;
			part_open(parts, names[i]->d_name, done ? ctf_reader_position(done, names[i]->d_name) : 0);
		}
		free(names[i]);
	}
	free(names);
	return files;
}

struct ctf_parts *ctf_parts_open(const char *folder, const struct ctf_reader *done, const char *cause, bool no_io)
{
	struct ctf_parts *parts = calloc(1, sizeof(*parts));
	const char *temporary = getenv("TMPDIR");
	size_t files;

	if (!parts)
		return NULL;
	parts->no_io = no_io;
	parts->folder = strdup(folder);
	snprintf(parts->view, sizeof(parts->view), "%s/fenceline-XXXXXX", temporary && *temporary ? temporary : "/tmp");
	if (!parts->folder || !mkdtemp(parts->view)) {
		ingest_complain(parts->view, "cannot be made: %s; set TMPDIR to a folder with room", strerror(errno));
		*parts->view = '\0';
		ctf_parts_close(parts);
		return NULL;
	}
	files = place_metadata(parts) ? 0 : open_streams(parts, done);
	if (!parts->damaged)
		say_damage(parts, "", "damaged: %s; its streams are read one by one", cause ? cause : "unknown");
	if (parts->count)
		return parts;
	if (files)
		ingest_complain(folder, "nothing can be read of this trace");
	ctf_parts_close(parts);
	return NULL;
}

int ctf_parts_next(struct ctf_parts *parts, struct event **event, const char **host)
{
	struct part *first = NULL;

	if (parts->current < parts->count)
		part_advance(parts, &parts->parts[parts->current]);
	parts->current = parts->count;
	for (size_t i = 0; i < parts->count; i++) {
		struct part *part = &parts->parts[i];
		if (part->reader && (!first || part->reader->event.ts_ns < first->reader->event.ts_ns))
			first = part;
	}
	if (!first)
		return 0;
	parts->current = (size_t)(first - parts->parts);
	*event = &first->reader->event;
	*host = first->reader->host;
	return 1;
}

uint64_t ctf_parts_skipped_io(const struct ctf_parts *parts)
{
	return parts->skipped_io;
}

/* The views are one folder deep and hold nothing but what was put there. */
static void remove_folder(const char *folder, int depth)
{
	struct dirent **names = NULL;
	int count = scandir(folder, &names, NULL, NULL);

	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		if (strcmp(names[i]->d_name, ".") && strcmp(names[i]->d_name, "..") &&
		    !file_path(path, sizeof(path), folder, names[i]->d_name) && unlink(path) && errno == EISDIR && depth)
			remove_folder(path, depth - 1);
		free(names[i]);
	}
	free(names);
	rmdir(folder);
}

void ctf_parts_close(struct ctf_parts *parts)
{
	if (!parts)
		return;
	for (size_t i = 0; i < parts->count; i++) {
		ctf_reader_close(parts->parts[i].reader);
		free(parts->parts[i].file);
	}
	if (*parts->view)
		remove_folder(parts->view, 1);
	free(parts->parts);
	free(parts->folder);
	free(parts);
}
