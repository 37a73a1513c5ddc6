/* SPDX-License-Identifier: MIT */
/* What /proc tells about a process. */
#ifndef FENCELINE_RECORD_PROC_H
#define FENCELINE_RECORD_PROC_H

#include <limits.h>
#include <sys/types.h>

/* The first file in the process's maps whose base name begins with `prefix`: its path as the process sees it. Returns 1 if found,
 * 2 if the file has been deleted or replaced since, 0 if there is none, -errno if the maps cannot be read. */
int proc_mapped(pid_t pid, const char *prefix, char path[PATH_MAX]);

/* The value of a variable of the environment that the process was started with. Returns 1 if it has it, 0 if not, -errno. */
int proc_environment(pid_t pid, const char *name, char *value, size_t size);

/* The effective user id, or -errno. */
long proc_user(pid_t pid);

#define PROC_GROUPS 256

/* What a process may do, of its status. */
struct proc_rights {
	uid_t uid;                 /* the real one */
	gid_t groups[PROC_GROUPS]; /* the effective one and the supplementary ones */
	int group_count;
	int filtered; /* by seccomp */
};

/* Returns 0 or -errno. */
int proc_rights(pid_t pid, struct proc_rights *rights);

/* The program, as a path. Returns 0 or -errno. */
int proc_program(pid_t pid, char path[PATH_MAX]);

/* The AppArmor or SELinux label it is confined by; "" if none. */
void proc_label(pid_t pid, char *label, size_t size);

#endif
