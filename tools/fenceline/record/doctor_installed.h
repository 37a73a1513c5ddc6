/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`: what will take snapshots or start VMs here without the shim, though it does not run now: services that are
 * not integrated, and `rbd` in cron. */
#ifndef FENCELINE_RECORD_DOCTOR_INSTALLED_H
#define FENCELINE_RECORD_DOCTOR_INSTALLED_H

#include "record/doctor.h"

/* Services that are installed and not integrated; rbd in cron. */
void doctor_check_installed(struct doctor *doctor);

#endif
