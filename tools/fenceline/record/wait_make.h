/* SPDX-License-Identifier: MIT */
/*
 * LTTng's wait files (shim/base/wait_files.h), made by root before liblttng-ust would make them: so a sandboxed QEMU can be recorded,
 * and no VM owns a file that its neighbours have mapped. What is there and as it should be is left alone, whoever waits at it.
 *
 * All functions: main thread. They need root; without it they do nothing, and return 0.
 */
#ifndef FENCELINE_RECORD_WAIT_MAKE_H
#define FENCELINE_RECORD_WAIT_MAKE_H

#include <sys/types.h>

#define WAIT_USERS 64

/* Users who run VMs, or other clients of Ceph, on this host. */
struct wait_users {
	uid_t uid[WAIT_USERS];
	int count;
};

/* Adds a user, once; beyond WAIT_USERS they are left out. */
void wait_users_add(struct wait_users *users, uid_t uid);

/* Adds a user by name or number. Returns 0, or -ENOENT: there is none of that name. */
int wait_users_add_name(struct wait_users *users, const char *name);

/* Adds root, the users that distributions run QEMU, nova, cinder and glance as, libvirt's own setting, and whoever runs a QEMU or
 * a process under the shim right now. */
void wait_users_find(struct wait_users *users);

/* Makes the files for everybody and for each of these users. What fails is said on stderr; returns 0 or the first -errno. */
int wait_files_make(const struct wait_users *users);

#endif
