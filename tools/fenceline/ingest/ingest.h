/* SPDX-License-Identifier: MIT */
/*
 * Inputs in, one stream of events out, ordered by time. An input is a CTF trace folder (or a folder that holds several)
 * or a log; its kind is recognised by its content. Single-threaded.
 */
#ifndef FENCELINE_INGEST_H
#define FENCELINE_INGEST_H

#include "ingest/event.h"
#include "ingest/ingest_options.h"

struct ingest;

/* Opens every input. On error prints one line on stderr that names the input, says why and what to do, and returns NULL.
 * `options` is copied, its strings borrowed. Equal inputs are opened once. */
struct ingest *ingest_open(char *const paths[], size_t count, const struct ingest_options *options);

/* One more file, read from its beginning to its end: growing.c's. */
int ingest_open_file(struct ingest *ingest, const char *path);

/* Delivers every event in order of time to `deliver`; equal times keep a fixed order that does not depend on the order
 * of the inputs. Stops early if `deliver` returns nonzero and returns that. A damaged stream: everything up to the
 * damage is delivered, the damage is said on stderr. Returns 0, or -errno. */
int ingest_run(struct ingest *ingest, int (*deliver)(const struct event *event, void *arg), void *arg);

/* The sources, sorted by path. Complete after ingest_run. Owned by the ingest. */
size_t ingest_sources(const struct ingest *ingest, const struct source *const **sources);

void ingest_close(struct ingest *ingest);

#endif
