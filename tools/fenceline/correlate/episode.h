/* SPDX-License-Identifier: MIT */
/* Episodes: from an address's first blocklist add to its rm or expiry, one per fenced client. */
#ifndef FENCELINE_CORRELATE_EPISODE_H
#define FENCELINE_CORRELATE_EPISODE_H

#include "model/model.h"

#define NO_END_NS INT64_MAX

/* An address's own entry, its whole host's and a range around it are entries of their own: it is fenced while one of them stands. */
#define STANDING_MOST 8
struct standing { const struct blocklist_action *add; int64_t end_ns; };

struct episode {
	const struct blocklist_action *first; /* the add that fenced it; NULL: the client was answered with -108, but no input holds the command */
	const struct blocklist_action *last;  /* the last add inside, first itself if there is no other */
	const struct blocklist_action *removed; /* NULL: not lifted */
	const struct blocklist_action *unfinished; /* an add before first that no input shows to have been carried out; NULL: none, or it is known that it was not */
	bool first_is_open; /* nothing shows that first was carried out, and a later add was */
	size_t adds;
	struct address address;       /* of the fenced client; family 0 for a range with no known client inside */
	const struct client *client;  /* NULL: no input knows it */
	const struct fence_listed *listed; /* the entry on the cluster's blocklist; NULL: no input lists it */
	bool undated;                 /* all that tells of it is a -108 without a time: begin_ns is 0 */
	int64_t opened_ns;            /* the first add's time, which may not be the one that fenced */
	int64_t begin_ns, end_ns;     /* end: lifted or expired; NO_END_NS if begin_ns is not the command's */
	int64_t expires_ns, removed_ns; /* 0: not known */
	struct standing standing[STANDING_MOST]; size_t standing_count; /* the entries that stand at its end; the last to end is first */
};

struct episodes { struct episode *list; size_t count, capacity; /* list owned */ };

int episodes_find(const struct model *model, struct episodes *episodes); /* 0 or -ENOMEM */
struct episode *episode_append(struct episodes *episodes); /* a new one, all 0, owned by the list; NULL: no memory */
/* Was it this client's fence: its own, or of its address and not of another cluster? */
bool episode_is_of(const struct model *model, const struct episode *episode, const struct client *client);
/* How long before its beginning something may be told of it all the same: clocks differ, and a log may name no zone. */
int64_t episode_reach(const struct episode *episode);
/* Does the action fence (or release) this client? By address, for a bare IP by IP, for a range by CIDR. */
bool blocklist_covers(const struct blocklist_action *action, const struct address *address);
/* A bare address, or one with nonce 0: the monitors read it as every client of that IP. */
bool blocklist_is_whole_ip(const struct blocklist_action *action);
/* A range or a whole IP: whoever comes from there is fenced, now and later. */
bool blocklist_is_of_many(const struct blocklist_action *action);
bool listed_is_of_many(const struct fence_listed *listed); /* the same of an entry of the cluster's list */
/* Could the I/O that a log tells of have failed because of this fence? By the VM that it names, else by time. */
bool episode_explains(const struct episode *episode, const struct failure_run *run);

#endif
