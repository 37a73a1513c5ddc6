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

/* The major version of a release's name ("luminous": 12), RELEASE_UNKNOWN for NULL and names that are not known. */
static inline int release_number(const char *name)
{
	/* argonaut 0.48, bobtail, cuttlefish ... : the first letter, one per release, counts the major versions from infernalis, 9, on */
	return name && *name >= 'a' && *name <= 'z' ? *name - 'a' + 1 : RELEASE_UNKNOWN;
}

#endif
