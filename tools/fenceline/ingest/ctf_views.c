/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_views.h"
#include "ingest/ctf_packets.h"
#include "ingest/temporary.h"
#include "ingest/xalloc.h"

#include <dirent.h>
#include <babeltrace2/babeltrace.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct view {
	char *folder; /* owned; NULL: none could be made */
	bool cut;
};

struct ctf_views {
	const struct ctf_trace *whole; /* borrowed */
	struct temporary temporary;
	struct view *views; /* owned; one for each of whole->files */
	size_t damaged;     /* damages said so far */
	bool lttng;         /* the layout of packets is known */
};

/* ---- the trace's own folder ---- */

static int file_path(char *path, size_t size, const char *folder, const char *file)
{
	return snprintf(path, size, "%s/%s", folder, file) < (int)size ? 0 : -ENAMETOOLONG;
}

int ctf_is_stream_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "metadata") && entry->d_type != DT_DIR;
}

/* As babeltrace orders them. */
static int by_bytes_of_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

void ctf_trace_list_files(struct ctf_trace *trace)
{
	struct dirent **names = NULL;
	int count = scandir(trace->folder, &names, ctf_is_stream_file, by_bytes_of_name);

	trace->files = xcalloc((size_t)(count > 0 ? count : 0) + 1, sizeof(*trace->files));
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		struct stat info;
		if (!file_path(path, sizeof(path), trace->folder, names[i]->d_name) && !stat(path, &info) &&
		    S_ISREG(info.st_mode) && info.st_size)
			trace->files[trace->file_count++] =
			        (struct ctf_file){ xstrdup(names[i]->d_name), (uint64_t)info.st_size };
		free(names[i]);
	}
	free(names);
}

static bool streams_are_whole(const struct ctf_trace *trace)
{
	for (size_t i = 0; i < trace->file_count; i++) {
		char path[PATH_MAX];
		struct ctf_extent extent;
		if (!file_path(path, sizeof(path), trace->folder, trace->files[i].name) && !ctf_packets_look(path, &extent) &&
		    extent.whole != extent.size)
			return false;
	}
	return true;
}

bool ctf_trace_is_whole(const struct ctf_trace *trace)
{
	char path[PATH_MAX], *metadata = NULL;
	bool damaged = true, whole;

	if (!file_path(path, sizeof(path), trace->folder, "metadata"))
		metadata = ctf_metadata_salvage(path, &damaged);
	whole = metadata && !damaged && (!ctf_metadata_is_lttng(metadata) || streams_are_whole(trace));
	free(metadata);
	return whole;
}

/* ---- what is said ---- */

static void say_damage(struct ctf_views *views, const char *file, const char *format, const char *detail)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", views->whole->folder, *file ? "/" : "", file);
	ingest_complain(path, format, detail);
	views->damaged++;
}

void ctf_say_damage(const struct ctf_trace *trace, size_t stream, const char *cause)
{
	const char *file = trace->file ? trace->file : trace->stream_count == trace->file_count ? trace->files[stream].name : "";
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", trace->folder, *file ? "/" : "", file);
	ingest_complain(path, "damaged: %s; read up to there", cause);
	if (trace->views)
		trace->views->damaged++;
}

/* ---- views ---- */

static int write_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "wx");
	int error = out && fputs(text, out) >= 0 ? 0 : -errno;

	return out && fclose(out) ? -errno : error;
}

/* The metadata of all views; repaired if need be. 0 or -errno after saying why. */
static int place_metadata(struct ctf_views *views)
{
	char from[PATH_MAX], to[PATH_MAX];
	bool damaged;
	char *text;
	int error;

	if (file_path(from, sizeof(from), views->whole->folder, "metadata") ||
	    file_path(to, sizeof(to), views->temporary.folder, "metadata"))
		return -ENAMETOOLONG;
	text = ctf_metadata_salvage(from, &damaged);
	if (!text) {
		if (errno)
			say_damage(views, "metadata", "cannot be read: %s", strerror(errno));
		else
			say_damage(views, "metadata",
			           "%s, so the trace cannot be read; if it is being recorded, stop that first, else record again",
			           "empty or cut off at its beginning");
		return -EINVAL;
	}
	if (*text == CTF_2_METADATA && bt_version_get_minor() < 1) {
		say_damage(views, "metadata",
		           "is CTF 2, which libbabeltrace2 %s cannot read; read it where that is 2.1 or later, or record as CTF "
		           "1.8: "
		           "`fenceline record` does, `lttng create` with --trace-format=ctf-1.8",
		           "2.0");
		free(text);
		return -EINVAL;
	}
	if (damaged)
		say_damage(views, "metadata", "%s; events that it no longer describes are left out", "its end is cut off");
	views->lttng = ctf_metadata_is_lttng(text);
	temporary_will_make(&views->temporary, to);
	error = write_text(to, text);
	free(text);
	if (error)
		ingest_complain(to, "cannot be written: %s; set TMPDIR to a folder with room", strerror(-error));
	return error;
}

