/* SPDX-License-Identifier: MIT */
/* The snapshots of one case hold most things several times. */
#ifndef FENCELINE_DAEMON_THIN_H
#define FENCELINE_DAEMON_THIN_H

/*
 * `trace` holds ring-0, ring-1 ..., copies of each process's ring. All but the last copy are removed, unless an earlier one
 * holds something of the last minutes that the last one has no more. With forty VMs and a snapshot a second, all of them could
 * not be read in time.
 */
void thin_snapshots(const char *trace);

#endif
