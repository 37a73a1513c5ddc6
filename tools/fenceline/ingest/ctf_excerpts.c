/* SPDX-License-Identifier: MIT */
#include "ingest/complain.h"
#include "ingest/ctf_excerpts.h"
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

struct excerpt {
	char *folder; /* owned; NULL: none could be made */
	bool cut;
};

struct ctf_excerpts {
	const struct ctf_trace *whole; /* borrowed */
	struct temporary temporary;
	struct excerpt *excerpts; /* owned; one for each of whole->files */
	size_t damaged;           /* damages said so far */
	bool lttng;               /* the layout of packets is known */
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

static void say_damage(struct ctf_excerpts *excerpts, const char *file, const char *format, const char *detail)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", excerpts->whole->folder, *file ? "/" : "", file);
	ingest_complain(path, format, detail);
	excerpts->damaged++;
}

void ctf_say_damage(const struct ctf_trace *trace, size_t stream, const char *cause)
{
	const char *file = trace->file ? trace->file : trace->stream_count == trace->file_count ? trace->files[stream].name : "";
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", trace->folder, *file ? "/" : "", file);
	ingest_complain(path, "damaged: %s; read up to there", cause);
	if (trace->excerpts)
		trace->excerpts->damaged++;
}

/* ---- excerpts ---- */

/* The metadata of all excerpts; repaired if need be. 0 or -errno after saying why. */
static int place_metadata(struct ctf_excerpts *excerpts)
{
	char from[PATH_MAX], to[PATH_MAX];
	bool damaged;
	char *text;
	int error;

	if (file_path(from, sizeof(from), excerpts->whole->folder, "metadata") ||
	    file_path(to, sizeof(to), excerpts->temporary.folder, "metadata"))
		return -ENAMETOOLONG;
	text = ctf_metadata_salvage(from, &damaged);
	if (!text) {
		if (errno)
			say_damage(excerpts, "metadata", "cannot be read: %s", strerror(errno));
		else
			say_damage(excerpts, "metadata",
			           "%s, so the trace cannot be read; if it is being recorded, stop that first, else record again",
			           "empty or cut off at its beginning");
		return -EINVAL;
	}
	if (*text == CTF_2_METADATA && bt_version_get_minor() < 1) {
		say_damage(excerpts, "metadata",
		           "is CTF 2, which libbabeltrace2 %s cannot read; read it where that is 2.1 or later, or record as CTF "
		           "1.8: "
		           "`fenceline record` does, `lttng create` with --trace-format=ctf-1.8",
		           "2.0");
		free(text);
		return -EINVAL;
	}
	if (damaged)
		say_damage(excerpts, "metadata", "%s; events that it no longer describes are left out", "its end is cut off");
	excerpts->lttng = ctf_metadata_is_lttng(text);
	error = temporary_write(&excerpts->temporary, to, text);
	free(text);
	if (error)
		ingest_complain(to, "cannot be written: %s; set TMPDIR to a folder with room", strerror(-error));
	return error;
}

/* The file itself, or as much of it as is whole. */
static int place_file(struct ctf_excerpts *excerpts, const char *file, const char *original, const char *target,
                      const struct ctf_extent *extent)
{
	char *real;
	int error;

	temporary_will_make(&excerpts->temporary, target);
	if (extent->whole == extent->size) {
		real = realpath(original, NULL);
		error = real && !symlink(real, target) ? 0 : -errno;
		free(real);
		return error;
	}
	if (extent->cut)
		say_damage(excerpts, file, "%s; read up to there", "its last packet is cut off, or still being written");
	else
		say_damage(excerpts, file, "%s; read up to there", "no packet begins where one should");
	return ctf_packets_copy(original, extent, target);
}

/* A folder with the metadata and this one stream file. */
static int place_stream(struct ctf_excerpts *excerpts, const char *file, struct excerpt *excerpt)
{
	char folder[PATH_MAX], original[PATH_MAX], target[PATH_MAX], link[PATH_MAX], metadata[PATH_MAX];
	struct ctf_extent extent = { .size = 0 };
	int error;

	if (file_path(original, sizeof(original), excerpts->whole->folder, file) ||
	    snprintf(folder, sizeof(folder), "%s/%s.excerpt", excerpts->temporary.folder, file) >= (int)sizeof(folder) ||
	    file_path(target, sizeof(target), folder, file) || file_path(link, sizeof(link), folder, "metadata") ||
	    file_path(metadata, sizeof(metadata), excerpts->temporary.folder, "metadata"))
		return -ENAMETOOLONG;
	error = excerpts->lttng ? ctf_packets_look(original, &extent) : 0;
	temporary_will_make(&excerpts->temporary, folder);
	temporary_will_make(&excerpts->temporary, link);
	if (!error && (mkdir(folder, 0700) || symlink(metadata, link)))
		error = -errno;
	if (!error)
		error = place_file(excerpts, file, original, target, &extent);
	excerpt->cut = extent.whole != extent.size;
	excerpt->folder = error ? NULL : xstrdup(folder);
	return error;
}

static size_t place_streams(struct ctf_excerpts *excerpts)
{
	size_t placed = 0;

	for (size_t i = 0; i < excerpts->whole->file_count; i++) {
		const char *file = excerpts->whole->files[i].name;
		int error = place_stream(excerpts, file, &excerpts->excerpts[i]);
		if (error)
			say_damage(excerpts, file, "left out: %s", strerror(-error));
		placed += !error;
	}
	return placed;
}

struct ctf_excerpts *ctf_excerpts_make(const struct ctf_trace *whole)
{
	struct ctf_excerpts *excerpts =
	        XNEW(struct ctf_excerpts, .whole = whole, .excerpts = xcalloc(whole->file_count + 1, sizeof(struct excerpt)));
	bool described = !temporary_make(&excerpts->temporary) && !place_metadata(excerpts);

	if (described && place_streams(excerpts))
		return excerpts;
	if (described && whole->file_count)
		ingest_complain(whole->folder, "nothing can be read of this trace");
	ctf_excerpts_remove(excerpts);
	return NULL;
}

const char *ctf_excerpts_folder(const struct ctf_excerpts *excerpts, size_t file, bool *cut)
{
	*cut = excerpts->excerpts[file].cut;
	return excerpts->excerpts[file].folder;
}

void ctf_excerpts_conclude(struct ctf_excerpts *excerpts, struct ctf_trace *const traces[], size_t count)
{
	const char *cause = excerpts->whole->cause; /* it names the folder that the user knows */
	size_t open = 0;

	for (size_t i = 0; i < count; i++)
		if (traces[i]->state == TRACE_OPEN)
			open++;
		else if (!cause)
			cause = traces[i]->cause;
	if (!open) {
		ingest_complain(excerpts->whole->folder,
		                "nothing can be read of this trace: %s; take another copy of it, or record again",
		                cause ? cause : "out of memory");
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (traces[i]->state != TRACE_OPEN)
			say_damage(excerpts, traces[i]->file, "left out: %s",
			           traces[i]->cause ? traces[i]->cause : "out of memory");
	if (!excerpts->damaged)
		say_damage(excerpts, "", "damaged: %s; its streams are read one by one",
		           excerpts->whole->cause ? excerpts->whole->cause : "unknown");
}

void ctf_excerpts_remove(struct ctf_excerpts *excerpts)
{
	if (!excerpts)
		return;
	temporary_remove(&excerpts->temporary);
	for (size_t i = 0; i < excerpts->whole->file_count; i++)
		free(excerpts->excerpts[i].folder);
	free(excerpts->excerpts);
	free(excerpts);
}
