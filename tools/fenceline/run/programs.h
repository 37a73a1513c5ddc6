/* SPDX-License-Identifier: MIT */
/* Where the parts of an installation are: the programs behind the dispatcher. libc only. */
#ifndef FENCELINE_RUN_PROGRAMS_H
#define FENCELINE_RUN_PROGRAMS_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * The folder of the running `fenceline`, or, in a program behind it, of the `fenceline` that it belongs to: no links in it.
 * Returns 0, or -errno.
 */
int programs_bin_dir(char *path, size_t size);

/*
 * Find the program fenceline-`name`: beside the dispatcher in ../libexec/fenceline/ (build tree), or where this build installs
 * it. Returns 0 with its path in `path`, or -ENOENT with the first place looked at in `path`, or another -errno.
 */
int programs_find(const char *name, char *path, size_t size);

/* A program that runs, its stdout to be read from. */
struct program_output {
	FILE *stream; /* owned */
	pid_t pid;
};

/* Start fenceline-`name` with `arguments` (argv, the first is "fenceline"); stdin is empty, stderr ours. Returns 0 or -errno. */
int program_open(const char *name, char *const arguments[], struct program_output *output);

/* Close its stdout and wait for it. Returns its exit code, 128 + N if signal N ended it, or -errno. */
int program_close(struct program_output *output);

#endif
