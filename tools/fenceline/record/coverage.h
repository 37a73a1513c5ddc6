/* SPDX-License-Identifier: MIT */
/* How much of an installed librbd, librados and libceph-common the shim's table of interposed calls covers. */
#ifndef FENCELINE_RECORD_COVERAGE_H
#define FENCELINE_RECORD_COVERAGE_H

enum ceph_library { CEPH_RBD, CEPH_RADOS, CEPH_COMMON, CEPH_LIBRARIES };

/* Base names as they are mapped, up to the version: "librbd.so." and so on. */
extern const char *const ceph_library_names[CEPH_LIBRARIES];

struct coverage {
	int first, last;      /* Ceph major releases whose calls these libraries have, as far as the table can tell them apart */
	int rows, found;      /* calls of that release in the table; of these, exported by the libraries */
	int required_missing; /* of those not exported, the ones without which a verdict lacks a link */
	const char *missing;  /* one of these; NULL if there is none */
};

/*
 * `paths` holds the libraries' files; NULL for one that is not there, whose rows are left out. Returns 0 or -errno of a file that
 * cannot be read.
 */
int coverage_of(const char *const paths[CEPH_LIBRARIES], struct coverage *coverage);

#endif
