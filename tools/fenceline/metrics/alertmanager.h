/* SPDX-License-Identifier: MIT */
/*
 * Alerts pushed to Alertmanager's API v2 (POST URL/api/v2/alerts), so that nobody has to wait for a scrape and a rule.
 *
 * What is told is state, not messages: the set of watches in trouble. A change is posted at once, the whole set again every
 * half minute, as the protocol wants; what has ended is told with its end until Alertmanager has taken it. While it is away the
 * set is all that is kept, so memory is bounded by it. Posting is done by a thread of its own; the loop never waits for the net.
 */
#ifndef FENCELINE_METRICS_ALERTMANAGER_H
#define FENCELINE_METRICS_ALERTMANAGER_H

#include "metrics/host.h"

#include <stddef.h>

#define ALERT_UNANSWERED 2 /* pings */

struct alertmanager;

/* `url` is Alertmanager's, such as http://127.0.0.1:9093. Returns 0 with *made, or -errno with the reason in `why`. */
int alertmanager_start(const char *url, struct alertmanager **made, char *why, size_t size);
/* After each look: which watches have ALERT_UNANSWERED pings unanswered, which clients are fenced. Never blocks. */
void alertmanager_look(struct alertmanager *manager, const struct host *host);
/* Posts what is still to be told once more, for 2 s at the most, and ends the thread. */
void alertmanager_stop(struct alertmanager *manager);

struct alertmanager_counts {
	uint64_t posted, failed, dropped; /* posts that were taken, that failed; ended alerts that were never told */
	unsigned active;
};
void alertmanager_counts(struct alertmanager *manager, struct alertmanager_counts *counts);

#endif
