/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_trace.h"
#include "ingest/intake.h"
#include "ingest/owner.h"
#include "ingest/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- folders ---- */

/* DIR/ust/uid/0/64-bit, a session's name and a host's before it, archives/CHUNK between: far less deep. */
#define DEPTH_MAX 12

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool is_regular(const char *path)
{
	struct stat info;

	return !stat(path, &info) && S_ISREG(info.st_mode);
}

static bool is_folder(const char *path)
{
	struct stat info;

	/* Links are not followed: they may lead round in a circle, or to the same trace. */
	return !lstat(path, &info) && S_ISDIR(info.st_mode);
}

static int find_visit(struct ctf_found *found, const char *folder, int depth, bool strict)
{
	char *metadata = xasprintf("%s/metadata", folder);
	struct dirent **names = NULL;
	int count = scandir(folder, &names, not_hidden, alphasort), error = 0;

	if (count < 0 && strict) {
		error = -errno;
		found->unreadable = xstrdup(folder);
	}
	if (count > 0 && is_regular(metadata)) {
		XROOM(found->folders, found->count);
		found->folders[found->count++] = xstrdup(folder);
	}
	free(metadata);
	for (int i = 0; i < count; i++) {
		char *path = xasprintf("%s/%s", folder, names[i]->d_name);
		found->any = true;
		if (!error && depth < DEPTH_MAX && is_folder(path))
			error = find_visit(found, path, depth + 1, strict);
		free(path);
		free(names[i]);
	}
	free(names);
	return error;
}

int ctf_find(struct ctf_found *found, const char *folder, bool strict)
{
	*found = (struct ctf_found){ 0 };
	return find_visit(found, folder, 0, strict);
}

void ctf_found_free(struct ctf_found *found)
{
	for (size_t i = 0; i < found->count; i++)
		free(found->folders[i]);
	free(found->folders);
	free(found->unreadable);
}

/* ---- a trace ---- */

struct ctf_trace *ctf_trace_add(struct ctf_traces *traces, const char *input, const char *folder)
{
	struct ctf_trace *trace =
	        XNEW(struct ctf_trace, .input = xstrdup(input), .folder = xstrdup(folder), .owner = owner_of_folder(folder));

	XROOM(traces->traces, traces->count)[traces->count] = trace;
	traces->count++;
	return trace;
}

static void forget_files(struct ctf_trace *trace)
{
	for (size_t i = 0; i < trace->file_count; i++)
		free(trace->files[i].path);
	free(trace->files);
	trace->files = NULL;
	trace->file_count = 0;
}

static void trace_free(struct ctf_trace *trace)
{
	temporary_remove(&trace->parts);
	forget_files(trace);
	free(trace->input);
	free(trace->folder);
	free(trace->cause);
	free(trace->streams);
	free(trace);
}

void ctf_traces_free(struct ctf_traces *traces)
{
	for (size_t i = 0; i < traces->count; i++)
		trace_free(traces->traces[i]);
	free(traces->traces);
}

static int is_stream_file(const struct dirent *entry)
{
	return not_hidden(entry) && strcmp(entry->d_name, "metadata") && entry->d_type != DT_DIR;
}

void ctf_trace_add_file(struct ctf_trace *trace, const char *name, uint64_t bytes)
{
	char *path = xasprintf("%s/%s", trace->folder, name);

	XROOM(trace->files, trace->file_count);
	trace->files[trace->file_count++] = (struct ctf_file){ path, path + strlen(trace->folder) + 1, bytes };
}

void ctf_trace_list_files(struct ctf_trace *trace)
{
	struct dirent **names = NULL;
	int count = scandir(trace->folder, &names, is_stream_file, alphasort); /* by bytes, as babeltrace: no locale is set */

	forget_files(trace);
	for (int i = 0; i < count; i++) {
		char *path = xasprintf("%s/%s", trace->folder, names[i]->d_name);
		struct stat info;
		if (!stat(path, &info) && S_ISREG(info.st_mode) && info.st_size)
			ctf_trace_add_file(trace, names[i]->d_name, (uint64_t)info.st_size);
		free(path);
		free(names[i]);
	}
	free(names);
}

bool ctf_trace_stream_is_of(const struct ctf_trace *trace, size_t stream, unsigned reader)
{
	return (trace->file_count ? trace->files[stream % trace->file_count].reader : 0) == reader;
}

bool ctf_trace_is_of(const struct ctf_trace *trace, unsigned reader)
{
	bool is = ctf_trace_stream_is_of(trace, 0, reader);

	for (size_t i = 1; i < trace->file_count; i++)
		is |= trace->files[i].reader == reader;
	return is;
}

void ctf_trace_say(struct ctf_trace *trace, const char *file, const char *format, const char *detail)
{
	char *path = xasprintf("%s%s%s", trace->folder, *file ? "/" : "", file);

	ingest_complain(path, format, detail);
	free(path);
	(trace->whole ?: trace)->damages++;
}
