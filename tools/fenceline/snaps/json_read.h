/* SPDX-License-Identifier: MIT */
/*
 * What JSON tells of pools' snapshots, at whatever depth it stands: `ceph osd dump`, `ceph osd pool ls detail`, `ceph report`,
 * `ceph pg dump`, `ceph pg ls`, `ceph pg N query`, `ceph health detail`, `ceph-dencoder` dumps of OSDMap and OSDMap::Incremental,
 * any number of documents in a row, whole or as far as they were pasted. An object is known by its members, not by where it
 * stands:
 *
 *   snap_seq, snap_mode or removed_snaps      a pool, of the map that is the object around it
 *   pool and snaps                            an entry of removed_snaps_queue, new_removed_snaps or new_purged_snaps
 *   pgid and snaptrimq_len or state           a placement group; a query has its queue in snap_trimq beside `info`
 *   message                                   a line of health, read as text
 *   state_name and count                      of `ceph -s`
 *
 * Read as it comes (json_scan.h), so memory does not grow with the document. Not thread-safe.
 */
#ifndef FENCELINE_SNAPS_JSON_READ_H
#define FENCELINE_SNAPS_JSON_READ_H

#include "snaps/json_scan.h"
#include "snaps/maps.h"

struct json_read;

/* A text that a document holds as a message; true: it told something. */
typedef bool json_message_fn(void *arg, const char *text, size_t length);

/* Maps go to `maps`, the rest to the account at once; all borrowed for as long as it lives, path for as long as the maps do. */
struct json_read *json_read_new(struct maps *maps, struct account *account, const char *path, json_message_fn *message,
                                void *arg);
void json_read_imply(struct json_read *read); /* members without the object around them come next */
/* The placement group of a command line before the document, "1.31d": whose a query is that was not pasted to its `info`. */
void json_read_name_pg(struct json_read *read, const char *text, size_t length);
bool json_read_open(const struct json_read *read);     /* is a document open? */
uint64_t json_read_told(const struct json_read *read); /* how many objects told something */
/* A line, or a part of it as `edges` of json_scan_take has it. Returns how many bytes were taken: all, or up to the end of the
 * document. */
size_t json_read_take(struct json_read *read, const char *text, size_t length, unsigned int edges, uint64_t line);
/* What is open ends here, in the middle (told) unless it was implied. */
void json_read_end(struct json_read *read);
void json_read_free(struct json_read *read);

#endif
