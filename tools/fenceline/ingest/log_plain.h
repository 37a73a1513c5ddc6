/* SPDX-License-Identifier: MIT */
/* Ceph's own envelope, by its first bytes. Most lines have it, and no wrapper around it. */
#ifndef FENCELINE_INGEST_LOG_PLAIN_H
#define FENCELINE_INGEST_LOG_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_plain {
	uint64_t thread; /* 0: a daemon's name stands there, it is a line of the cluster's log */
	size_t text;     /* of a thread's line: where the text behind the level begins */
};

/* A stamp, then a thread and a level, or a daemon. */
bool log_plain_split(const char *text, size_t length, struct log_plain *plain);

#endif
