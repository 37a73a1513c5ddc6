/* SPDX-License-Identifier: MIT */
#include "snaps/release.h"

#include <stddef.h>

int release_number(const char *name)
{
	/* argonaut 0.48, bobtail, cuttlefish ... : the first letter counts the major versions from infernalis, 9, on */
	if (!name || name[0] < 'a' || name[0] > 'z')
		return RELEASE_UNKNOWN;
	return name[0] - 'a' + 1;
}
