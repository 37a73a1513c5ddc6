/* SPDX-License-Identifier: MIT */
/*
 * Events on their way to the store. Rare ones go with the next flush, routine ones wait for a batch; what the store does not
 * take now goes to the spool and is shipped from there, at least once. Whatever the store does, whoever hands over events never
 * waits longer than one post. Single-threaded.
 */
#ifndef FENCELINE_FLEET_SHIPPER_H
#define FENCELINE_FLEET_SHIPPER_H

#include "fleet/rows.h"
#include "fleet/spool.h"
#include "fleet/store.h"

struct shipper;

struct shipper_counts {
	uint64_t rows, lost, refused;
};

/* Takes over nothing; all three live longer. `buffered`: routine rows go through the Buffer table. NULL: no memory. */
struct shipper *shipper_new(struct store *store, struct spool *spool, struct rows *rows, const char *host, bool buffered);
void shipper_free(struct shipper *shipper);

/* 0 or -ENOMEM. */
int shipper_add(struct shipper *shipper, const struct event *event);
/* Ships what is due. `all`: what is there. */
void shipper_flush(struct shipper *shipper, bool all);
/* Rows of `osd_sums`. They are for looking at: what does not arrive is not kept. */
void shipper_sums(struct shipper *shipper, const char *rows, size_t size);
const char *shipper_host(const struct shipper *shipper);
/* Tells the store that this shipper lives, every ten seconds. */
void shipper_beat(struct shipper *shipper);
/* The store lets nobody in, or has another schema: trying again will not help soon. */
bool shipper_is_refused(const struct shipper *shipper);
/* Nothing waits, neither here nor in the spool. */
bool shipper_is_idle(const struct shipper *shipper);
struct shipper_counts shipper_counts(const struct shipper *shipper);

#endif
