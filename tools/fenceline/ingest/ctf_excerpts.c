/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_excerpts.h"
#include "ingest/intake.h"
#include "ingest/ctf_packets.h"
#include "ingest/xalloc.h"

#include <babeltrace2/babeltrace.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *path_in(const struct ctf_trace *trace, const char *file)
{
	return xasprintf("%s/%s", trace->folder, file);
}

static bool streams_are_whole(const struct ctf_trace *trace)
{
	bool whole = true;

	for (size_t i = 0; whole && i < trace->file_count; i++) {
		char *path = path_in(trace, trace->files[i].name);
		struct ctf_extent extent;
		whole = ctf_packets_look(path, &extent) || extent.whole == extent.size;
		free(path);
	}
	return whole;
}

bool ctf_trace_is_whole(const struct ctf_trace *trace)
{
	char *path = path_in(trace, "metadata");
	bool damaged, whole;
	char *metadata = ctf_metadata_salvage(path, &damaged);

	whole = metadata && !damaged && (!ctf_metadata_is_lttng(metadata) || streams_are_whole(trace));
	free(metadata);
	free(path);
	return whole;
}

/* ---- excerpts ---- */

/* The metadata's text, owned by the caller; NULL after saying why it cannot be read. */
static char *salvage_metadata(struct ctf_trace *whole)
{
	char *path = path_in(whole, "metadata");
	bool damaged;
	char *text = ctf_metadata_salvage(path, &damaged);

	free(path);
	if (!text && errno) {
		ctf_trace_say(whole, "metadata", "cannot be read: %s", strerror(errno));
	} else if (!text) {
		ctf_trace_say(whole, "metadata",
		              "%s, so the trace cannot be read; if it is being recorded, stop that first, else record again",
		              "empty or cut off at its beginning");
	} else if (*text == CTF_2_METADATA && bt_version_get_minor() < 1) {
		ctf_trace_say(
		        whole, "metadata",
		        "is CTF 2, which libbabeltrace2 %s cannot read; read it where that is 2.1 or later, or record as CTF "
		        "1.8: "
		        "`fenceline record` does, `lttng create` with --trace-format=ctf-1.8",
		        "2.0");
		free(text);
		text = NULL;
	} else if (damaged) {
		ctf_trace_say(whole, "metadata", "%s; events that it no longer describes are left out", "its end is cut off");
	}
	return text;
}

/* The file itself, or as much of it as is whole. */
static int place_file(struct ctf_trace *whole, const char *file, const char *original, const char *target,
                      const struct ctf_extent *extent)
{
	char *real;
	int error;

	if (extent->whole == extent->size) {
		real = realpath(original, NULL);
		error = real && !symlink(real, target) ? 0 : -errno;
		free(real);
		return error;
	}
	if (extent->cut)
		ctf_trace_say(whole, file, "%s; read up to there", "its last packet is cut off, or still being written");
	else
		ctf_trace_say(whole, file, "%s; read up to there", "no packet begins where one should");
	return ctf_packets_copy(original, extent, target);
}

/* A folder with the metadata, which was placed first, and this one stream file, borrowed; NULL after saying why there is none. */
static const char *place_stream(struct ctf_trace *whole, const char *file, bool lttng, bool *cut)
{
	const char *folder = temporary_path(&whole->parts, "%s.excerpt", file);
	const char *metadata = temporary_path(&whole->parts, "%s.excerpt/metadata", file);
	const char *target = temporary_path(&whole->parts, "%s.excerpt/%s", file, file);
	char *original = path_in(whole, file);
	struct ctf_extent extent = { .size = 0 };
	int error = lttng ? ctf_packets_look(original, &extent) : 0;

	if (!error && (mkdir(folder, 0700) || symlink(whole->parts.made[1], metadata)))
		error = -errno;
	if (!error)
		error = place_file(whole, file, original, target, &extent);
	if (error)
		ctf_trace_say(whole, file, "left out: %s", strerror(-error));
	free(original);
	*cut = extent.whole != extent.size;
	return error ? NULL : folder;
}

static bool add_part(struct ctf_traces *traces, struct ctf_trace *whole, size_t file, bool lttng, unsigned reader)
{
	bool cut;
	const char *folder = place_stream(whole, whole->files[file].name, lttng, &cut);
	struct ctf_trace *part;

	if (!folder)
		return false;
	part = ctf_trace_add(traces, whole->input, whole->folder);
	part->files = XNEW(struct ctf_file, .name = xstrdup(whole->files[file].name), .reader = reader);
	part->file_count = 1;
	part->rank = whole->rank;
	part->subrank = (uint32_t)file + 1;
	part->whole = whole;
	part->part = folder;
	part->cut = cut;
	return true;
}

void ctf_take_apart(struct ctf_traces *traces, struct ctf_trace *whole, unsigned reader)
{
	bool any = !whole->file_count, lttng;
	const char *path;
	char *metadata;
	int error;

	whole->state = TRACE_IN_PARTS;
	metadata = temporary_make(&whole->parts) ? NULL : salvage_metadata(whole);
	if (!metadata)
		return;
	lttng = ctf_metadata_is_lttng(metadata);
	path = temporary_path(&whole->parts, "metadata");
	error = temporary_write(path, metadata);
	free(metadata);
	if (error) {
		ingest_complain(path, "cannot be written: %s; set TMPDIR to a folder with room", strerror(-error));
		return;
	}
	for (size_t i = 0; i < whole->file_count; i++)
		any |= add_part(traces, whole, i, lttng, reader);
	if (!any)
		ingest_complain(whole->folder, "nothing can be read of this trace");
}

void ctf_parts_conclude(const struct ctf_traces *traces, size_t first)
{
	struct ctf_trace *whole = traces->traces[first]->whole, *part;
	const char *cause = whole->cause; /* it names the folder that the user knows */
	size_t end = first, open = 0;

	for (; end < traces->count && traces->traces[end]->whole == whole; end++) {
		part = traces->traces[end];
		open += part->state == TRACE_OPEN;
		cause = cause ?: part->cause;
	}
	if (!open) {
		ingest_complain(whole->folder, "nothing can be read of this trace: %s; take another copy of it, or record again",
		                cause);
		return;
	}
	for (size_t i = first; i < end; i++) {
		part = traces->traces[i];
		if (part->state != TRACE_OPEN)
			ctf_trace_say(part, part->files->name, "left out: %s", part->cause);
	}
	if (!whole->damages)
		ctf_trace_say(whole, "", "damaged: %s; its streams are read one by one", whole->cause ?: "unknown");
}
