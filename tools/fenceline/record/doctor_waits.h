/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`'s checks of LTTng's wait files, without which a sandboxed process is not recorded. */
#ifndef FENCELINE_RECORD_DOCTOR_WAITS_H
#define FENCELINE_RECORD_DOCTOR_WAITS_H

#include "record/doctor.h"

/* LTTng's wait files on this host, for each user that may run VMs; `library` is the liblttng-ust.so that the provider loads. */
void doctor_check_waits(struct doctor *doctor, const char *library);

/* Says so if it is for a wait file that the process has no provider; `who` is what the line calls it. Returns 1 if so. */
int doctor_explain_waits(struct doctor *doctor, pid_t pid, const char *who);

#endif
