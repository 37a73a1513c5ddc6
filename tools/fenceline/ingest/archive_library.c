/* SPDX-License-Identifier: MIT */
/* Opening libarchive. */
#include "ingest/archive_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define ARCHIVE_SONAME "libarchive.so.13"

static struct archive_library table;
static bool complete;

static void load(void)
{
	static const struct {
		const char *name;
		size_t at;
	} functions[] = {
#define ARCHIVE_ROW(name) { #name, offsetof(struct archive_library, name) },
		ARCHIVE_FUNCTIONS(ARCHIVE_ROW)
#undef ARCHIVE_ROW
	};
	void *library = dlopen(ARCHIVE_SONAME, RTLD_NOW | RTLD_LOCAL);

	complete = library != NULL;
	for (size_t i = 0; library && i < sizeof functions / sizeof *functions; i++) {
		void *function = dlsym(library, functions[i].name);

		complete &= function != NULL;
		*(void **)((char *)&table + functions[i].at) = function;
	}
}

const struct archive_library *archive_library(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return complete ? &table : NULL;
}
