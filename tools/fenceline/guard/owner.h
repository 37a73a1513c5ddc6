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

/* Is the address (ip:port/nonce) one of this host's, in this network namespace? */
bool owner_is_here(const char *address);
/* The page of the process that has this client address, and its watch with that cookie. False if none has: then nothing is said.
 */
bool owner_by_status_page(const char *address, uint64_t cookie, struct owner_process *owner);
/* Asks the record daemon at host:port, `host` an address without port. False if it does not answer or never saw that client; the
 * reason is in why. */
bool owner_by_daemon(const char *host, unsigned port, const char *address, struct owner_process *owner);

/* The processes whose status page names all of their clients, and is being written; the list is the caller's to free. */
struct page_pids {
	pid_t *list;
	size_t count;
};
void owner_whole_pages(struct page_pids *pids);

/* "ip:port" of what clients connect to, one after the other; what owner_is_gone compares sockets with. */
struct peers {
	char (*list)[64];
	size_t count;
}; /* owned */
void peers_add(const char *address, void *peers);
void peers_free(struct peers *peers);
/*
 * Is nothing left on this host that could be the client of this address? True only if every process of this network namespace can
 * be seen, none has librbd loaded without a status page that names its clients, and no connection to the cluster belongs to
 * somebody that cannot be seen (the kernel's own client, another PID namespace). Else why tells what is in the way. For an
 * address that is here.
 */
bool owner_is_gone(const char *address, const struct peers *peers, char *why, size_t size);

#endif
