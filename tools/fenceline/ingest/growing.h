/* SPDX-License-Identifier: MIT */
/*
 * Inputs that are still being written: recordings that run, logs that grow. Each round reads what has come since the last one,
 * and only that: of a trace the whole packets behind the last one read (a growing stream file is nothing but packets, whose
 * headers say how long they are; LTTng's index files say the same, but follow the data), of a log the whole lines. New packets are
 * put into a temporary folder beside the metadata as it is by then, and read from there; lines are a part of the log, which is read on
 * where it was left (log_read_part).
 * LTTng hands on part-filled packets once a second (record/profile.h), so an event is to be had about a second after it happened.
 *
 * Single-threaded.
 */
#ifndef FENCELINE_INGEST_GROWING_H
#define FENCELINE_INGEST_GROWING_H

#include "ingest/ingest.h"

struct growing;

/* The paths may be folders that hold no trace yet, and files that are empty. NULL after one line on stderr. */
struct growing *growing_open(char *const paths[], size_t count, const struct ingest_options *options);

/* Delivers what has come since the last round, as ingest_run does. The sources live as long as `growing`. *more: there is more to be
 * read at once. Returns 0, -errno, or what `deliver` returned if that is not 0. */
int growing_round(struct growing *growing, int (*deliver)(const struct event *event, void *arg), void *arg, bool *more);

/* Events that the tracers discarded so far. */
uint64_t growing_lost_events(const struct growing *growing);
void growing_close(struct growing *growing);

#endif
