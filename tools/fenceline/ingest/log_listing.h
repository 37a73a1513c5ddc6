/* SPDX-License-Identifier: MIT */
/* What ceph and rbd print about watches, locks, fences and latencies when they are not asked for JSON. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_LISTING_H
#define FENCELINE_INGEST_LOG_LISTING_H

#include <stddef.h>

/* The kind of listing by its first lines, "ceph-osd-perf" ...; NULL if it is none. */
const char *log_listing_recognise(const char *head, size_t length);

#endif
