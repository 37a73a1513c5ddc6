/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_RECORD_VMS_H
#define FENCELINE_RECORD_VMS_H

/* How many QEMUs of this host have librbd in them and not the shim: their story would not be recorded. Reads their maps: some ms
 * each. Of other users' processes root alone. */
unsigned vms_without_shim(void);

#endif
