/* SPDX-License-Identifier: MIT */
#include "ingest/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void ingest_complain(const char *path, const char *format, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	fprintf(stderr, "fenceline: %s: %s\n", path, text ? text : "out of memory");
	free(text);
}
