/* SPDX-License-Identifier: MIT */
/* A systemd unit: is it installed, and what does it preload already. */
#ifndef FENCELINE_INTEGRATE_SYSTEMD_H
#define FENCELINE_INTEGRATE_SYSTEMD_H

#include <stddef.h>

#define DROP_IN "zz-fenceline.conf" /* the last of the unit's drop-ins, so that its LD_PRELOAD counts */

/* 1 if the unit is there below `root`, in any of the folders that systemd reads. */
int systemd_has_unit(const char *root, const char *unit);

/*
 * The LD_PRELOAD that the unit's own file and its drop-ins set, but for ours; "" if none. The last one counts, as it does for
 * systemd. Returns 1 if it stands in an EnvironmentFile, which beats every drop-in: `value` is then that file's name; else 0.
 */
int systemd_preload(const char *root, const char *unit, char *value, size_t size);

#endif
