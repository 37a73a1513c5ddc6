/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_EVIDENCE_LOGS_H
#define FENCELINE_CORRELATE_EVIDENCE_LOGS_H

#include "correlate/findings.h"

/* What only logs hold: entries of the cluster's blocklist, failed I/O, slow requests, removed snapshots. */
int evidence_listed(const struct findings *findings, struct incident *incident);
int evidence_failures(const struct findings *findings, struct incident *incident);
int evidence_slow(const struct findings *findings, struct incident *incident);
int evidence_deletions(const struct findings *findings, struct incident *incident);

#endif
