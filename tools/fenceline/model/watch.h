/* SPDX-License-Identifier: MIT */
/* Watches. */
#ifndef FENCELINE_MODEL_WATCH_H
#define FENCELINE_MODEL_WATCH_H

#include "model/records.h"

/* The watch of that cookie, made if need be. */
struct watch *watch_of_cookie(struct model *model, struct client *client, uint64_t cookie);
void watch_tie(struct model *model, struct watch *watch, struct image *image);
/* A watch of that cookie, whosever; NULL: none. */
struct watch *watch_anywhere(const struct model *model, uint64_t cookie);
struct watch *watch_find(const struct client *client, uint64_t cookie);
struct watch *watch_add(struct model *model, struct client *client, uint64_t cookie);
void watch_name(struct model *model, struct watch *watch, const char *pool, const char *nspace, const char *oid);
/* Oldest first, whatever order the events that tell of them came in; one whose begin is not known comes first. */
void watches_sort(struct image *image);
/* Into another image's list, as it is. */
void watch_move(struct watch *watch, struct image *image);
/* librados tells how old its last acknowledged ping is: noted if that is too old. */
void watch_aged(struct watch *watch, int64_t acked_ns, const struct event *event);
int64_t watch_heard_ns(const struct watch *watch); /* since when its pings can have been missed; 0: not known */
void watch_acked(struct watch *watch, int64_t sent_ns, int64_t ack_ns, const struct source *source, bool sampled);

#endif
