/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`'s checks: each says one line, with the remedy where something is wrong. */
#ifndef FENCELINE_RECORD_DOCTOR_H
#define FENCELINE_RECORD_DOCTOR_H

#include <jansson.h>
#include <sys/types.h>

struct doctor {
	int failures, warnings, unknown;
	const char *check; /* what is being looked at, as JSON names it; borrowed */
	json_t *lines;     /* NULL: text, to stdout; else one object a line (fenceline/doctor/1), the caller's */
};

/* This host: the shim, its provider, LTTng, and the Ceph libraries that the loader finds. */
void doctor_check_host(struct doctor *doctor);

/* This host in use: VMs and what takes snapshots, AppArmor and SELinux, the record daemon, the session daemon and its memory, the
 * clock. */
void doctor_check_deployed(struct doctor *doctor);

/* A running process: is it under the shim, does it use Ceph, are its libraries covered, does the session daemon know it. */
void doctor_check_process(struct doctor *doctor, pid_t pid);

/* A command, which is not run: would it load the shim. */
void doctor_check_command(struct doctor *doctor, const char *command);

/* ---- For the checks themselves (doctor_*.c) ---- */

enum verdict {
	VERDICT_OK,
	VERDICT_WARNING,
	VERDICT_FAILURE,
	VERDICT_UNKNOWN
}; /* unknown: it was not or could not be looked at */

/* What the lines from now on are about, a word such as "clock". */
void doctor_begin(struct doctor *doctor, const char *check);

/* Print one line and count it. */
void doctor_say(struct doctor *doctor, enum verdict verdict, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Say so if this release is newer than those that the shim knows; `version` as Ceph writes it, "16.2.15". */
void doctor_check_ceph_major(struct doctor *doctor, const char *version);

/* Check the table's coverage of these files; `root` goes in front of each path, "" for this host's. */
void doctor_check_coverage(struct doctor *doctor, const char *root, const char *const paths[]);

/* LTTng's wait files on this host, for each user that may run VMs; `library` is the liblttng-ust.so that the provider loads. */
void doctor_check_waits(struct doctor *doctor, const char *library);

/* Says so if it is for a wait file that the process has no provider; `who` is what the line calls it. Returns 1 if so. */
int doctor_explain_waits(struct doctor *doctor, pid_t pid, const char *who);

#define DOCTOR_VMS 256

/* Who uses librbd on this host now. */
struct doctor_census {
	struct doctor *doctor;        /* borrowed */
	unsigned vms, vms_with;       /* QEMUs, and those of them with the shim */
	unsigned vms_recordable;      /* with the shim and its trace provider */
	unsigned sandboxed;           /* with the shim, and under seccomp */
	unsigned others, others_with; /* other processes, and those with the shim */
	unsigned unreadable;          /* other users' processes, which only root can look at */
	unsigned kept;                /* in vm */
	pid_t vm[DOCTOR_VMS];         /* the first of the VMs */
};

/* Looks at every process, says who lacks the shim. */
void doctor_take_census(struct doctor_census *census);

/* Services that are installed and not integrated; rbd in cron. */
void doctor_check_installed(struct doctor *doctor);

/* The rules of AppArmor, and whether it or SELinux is on. */
void doctor_check_apparmor(struct doctor *doctor);
void doctor_check_selinux(struct doctor *doctor);

#endif
