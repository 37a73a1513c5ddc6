/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`: what a host in use has beside VMs: the recorder, LTTng's session daemon and its memory, the clock. */
#ifndef FENCELINE_RECORD_DOCTOR_DEPLOYED_H
#define FENCELINE_RECORD_DOCTOR_DEPLOYED_H

#include "record/doctor.h"

/* This host in use: VMs and what takes snapshots, AppArmor and SELinux, the record daemon, the session daemon and its memory, the
 * clock. */
void doctor_check_deployed(struct doctor *doctor);

/* Say so if this release is newer than those that the shim knows; `version` as Ceph writes it, "16.2.15". */
void doctor_check_ceph_major(struct doctor *doctor, const char *version);

#endif
