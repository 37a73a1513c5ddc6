/* SPDX-License-Identifier: MIT */
/*
 * Which process this is: pid, host, program, and for QEMU the VM it runs. Read once, from /proc/self/cmdline and uname;
 * nothing of the environment but CEPH_ARGS' user name is looked at.
 */
#ifndef FENCELINE_SHIM_PROCESS_H
#define FENCELINE_SHIM_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct process_identity {
	char host[65];
	char name[64];    /* base name of argv[0]; for an interpreter of its script */
	char vm_name[256]; /* QEMU's -name guest=NAME or -name NAME; "" in a process that is no VM */
	char vm_uuid[64];  /* -uuid, or -smbios type=1,uuid= */
	char entity[64];  /* client.N from --id, --user, -n, --name on the command line or in CEPH_ARGS; "" if none */
	bool is_qemu;     /* a QEMU system emulator */
	bool is_service;  /* lives long, and never waits for LTTng: QEMU, its daemons, rbd-nbd, tcmu-runner, cinder, nova … */
};

/* Never NULL; read at the first call, safe on any thread. */
const struct process_identity *process_identity(void);

/* getpid() without the system call; right in a forked child, too. */
extern _Atomic(uint32_t) process_id_cached; /* 0: not asked yet */
uint32_t process_id_ask(void);
static inline uint32_t process_id(void)
{
	uint32_t pid = atomic_load_explicit(&process_id_cached, memory_order_relaxed);

	return __builtin_expect(pid != 0, 1) ? pid : process_id_ask();
}
void process_after_fork(void);

/* Is there a seccomp filter on this process? Asked of /proc/self/status at each call; yes where that cannot be read. */
bool process_is_filtered(void);

/* Exposed for its test: fills in everything that the arguments tell (all but host and entity from CEPH_ARGS). */
void process_parse_arguments(struct process_identity *identity, int argc, char *const argv[]);

#endif
