/* SPDX-License-Identifier: MIT */
/*
 * The process behind the lock's owner: does it live, and when was its last ping acknowledged? The cluster does not know; only the
 * owner's host does. Three witnesses, the first that knows speaks: the process's own status page, if it runs on this host under
 * the shim; the record daemon on the owner's host (`fenceline record daemon --listen`); and /proc of this host, for the one thing
 * that it can prove: that nothing is left that could be the owner.
 */
#ifndef FENCELINE_GUARD_OWNER_H
#define FENCELINE_GUARD_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum process_state {
	PROCESS_NOT_KNOWN,
	PROCESS_LIVES,   /* and its pings are acknowledged, as far as is known */
	PROCESS_SILENT,  /* it lives; its last acknowledged ping is older than a tick and two seconds */
	PROCESS_STOPPED, /* SIGSTOP, a debugger, a freezer */
	PROCESS_GONE,
};
enum process_witness { WITNESS_NONE, WITNESS_STATUS_PAGE, WITNESS_DAEMON, WITNESS_PROC };

struct owner_process {
	enum process_state state;
	enum process_witness witness;
	bool here; /* its address is one of this host's */
	pid_t pid; /* 0: not known */
	char vm[256];
	int64_t last_ack_ns; /* send time of the last acknowledged ping, ns since the epoch; 0: not known */
	int64_t ack_age_ns;  /* by the owner's own clock; -1: not known */
	int64_t unanswered;  /* pings; -1: not known */
	char why[400];       /* not known: why not */
};

/* objecter_tick_interval (5 s), and two more for what a healthy cluster takes: older than that, a ping is lost. */
#define ACK_AGE_LOST_NS INT64_C(7000000000)

#endif
