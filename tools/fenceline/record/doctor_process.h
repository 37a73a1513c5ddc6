/* SPDX-License-Identifier: MIT */
/* `fenceline doctor --pid` and `-- CMD`: is this process, or would this command be, under the shim? */
#ifndef FENCELINE_RECORD_DOCTOR_PROCESS_H
#define FENCELINE_RECORD_DOCTOR_PROCESS_H

#include "record/doctor.h"

/* A running process: is it under the shim, does it use Ceph, are its libraries covered, does the session daemon know it. */
void doctor_check_process(struct doctor *doctor, pid_t pid);

/* A command, which is not run: would it load the shim. */
void doctor_check_command(struct doctor *doctor, const char *command);

#endif
