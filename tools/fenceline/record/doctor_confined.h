/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`: do AppArmor and SELinux let a VM be recorded? What is looked at are the rules and whether the kernel has
 * them on, not what the kernel makes of them. */
#ifndef FENCELINE_RECORD_DOCTOR_CONFINED_H
#define FENCELINE_RECORD_DOCTOR_CONFINED_H

#include "record/doctor.h"

/* The rules of AppArmor, and whether it or SELinux is on. */
void doctor_check_apparmor(struct doctor *doctor);
void doctor_check_selinux(struct doctor *doctor);

#endif