/* The file itself, or as much of it as is whole. */
static int place_file(struct ctf_views *views, const char *file, const char *original, const char *target,
                      const struct ctf_extent *extent)
{
	char *real;
	int error;

	temporary_will_make(&views->temporary, target);
	if (extent->whole == extent->size) {
		real = realpath(original, NULL);
		error = real && !symlink(real, target) ? 0 : -errno;
		free(real);
		return error;
	}
	if (extent->cut)
		say_damage(views, file, "%s; read up to there", "its last packet is cut off, or still being written");
	else
		say_damage(views, file, "%s; read up to there", "no packet begins where one should");
	return ctf_packets_salvage(original, extent, target);
}

/* A folder with the metadata and this one stream file. */
static int place_stream(struct ctf_views *views, const char *file, struct view *view)
{
	char folder[PATH_MAX], original[PATH_MAX], target[PATH_MAX], link[PATH_MAX], metadata[PATH_MAX];
	struct ctf_extent extent = { .size = 0 };
	int error;

	if (file_path(original, sizeof(original), views->whole->folder, file) ||
	    snprintf(folder, sizeof(folder), "%s/%s.view", views->temporary.folder, file) >= (int)sizeof(folder) ||
	    file_path(target, sizeof(target), folder, file) || file_path(link, sizeof(link), folder, "metadata") ||
	    file_path(metadata, sizeof(metadata), views->temporary.folder, "metadata"))
		return -ENAMETOOLONG;
	error = views->lttng ? ctf_packets_look(original, &extent) : 0;
	temporary_will_make(&views->temporary, folder);
	temporary_will_make(&views->temporary, link);
	if (!error && (mkdir(folder, 0700) || symlink(metadata, link)))
		error = -errno;
	if (!error)
		error = place_file(views, file, original, target, &extent);
	view->cut = extent.whole != extent.size;
	view->folder = error ? NULL : xstrdup(folder);
	return error;
}

static size_t place_streams(struct ctf_views *views)
{
	size_t placed = 0;

	for (size_t i = 0; i < views->whole->file_count; i++) {
		const char *file = views->whole->files[i].name;
		int error = place_stream(views, file, &views->views[i]);
		if (error)
			say_damage(views, file, "left out: %s", strerror(-error));
		placed += !error;
	}
	return placed;
}

struct ctf_views *ctf_views_make(const struct ctf_trace *whole)
{
	struct ctf_views *views =
	        XNEW(struct ctf_views, .whole = whole, .views = xcalloc(whole->file_count + 1, sizeof(struct view)));
	bool described = !temporary_make(&views->temporary) && !place_metadata(views);

	if (described && place_streams(views))
		return views;
	if (described && whole->file_count)
		ingest_complain(whole->folder, "nothing can be read of this trace");
	ctf_views_remove(views);
	return NULL;
}

const char *ctf_views_folder(const struct ctf_views *views, size_t file, bool *cut)
{
	*cut = views->views[file].cut;
	return views->views[file].folder;
}

void ctf_views_conclude(struct ctf_views *views, struct ctf_trace *const traces[], size_t count)
{
	const char *cause = views->whole->cause; /* it names the folder that the user knows */
	size_t open = 0;

	for (size_t i = 0; i < count; i++)
		if (traces[i]->state == TRACE_OPEN)
			open++;
		else if (!cause)
			cause = traces[i]->cause;
	if (!open) {
		ingest_complain(views->whole->folder,
		                "nothing can be read of this trace: %s; take another copy of it, or record again",
		                cause ? cause : "out of memory");
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (traces[i]->state != TRACE_OPEN)
			say_damage(views, traces[i]->file, "left out: %s", traces[i]->cause ? traces[i]->cause : "out of memory");
	if (!views->damaged)
		say_damage(views, "", "damaged: %s; its streams are read one by one",
		           views->whole->cause ? views->whole->cause : "unknown");
}

void ctf_views_remove(struct ctf_views *views)
{
	if (!views)
		return;
	temporary_remove(&views->temporary);
	for (size_t i = 0; i < views->whole->file_count; i++)
		free(views->views[i].folder);
	free(views->views);
	free(views);
}
