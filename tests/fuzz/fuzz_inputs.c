/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an input of `fenceline timeline` and `incidents`: reading, the model, the verdicts, all formats.
 * FENCELINE_FUZZ says what the bytes are: `file` (a log, text events, JSON), `log` (the same, without the outputs: many times as
 * fast), `ctf-stream` or `ctf-metadata`, one file of a trace whose other file is taken from FENCELINE_FUZZ_TRACE. Works in the
 * current folder. clang -fsanitize=fuzzer,address,undefined.
 */
#include "ingest/ingest.h"
#include "render/render.h"
#include "render/style.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define STREAM   "trace/incident_0"
#define METADATA "trace/metadata"

static FILE *nowhere;
static char *input;        /* what fenceline is given */
static const char *target; /* what the bytes are written to */
static bool outputs = true;

static int put(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bool whole = fd >= 0 && write(fd, data, size) == (ssize_t)size;

	if (fd >= 0)
		close(fd);
	return whole ? 0 : -1;
}

static int copy_in(const char *name, const char *to)
{
	static char buffer[1 << 20];
	char path[PATH_MAX];
	ssize_t size;
	int fd;

	snprintf(path, sizeof path, "%s/%s", getenv("FENCELINE_FUZZ_TRACE") ?: ".", name);
	fd = open(path, O_RDONLY);
	size = fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
	if (fd >= 0)
		close(fd);
	return size < 0 ? -1 : put(to, buffer, (size_t)size);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *what = getenv("FENCELINE_FUZZ") ?: "file";
	static char file[] = "input", trace[] = "trace";

	(void)argc;
	(void)argv;
	nowhere = fopen("/dev/null", "w");
	if (!strcmp(what, "log")) {
		what = "file";
		outputs = false;
	}
	input = strcmp(what, "file") ? trace : file;
	target = !strcmp(what, "file") ? file : !strcmp(what, "ctf-stream") ? STREAM : METADATA;
	if (input == trace && mkdir(trace, 0700) | copy_in("metadata", METADATA) | copy_in("incident_0", STREAM)) {
		fprintf(stderr, "FENCELINE_FUZZ_TRACE names no folder with metadata and incident_0\n");
		exit(1);
	}
	return nowhere ? 0 : -1;
}

static void print(const struct report *report)
{
	const struct render_style style = { .utf8 = true, .width = 80 };

	for (const struct renderer *each = renderers; each->format; each++) {
		if (each->timeline)
			each->timeline(report, &style, nowhere);
		if (each->incidents)
			each->incidents(report, &style, nowhere);
	}
}

static void read_all(struct ingest *ingest, struct model *model)
{
	const struct correlate_options options = { 0 };
	struct verdicts verdicts = { 0 };
	struct report report = { .model = model, .verdicts = &verdicts, .since_ns = INT64_MIN, .until_ns = INT64_MAX };

	ingest_run(ingest, model_add, model);
	model_finish(model);
	if (!correlate(model, &options, &verdicts) && outputs) {
		report.source_count = ingest_sources(ingest, &report.sources);
		print(&report);
	}
	verdicts_free(&verdicts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ingest_options options = { .since_ns = INT64_MIN, .until_ns = INT64_MAX };
	const struct model_options keep = { .keep_entries = true, .keep_io = true };
	struct ingest *ingest;
	struct model *model;
	FILE *err = stderr;

	if (put(target, data, size))
		abort();
	stderr = nowhere; /* warnings are wanted, but not on the screen a million times */
	model = model_new(&keep);
	ingest = ingest_open(&input, 1, &options);
	if (ingest && model)
		read_all(ingest, model);
	ingest_close(ingest);
	model_free(model);
	stderr = err;
	return 0;
}
