/* SPDX-License-Identifier: MIT */
/* Where the shim is, and how it gets into a process: LD_PRELOAD. libc only. */
#ifndef FENCELINE_RECORD_SHIM_PATH_H
#define FENCELINE_RECORD_SHIM_PATH_H

#include <stddef.h>

#define SHIM_FILE "libfenceline.so"

/*
 * Find libfenceline.so for a `fenceline` in directory `bin_dir` (the directory of the executable, no links in it): beside
 * it in ../lib/ (the build tree), or where this build installs it (LIBDIR/fenceline/).
 * Returns 0 with the path in `path`, or -ENOENT with the places looked at in `path`, separated by ", ".
 */
int shim_path_find(const char *bin_dir, char *path, size_t size);

/* The same for the running program. Returns 0, -ENOENT as above, or another -errno if the program cannot be found. */
int shim_path_find_self(char *path, size_t size);

/*
 * What LD_PRELOAD must be so that the shim at `shim` is loaded: `current` (may be NULL) with the shim in front, or
 * `current` as it is if it already names a shim (any entry with that base name: two shims would each count an event).
 * Returns a malloc'ed string owned by the caller, or NULL (out of memory).
 */
char *shim_path_preload(const char *current, const char *shim);

#endif
