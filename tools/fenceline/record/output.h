/* SPDX-License-Identifier: MIT */
/* The folder that a recording is written to. */
#ifndef FENCELINE_RECORD_OUTPUT_H
#define FENCELINE_RECORD_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Make sure that `folder` exists, is empty and can be written to; missing parents are made. `path` gets its absolute path.
 * Returns 0, or -errno with the reason on stderr. *made is 1 if the folder did not exist before.
 */
int output_prepare(const char *folder, char *path, size_t size, int *made);

/* Bytes of all regular files below `path`; 0 if there are none or it cannot be read. */
uint64_t output_bytes(const char *path);

/* Write `bytes` for a person, such as "1.4 MiB", into `text`; returns `text`. */
char *output_size_text(uint64_t bytes, char *text, size_t size);

#endif
