/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`'s checks: each prints one line to stdout, with the remedy where something is wrong. */
#ifndef FENCELINE_RECORD_DOCTOR_H
#define FENCELINE_RECORD_DOCTOR_H

#include <sys/types.h>

struct doctor {
	int failures, warnings;
};

/* This host: the shim, its provider, the session daemon, /dev/shm, and the Ceph libraries that the loader finds. */
void doctor_check_host(struct doctor *doctor);

/* A running process: is it under the shim, does it use Ceph, are its libraries covered, does the session daemon know it. */
void doctor_check_process(struct doctor *doctor, pid_t pid);

/* A command, which is not run: would it load the shim. */
void doctor_check_command(struct doctor *doctor, const char *command);

/* ---- For the checks themselves (doctor_*.c) ---- */

enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_FAILURE };

/* Print one line and count it. */
void doctor_say(struct doctor *doctor, enum verdict verdict, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Check the table's coverage of these files; `root` goes in front of each path, "" for this host's. */
void doctor_check_coverage(struct doctor *doctor, const char *root, const char *const paths[]);

#endif
