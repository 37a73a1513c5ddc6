/* SPDX-License-Identifier: MIT */
/* Parts of a WHERE for what is wanted. Each is nonempty SQL; one of no elements is false. `from`: those from the from-th on. */
#ifndef FENCELINE_FLEET_WANTED_WHERE_H
#define FENCELINE_FLEET_WANTED_WHERE_H

#include "fleet/wanted.h"

void where_days(const struct wanted *wanted, struct query *query);
void where_time(const struct wanted *wanted, struct query *query); /* days and slots of what happened */
void where_some_processes(const struct wanted *wanted, struct query *query, size_t from, size_t to); /* (host, pid) IN ... */
void where_processes(const struct wanted *wanted, struct query *query);
void where_nonces(const struct wanted *wanted, struct query *query, size_t from);    /* of clients whose nonce is known */
void where_addresses(const struct wanted *wanted, struct query *query, size_t from); /* the same, with their IP */
void where_hosts(const struct wanted *wanted, struct query *query, size_t from);     /* IPs of which all clients are meant */
void where_clients(const struct wanted *wanted, struct query *query);
void where_vms(const struct wanted *wanted, struct query *query); /* by name or UUID */
/* COLUMN IN (...), each text behind `prefix`. */
void where_texts(struct query *query, const char *column, const char *prefix, char *const *each, size_t from, size_t count);
void where_moments(const struct wanted *wanted, struct query *query, int64_t before_ns, int64_t after_ns);

#endif
