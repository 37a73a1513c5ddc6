/* SPDX-License-Identifier: MIT */
/* Ceph's releases by name, as require_osd_release has them. */
#ifndef FENCELINE_SNAPS_RELEASE_H
#define FENCELINE_SNAPS_RELEASE_H

enum {
	RELEASE_UNKNOWN = 0,
	RELEASE_JEWEL = 10,
	RELEASE_KRAKEN = 11,
	RELEASE_LUMINOUS = 12,
	RELEASE_MIMIC = 13,
	RELEASE_NAUTILUS = 14,
	RELEASE_OCTOPUS = 15,
	RELEASE_QUINCY = 17,
	RELEASE_REEF = 18
};

/* The major version of a release's name ("luminous": 12), RELEASE_UNKNOWN for NULL and names that are not known. A name is known
 * by its first letter, one per release. */
int release_number(const char *name);

#endif
