/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`: who uses librbd on this host, and who of them lacks the shim: VMs by pid and name, and whoever takes
 * snapshots. */
#ifndef FENCELINE_RECORD_DOCTOR_CENSUS_H
#define FENCELINE_RECORD_DOCTOR_CENSUS_H

#include "record/doctor.h"

#define DOCTOR_VMS 256

/* Who uses librbd on this host now. */
struct doctor_census {
	struct doctor *doctor;        /* borrowed */
	unsigned vms, vms_with;       /* QEMUs, and those of them with the shim */
	unsigned vms_recordable;      /* with the shim and its trace provider */
	unsigned sandboxed;           /* with the shim, and under seccomp */
	unsigned others, others_with; /* other processes, and those with the shim */
	unsigned unreadable;          /* other users' processes, which only root can look at */
	unsigned kept;                /* in vm */
	pid_t vm[DOCTOR_VMS];         /* the first of the VMs */
};

/* Looks at every process, says who lacks the shim. */
void doctor_take_census(struct doctor_census *census);

#endif
