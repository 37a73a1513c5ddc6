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

static bool streams_are_whole(const struct ctf_trace *trace)
{
	struct ctf_extent extent;

	for (size_t i = 0; i < trace->file_count; i++)
		if (!ctf_packets_look(trace->files[i].path, &extent) && extent.whole != extent.size)
			return false;
	return true;
}

bool ctf_trace_is_whole(const struct ctf_trace *trace)
{
	bool damaged, whole;
	char *metadata = ctf_metadata_salvage(trace->folder, &damaged);

	whole = metadata && !damaged && (!ctf_metadata_is_lttng(metadata) || streams_are_whole(trace));
	free(metadata);
	return whole;
}

/* ---- excerpts ---- */

/* The metadata's text, owned by the caller; NULL after saying why it cannot be read. */
static char *salvage_metadata(struct ctf_trace *whole)
{
	bool damaged;
	char *text = ctf_metadata_salvage(whole->folder, &damaged);

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
static int place_file(struct ctf_trace *whole, const struct ctf_file *file, const struct ctf_extent *extent, const char *target)
{
	char *real;
	int error;

	if (extent->whole == extent->size) {
		real = realpath(file->path, NULL);
		error = real && !symlink(real, target) ? 0 : -errno;
		free(real);
		return error;
	}
	ctf_trace_say(whole, file->name, "%s; read up to there",
	              extent->cut ? "its last packet is cut off, or still being written" : "no packet begins where one should");
	return ctf_packets_copy(file->path, extent, target);
}

/* A folder with the metadata, which was placed first, and this one stream file, borrowed; NULL after saying why there is none. */
static const char *place_stream(struct ctf_trace *whole, const struct ctf_file *file, bool lttng, bool *cut)
{
	const char *folder = temporary_path(&whole->parts, "%s.excerpt", file->name);
	const char *metadata = temporary_path(&whole->parts, "%s.excerpt/metadata", file->name);
	const char *target = temporary_path(&whole->parts, "%s.excerpt/%s", file->name, file->name);
	struct ctf_extent extent = { .size = 0 };
	int error = lttng ? ctf_packets_look(file->path, &extent) : 0;

	if (!error && (mkdir(folder, 0700) || symlink(whole->parts.made[1], metadata)))
		error = -errno;
	if (!error)
		error = place_file(whole, file, &extent, target);
	if (error)
		ctf_trace_say(whole, file->name, "left out: %s", strerror(-error));
	*cut = extent.whole != extent.size;
	return error ? NULL : folder;
}

static bool add_part(struct ctf_traces *traces, struct ctf_trace *whole, size_t file, bool lttng, unsigned reader)
{
	bool cut;
	const char *folder = place_stream(whole, &whole->files[file], lttng, &cut);
	struct ctf_trace *part;

	if (!folder)
		return false;
	part = ctf_trace_add(traces, whole->input, whole->folder);
	ctf_trace_add_file(part, whole->files[file].name, 0);
	part->files->reader = reader;
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
