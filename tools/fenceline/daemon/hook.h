/* SPDX-License-Identifier: MIT */
/* --on-incident: somebody else's command. */
#ifndef FENCELINE_DAEMON_HOOK_H
#define FENCELINE_DAEMON_HOOK_H

#define HOOK_MS 30000

/*
 * Runs `command` by the shell with FOLDER/incidents.json as its stdin, nothing of our environment but PATH, LANG,
 * FENCELINE_FOLDER and FENCELINE_VM, in / and in a process group of its own; after `ms` the group is killed. Returns its exit
 * code, 128 + N if signal N ended it, -ETIMEDOUT or another -errno.
 */
int hook_run(const char *command, const char *folder, const char *vm, int ms);

#endif
