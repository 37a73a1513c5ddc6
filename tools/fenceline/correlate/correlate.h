/* SPDX-License-Identifier: MIT */
/*
 * The verdicts: which client was fenced, by whom, why, and how sure that is. Reads a finished model, never a source's
 * kind. Rules are in rules.c, one function each, each naming its evidence.
 */
#ifndef FENCELINE_CORRELATE_H
#define FENCELINE_CORRELATE_H

#include "model/model.h"

enum cause { CAUSE_UNKNOWN, CAUSE_LOST_PINGS, CAUSE_CLIENT_STALLED, CAUSE_WATCH_LOST, CAUSE_FENCED_WHILE_ALIVE };
enum confidence { CONF_POSSIBLE, CONF_LIKELY, CONF_PROVEN };
const char *cause_name(enum cause cause);
const char *confidence_name(enum confidence confidence);

struct evidence { int64_t ts_ns; const char *source; /* borrowed path */ char *text; /* owned */ };

struct window_op { const char *op, *snap; int64_t begin_ns, end_ns; /* 0: not ended */ }; /* borrowed from the model */

struct snapshot_window {
	int64_t begin_ns, end_ns;   /* end 0: still open */
	const char *op, *snap;      /* the call that was open when the blocklist was sent */
	const char *entity; const struct process *process;
	struct window_op *ops; size_t count; /* owned */
};

struct incident {
	const struct client *client;      /* NULL: address unknown to every trace and log */
	struct address address; char *address_text; /* the fenced address, NULL: a range that met no known client; owned */
	const struct process *vm;         /* the VM that a log names, where no trace shows the client's process; NULL: the client's own */
	const struct client *told_to;     /* the placeholder whose timeline holds what a log tells of that VM; NULL: none */
	const struct image *image;        /* whose lock was broken; NULL if not known */
	const struct image **other_images; size_t other_count; /* array owned */
	enum cause cause;
	enum confidence confidence;
	int64_t last_ping_ack_ns;         /* 0: not known */
	int64_t lost_pings;               /* -1: not known */
	int64_t watch_expired_ns; const char *watch_expired_from; /* "seen", "computed", NULL */
	const struct process *watch_expired_by; /* who saw it missing in its list of watchers; NULL: nobody did */
	uint32_t watch_timeout_s; const char *watch_timeout_from; /* "trace", "log", "option", "assumed", NULL */
	char *header_object, *header_osd; /* NULL: not known; owned */
	struct snapshot_window *window;   /* NULL: none; owned */
	const struct blocklist_action *blocklist; /* the episode's first add; NULL: -108 came, but no input holds the command */
	int64_t begin_ns;                 /* of the episode */
	bool listed;                      /* the cluster's blocklist was seen to hold it */
	int64_t expires_ns, removed_ns;   /* 0: not known / not removed */
	uint64_t failed_ios, failed_bytes; /* of all images of the client */
	uint64_t waiting_ios;              /* held back since the fence and never answered: the guest hangs, no error comes */
	struct { int64_t ts_ns; uint8_t op; uint64_t offset, length; } first_eshutdown; /* ts_ns 0: none */
	struct evidence *evidence; size_t evidence_count; /* in order of time */
	char **missing; size_t missing_count;
};

enum near_kind { NEAR_PINGS_LOST, NEAR_WATCH_EXPIRED, NEAR_WATCH_ERROR };
const char *near_kind_name(enum near_kind kind);
/* The seconds that an add asks for; the cluster's default if it names none. */
int64_t blocklist_expire_s(const struct blocklist_action *action);
/* How the command came in, in the words of the JSON; NULL: not known. An audit line alone tells it only of client.admin. */
const char *blocklist_entry_name(const struct blocklist_action *action);
struct near_miss {
	const struct image *image;
	enum near_kind kind;
	int64_t begin_ns, end_ns, longest_ping_gap_ns;
	char *text;
};

struct verdicts {
	struct incident *incidents; size_t incident_count;    /* in order of the blocklist's time, then address */
	struct near_miss *near_misses; size_t near_miss_count;
};

struct correlate_options {
	uint32_t watch_timeout_s; /* --watch-timeout; 0: from evidence, else 30 assumed */
};

int correlate(const struct model *model, const struct correlate_options *options, struct verdicts *verdicts); /* 0, -ENOMEM */
void verdicts_free(struct verdicts *verdicts);

#endif
