/* SPDX-License-Identifier: MIT */
/* What ceph and rbd print about watches, locks, fences and latencies when they are not asked for JSON. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_LISTING_H
#define FENCELINE_INGEST_LOG_LISTING_H

#include "ingest/xalloc.h"

#include <stdbool.h>
#include <stddef.h>

/* The kind of listing that begins with this line, "ceph-osd-perf" ...; `head` goes on with the lines behind it. NULL if it is
 * none. */
const char *log_listing_recognise(const char *head, size_t length);
/* The same of one line that is a header, whatever comes behind it; no row is one. */
const char *log_listing_header(const char *line, size_t length);

/* A row that somebody put into a table, a list, a spreadsheet, or wrote a remark behind, as the command prints it, goes to
 * `plain`. False: it is none, or is one as it is. */
bool log_listing_plain(const char *text, size_t length, struct text_buffer *plain);

#endif
