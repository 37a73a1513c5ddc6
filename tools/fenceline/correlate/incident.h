/* SPDX-License-Identifier: MIT */
/* What the verdicts say: incidents, each a chain of five links, and near misses. */
#ifndef FENCELINE_CORRELATE_INCIDENT_H
#define FENCELINE_CORRELATE_INCIDENT_H

#include "model/model.h"

/* Every cause: its name in JSON, what a title says of the client, and what it means, for --help and the manual page. When it fits
 * is told in rules.c. */
#define CAUSES(C) \
	C(UNKNOWN, "unknown", "fenced, cause unknown", \
	  "None of the others can be shown.") \
	C(LOST_PINGS, "lost-pings", "fenced because its watch pings were lost", \
	  "Its watch pings got no answer, and a breaker found no watch.") \
	C(CLIENT_STALLED, "client-stalled", "fenced because it stood still", \
	  "Its process stood still and sent no pings.") \
	C(WATCH_LOST, "watch-lost", "fenced because its watch broke", \
	  "Its watch ended with an error while pings were answered.") \
	C(FENCED_WHILE_ALIVE, "fenced-while-alive", "fenced while it was alive", \
	  "It was alive when it was fenced.") \
	C(FENCED_BY_COMMAND, "fenced-by-command", "fenced by a command", \
	  "A command or a call did it. Such a fence looks at no watch.") \
	C(CLIENT_GONE, "client-gone", "was gone before it was fenced", \
	  "It had ended before. Nothing of it could be harmed.")
#define CAUSE_NUMBER(id, name, title, means) CAUSE_##id,
enum cause { CAUSES(CAUSE_NUMBER) CAUSE_COUNT };
#undef CAUSE_NUMBER
enum confidence { CONF_POSSIBLE, CONF_LIKELY, CONF_PROVEN };
const char *cause_name(enum cause cause);
const char *cause_title(enum cause cause);
const char *confidence_name(enum confidence confidence);

/* The verdict is a chain of five links, each with what carries it. The worse status first. */
enum link { LINK_SILENCE, LINK_WATCH, LINK_FENCER, LINK_FENCE, LINK_HARM, LINKS };
enum link_status {
	STATUS_MISSING,      /* no input says it */
	STATUS_CONTRADICTED, /* two witnesses disagree */
	STATUS_NONE,         /* known not to apply */
	STATUS_INFERRED,     /* follows from what was seen, by a rule that the text names */
	STATUS_SEEN,         /* a witness says it of this very client and watch */
};
const char *link_name(enum link link);
const char *link_status_name(enum link_status status);

enum client_state { CLIENT_UNKNOWN, CLIENT_ALIVE, CLIENT_SILENT, CLIENT_STALLED, CLIENT_IS_GONE };
const char *client_state_name(enum client_state state);

/* On which side the pings were lost. */
enum side { SIDE_UNKNOWN, SIDE_OSD, SIDE_CLIENT_HOST, SIDE_PATH };
const char *side_name(enum side side);

/* A line of evidence carries links, by bit (1u << LINK_…), the side (ROLE_WHERE), and contradictions by their place. */
#define ROLE(link)            (1u << (link))
#define ROLE_WHERE            (1u << 8)
#define CONTRADICTIONS        10
#define ROLE_CONTRADICTION(i) (1u << (16 + (i)))
struct evidence { int64_t ts_ns; const char *source; /* borrowed path */ char *text; /* owned */ unsigned int roles; };

struct chain_link { enum link_status status; char *text; /* owned */ };

struct window_op { const char *op, *snap; int64_t begin_ns, end_ns; /* 0: not ended */ }; /* borrowed from the model */

struct snapshot_window {
	int64_t begin_ns, end_ns;   /* end 0: still open */
	const char *op, *snap;      /* the call that was open when the blocklist was sent; NULL: several were */
	const char *entity; const struct process *process;
	struct window_op *ops; size_t count; /* owned */
};

/* What became of the fenced client since, as far as the inputs tell. */
enum since_kind {
	SINCE_NOT_KNOWN,
	SINCE_RUNS_AGAIN, /* the VM, in another process: `client` is its own */
	SINCE_ATTACHED,   /* the same image, in the same process: `client` has it */
	SINCE_STARTED,    /* the VM, by its log; no trace shows it */
	SINCE_ANSWERED,   /* the fenced client itself: its watch */
	SINCE_SHUT_DOWN,  /* the client: with its VM, or its disk was detached; no later start is told */
	SINCE_ENDED,      /* the VM, by its log; no later start is told */
};
struct since {
	enum since_kind kind;
	int64_t ns;
	const struct client *client; /* borrowed from the model; NULL: none */
	const char *vm;              /* its name; NULL: not known */
};

