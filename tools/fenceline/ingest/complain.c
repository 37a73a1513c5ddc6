/* SPDX-License-Identifier: MIT */
#include "ingest/complain.h"
#include "ingest/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

void ingest_complain(const char *path, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	fprintf(stderr, "fenceline: %s: %s\n", path, text);
	free(text);
}
