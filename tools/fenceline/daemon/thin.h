/* SPDX-License-Identifier: MIT */
/* The snapshots of one case hold most things several times. */
#ifndef FENCELINE_DAEMON_THIN_H
#define FENCELINE_DAEMON_THIN_H

/*
 * `trace` holds ring-0, ring-1 ...: of each process's ring all copies but the last go, unless an earlier one reaches back to something
 * that the last one has no more, of the last minutes. Of forty VMs, with a snapshot a second, nothing else could be read in time.
 */
void thin_snapshots(const char *trace);

#endif
