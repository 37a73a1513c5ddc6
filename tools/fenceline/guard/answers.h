/* SPDX-License-Identifier: MIT */
/*
 * What the monitors and the manager answer, read. The texts are JSON as Ceph 14 to 20 print it; they need not be terminated. Each
 * function returns false if the text is not what it should be; then nothing is known of what it would tell.
 */
#ifndef FENCELINE_GUARD_ANSWERS_H
#define FENCELINE_GUARD_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fence_entry {
	bool listed;
	char entry[96]; /* as listed: an address, a whole host (nonce 0), or a range */
	char until[64]; /* as Ceph writes it */
};
/* `osd blocklist ls`, of 16 and later two arrays, one after the other: is this client (ip:port/nonce) fenced? */
bool answer_blocklist(const char *json, size_t size, const char *address, struct fence_entry *fence);

struct placement {
	char pgid[32];
	int osd;         /* the acting primary; -1: none */
	char acting[64]; /* "0,2,1" */
};
bool answer_osd_map(const char *json, size_t size, struct placement *placement); /* `osd map POOL OBJECT NAMESPACE` */

#define CONCERNS_MAX 8
struct concerns {        /* of the cluster's health, what bears upon one placement group */
	char status[32]; /* HEALTH_OK … */
	struct concern {
		char check[48], text[200];
	} list[CONCERNS_MAX];
	size_t count, shown;
	bool slow_ops; /* of that group's OSD */
};
/* `health detail`: the lines that name that OSD, that group or that pool, and those of the whole cluster (flags, full). */
bool answer_health(const char *json, size_t size, const struct placement *placement, const char *pool, struct concerns *concerns);

struct group_state {
	char state[96];
	int64_t snaptrim_queue; /* -1: not told */
};
bool answer_pg_list(const char *json, size_t size, const char *pgid, struct group_state *state); /* `pg ls-by-primary` */

bool answer_osd_find(const char *json, size_t size, char host[64], char address[96]);
/* `config show OSD NAME` and `config get OSD NAME`: the bare value, or JSON. */
bool answer_seconds(const char *text, size_t size, double *seconds);

/* Reads `osd dump` or `mon dump`, and calls `each` for every "ip:port" that a client connects to. */
bool answer_addresses(const char *json, size_t size, void (*each)(const char *address, void *arg), void *arg);

/* `GET /v1/client/ADDRESS` of the record daemon on the owner's host. */
struct client_answer {
	bool alive, stopped;
	int64_t last_ack_ns; /* 0: none */
	int64_t now_ns;      /* the daemon's own clock; 0: not told */
	int64_t unanswered, pid;
	char vm[128];
};
bool answer_client(const char *json, size_t size, struct client_answer *client);

#endif