struct incident {
	const struct client *client;      /* NULL: address unknown to every trace and log */
	struct address address; char *address_text; /* the fenced address, NULL: a range that met no known client; owned */
	const struct process *vm;         /* the VM that a log names, where no trace shows the client's process; NULL: the client's own */
	const struct client *log_holder;     /* the placeholder whose timeline holds what a log tells of that VM; NULL: none */
	const struct image *image;        /* whose lock was broken; NULL if not known */
	const struct image **other_images; size_t other_count; /* array owned */
	enum cause cause;
	enum confidence confidence;
	struct chain_link chain[LINKS];
	enum client_state client_state;
	struct { enum side side; bool answered_others, answered_here; char *osd, *text; /* owned; osd NULL: not known */ } where; /* text NULL: nothing was lost on the way */
	char *contradictions[CONTRADICTIONS]; size_t contradiction_count; /* owned */
	bool doubtful_clocks;             /* the client was refused before the command that fenced it */
	const struct client *successor;   /* the same VM, started anew; NULL: none is known */
	const struct client *other_life;  /* the same VM on a host whose clock nothing ties to this one's: either may be the later; NULL: none */
	bool ended;                       /* the client had shut down, or its VM had ended, by itself */
	const struct lock_listed *lock;   /* the fenced client still holds a lock; NULL: no input says so */
	bool self;                        /* it fenced itself */
	bool removal_open;                /* removed_ns is when that was asked for: no input shows that it was done */
	bool unharmed;                    /* answered with 0 after the fence was lifted, and nothing shows that it was refused */
	struct since since;
	enum fl_blocklist_entry entry; bool entry_inferred; /* how the command came in; inferred: no witness saw the call */
	int64_t last_ping_ack_ns;         /* 0: not known */
	int64_t lost_pings;               /* -1: not known */
	int64_t lost_elsewhere;           /* of these, to another OSD than header_osd: the placement group had moved */
	int64_t watch_expired_ns; const char *watch_expired_from; /* "seen", "computed", NULL */
	const struct process *watch_expired_by; /* who saw it missing in its list of watchers; NULL: nobody did */
	char *expiry_text;                /* the timeline's line for it; NULL: not known to have expired; owned */
	uint32_t watch_timeout_s; const char *watch_timeout_from; /* "trace", "log", "option", "assumed", NULL */
	char *header_object, *header_osd; /* NULL: not known; owned */
	struct snapshot_window *window;   /* NULL: none; owned */
	const struct blocklist_action *blocklist; /* the episode's first add; NULL: -108 came, but no input holds the command */
	int64_t begin_ns;                 /* of the episode */
	const struct fence_listed *listed; /* the cluster's blocklist was seen to hold it; NULL: no */
	int64_t expires_ns, removed_ns;   /* 0: not known / not removed */
	const struct blocklist_action *lasting; /* the add whose entry stands the longest; NULL: no input holds one that stands */
	size_t entries;                   /* that stand at the end of the inputs: the address's own, its host's, ranges */
	bool many_fenced;                 /* one of them is of a host or a range: who starts there is fenced, too */
	uint64_t failed_ios, failed_bytes; /* of all images of the client */
	uint64_t unrecorded_ios;           /* that failed as well, by the shim's count; no input holds them */
	uint64_t waiting_ios;              /* held back since the fence and never answered: the guest hangs, no error comes */
	struct { int64_t ts_ns; uint8_t op; uint64_t offset, length; } first_eshutdown; /* ts_ns 0: none */
	struct evidence *evidence; size_t evidence_count; /* in order of time */
	char **missing; size_t missing_count;
};

enum near_kind { NEAR_PINGS_LOST, NEAR_WATCH_EXPIRED, NEAR_WATCH_ERROR, NEAR_FENCE_REFUSED };
const char *near_kind_name(enum near_kind kind);
/* The seconds that an add asks for; the cluster's default if it names none. */
int64_t blocklist_expire_s(const struct blocklist_action *action);
/* The time of an incident: that of its blocklist command; else of its first -108; 0: no input tells it. */
int64_t incident_ns(const struct incident *incident);
/* How the command came in, in the words of the JSON; NULL: not known. */
const char *incident_entry_name(const struct incident *incident);
struct near_miss {
	const struct image *image;        /* NULL: not known */
	const struct client *client;      /* NULL: only its address is known, or nothing */
	char *address_text;               /* of a client whom no input knows; NULL: not known; owned */
	enum near_kind kind;
	int64_t begin_ns, end_ns, longest_ping_gap_ns; /* end_ns 0: the inputs end before it does */
	bool had_no_watch;                /* whoever wanted the lock then would have fenced it */
	bool of_lock;                     /* of a refused fence: it was, or may have been, to take over a lock */
	char *text;
};

struct verdicts {
	struct incident *incidents; size_t incident_count;    /* in order of the blocklist's time, then address */
	struct near_miss *near_misses; size_t near_miss_count;
};

struct correlate_options {
	uint32_t watch_timeout_s; /* --watch-timeout; 0: from evidence, else 30 assumed */
};

#endif
