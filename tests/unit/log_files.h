/* SPDX-License-Identifier: MIT */
/* What tests of whole logs share: a folder of their own, files in it, and what an ingest tells of them, in words. */
#ifndef FENCELINE_TESTS_LOG_FILES_H
#define FENCELINE_TESTS_LOG_FILES_H

#include "log_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>
#include <cmocka.h>

static char log_files_folder[] = "/tmp/test-ingest-logs-XXXXXX";

static inline int log_files_begin(void **state)
{
	(void)state;
	return mkdtemp(log_files_folder) && !chdir(log_files_folder) ? 0 : -1;
}

static inline int log_files_end(void **state)
{
	(void)state;
	return chdir("/") || rmdir(log_files_folder);
}

static inline void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	fclose(file);
}

/* What is told of files with these contents; `names` may have a slash. */
static inline void tells_of(size_t count, const char *const names[], const char *const contents[], const char *tz,
                            const char *expected)
{
	char *paths[8], *text;

	for (size_t i = 0; i < count; i++) {
		const char *slash = strrchr(names[i], '/');
		if (slash) {
			char command[256];
			snprintf(command, sizeof(command), "mkdir -p '%.*s'", (int)(slash - names[i]), names[i]);
			assert_int_equal(system(command), 0);
		}
		write_file(names[i], contents[i]);
		paths[i] = (char *)names[i];
	}
	text = log_events_of(paths, count, tz);
	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	for (size_t i = 0; i < count; i++)
		unlink(names[i]);
	assert_int_equal(system("find . -mindepth 1 -type d -delete"), 0);
}

static inline void tells(const char *name, const char *content, const char *tz, const char *expected)
{
	tells_of(1, &name, &content, tz, expected);
}

#endif
