/* SPDX-License-Identifier: MIT */
/*
 * LTTng's wait files: /dev/shm/lttng-ust-wait-N, which root's session daemon wakes processes with, and …-N-UID, which that of
 * a user does. When liblttng-ust begins and cannot read one of them it makes it, in a forked child (get_wait_shm of
 * liblttng-ust/lttng-ust-comm.c, 2.12 to 2.16). Where a seccomp filter forbids fork(), as QEMU's `-sandbox on,spawn=deny`
 * does, that ends the process. With both files there, root's and one page long, it neither forks nor maps the user's one.
 *
 * N is LTTNG_UST_ABI_MAJOR_VERSION_OLDEST_COMPATIBLE (before 2.13 LTTNG_UST_ABI_MAJOR_VERSION): 8 in 2.12 to 2.14, 11 in 2.15
 * and 2.16.
 *
 * Compiled into the shim and into the command. All functions: any thread, no memory is allocated, errno is not kept.
 */
#ifndef FENCELINE_SHIM_WAIT_FILES_H
#define FENCELINE_SHIM_WAIT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define WAIT_FILES_FOLDER "/dev/shm"
#define WAIT_FILES_PATH   64 /* enough for the longest of their names, behind a folder of up to 24 bytes */

/* All N that are known; the last one is 0. */
extern const unsigned wait_files_numbers[];

enum wait_file {
	WAIT_FILE_GOOD,
	WAIT_FILE_MISSING,
	WAIT_FILE_NO_FILE,   /* a link, a pipe, a folder */
	WAIT_FILE_NOT_ROOTS, /* its owner can truncate it, and with it end everybody who has it mapped */
	WAIT_FILE_WRITABLE,  /* so can this user */
	WAIT_FILE_UNREADABLE,
	WAIT_FILE_SHORT, /* less than the four bytes that liblttng-ust reads of it */
};

/* What is wrong, as it stands behind a path: "is missing". A string constant. */
const char *wait_file_text(enum wait_file is);

/* Whom the files have to serve. */
struct wait_files_user {
	uid_t uid;
	const gid_t *groups; /* borrowed; the group id and the supplementary ones */
	int group_count;
};

/* The name of the file for everybody, or with `own` of the user's one. */
void wait_file_path(char path[WAIT_FILES_PATH], const char *folder, unsigned number, const uid_t *own);

/* Would liblttng-ust take this file without a fork, and can the user not truncate it? Root can truncate anything. */
enum wait_file wait_file_look(const char *path, const struct wait_files_user *user);

/* The first of the two files of `number` that is not good, in `path`; WAIT_FILE_GOOD if both are. */
enum wait_file wait_files_look(const char *folder, unsigned number, const struct wait_files_user *user,
                               char path[WAIT_FILES_PATH]);

/* The N that a liblttng-ust.so was built with: its file holds the name. 0 if it cannot be told. */
unsigned wait_files_number_of(const char *library);

/* Does the file hold this text, of less than 100 bytes? False, too, if it cannot be read. */
bool wait_files_holds(const char *file, const char *text);

#endif
