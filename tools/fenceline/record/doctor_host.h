/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`: is this host ready to record? What has to be loaded to be looked at is loaded in a child. */
#ifndef FENCELINE_RECORD_DOCTOR_HOST_H
#define FENCELINE_RECORD_DOCTOR_HOST_H

#include "record/doctor.h"

/* This host: the shim, its provider, LTTng, and the Ceph libraries that the loader finds. */
void doctor_check_host(struct doctor *doctor);

/* Check the table's coverage of these files; `root` goes in front of each path, "" for this host's. */
void doctor_check_coverage(struct doctor *doctor, const char *root, const char *const paths[]);

#endif
