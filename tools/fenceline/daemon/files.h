/* SPDX-License-Identifier: MIT */
/* Folders of the record daemon. 0 or -errno; nothing is said. */
#ifndef FENCELINE_DAEMON_FILES_H
#define FENCELINE_DAEMON_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* A path, printf-like; "" if it would be too long, which no folder is called. */
void files_path(char path[PATH_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* This folder and those above it, 0750. */
int files_make_folders(const char *path);

/* This folder alone, 0700, where others may make one, too. One that is there is taken if it is ours and nobody else could write to
 * it; else -EPERM, or -ENOTDIR if a link stands there. */
int files_make_own(const char *path);

/* Everything below, and the folder. One that is not there is no error. */
int files_remove(const char *path);

/*
 * `to` gets the same tree as `from`: folders made, empty files left out, what is there already stays. `link`: files are linked
 * where that can be; not for what still grows, or a folder that is complete would go on growing.
 */
int files_copy_tree(const char *from, const char *to, bool link);

/* What trees that were linked to each other have in common: the smallest inode number of the files below; 0 if there are none. */
uint64_t files_least_inode(const char *path);

/* For whoever reads incidents: folders 0750, files 0640, all of root:adm (where there is a group of that name and we are root).
 */
int files_hand_over(const char *path);

/* Bytes of the files below; 0 if there are none. */
uint64_t files_bytes(const char *path);

/* Everything below is on the disk when this returns. By one call for its whole file system: a trace is hundreds of small files,
 * and one flush of the disk for each took 8 s. */
int files_sync(const char *path);
/* The names in the folder are, not what is below them. */
int files_sync_entries(const char *path);

#endif
