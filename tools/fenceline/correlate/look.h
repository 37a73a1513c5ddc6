/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_LOOK_H
#define FENCELINE_CORRELATE_LOOK_H

#include "correlate/findings.h"

/* How long the monitors took from the command to its commit, at most. */
int64_t commit_took(const struct findings *findings);
/* Since when, by the client's own clock, the fencer may have looked for the owner's watch. */
int64_t look_began(const struct findings *findings);
/* Is a source's clock known to be the one that tells of the client's watch? */
bool is_on_clients_clock(const struct findings *findings, const struct source *source);
/* Is it, or is one of the two not known? */
bool may_be_on_clients_clock(const struct findings *findings, const struct source *source);
/* The last of the discarded events that may be of that clock and touch that time; NULL: none. */
const struct discarded *discarded_between(const struct findings *findings, int64_t begin_ns, int64_t end_ns);
/* Was the image not closed yet when the fencer may have looked? */
bool image_is_open(const struct findings *findings, const struct image *image);
/* How many images that inputs name does the client have open? With several it is the fencer who tells whose lock it wanted. */
size_t images_named(const struct findings *findings);
/* Is the fence's sign at the client shown to be the fence's own effect? A -107 may have come before it. */
bool sign_is_by_fence(const struct findings *findings);
/* Did the first -108 come within a tick and 2 s of the last sign of life? */
bool was_alive_when_refused(const struct findings *findings);
/* Did the first -108 follow the sign so soon that the client was alive then? Or did the sign come after the fencer's look? */
bool sign_is_near_refusal(const struct findings *findings);
/* Is it the client's first watch on the header, taken as it opened the image? Nobody can have found another one missing before.
 */
bool came_with_image(const struct image *image, const struct watch *watch);
/* Did the client have its watch all the time from there to the sign, none failed and none taken anew? */
bool watch_stood(const struct findings *findings);
/* The watch that the client took anew after a lock breaker had found none; NULL: it did not. */
const struct watch *watch_come_back(const struct findings *findings);
/* A ping of the owner's watch that, by one clock, was sent and answered with 0 after the list that lacks it; NULL: none. */
const struct ping *answered_after_list(const struct findings *findings);
/* Another client had the image open when the fencer looked. It may have wanted the lock, too, and have fenced the owner first:
 * only the audit log has every command, and it is not there. */
bool other_may_have_fenced(const struct findings *findings);
/* A range or a whole host was fenced, and the inputs may hold clients of several clusters. */
bool cluster_is_open(const struct findings *findings);
/* The command's result is not seen, and the sender's trace lost events when it should have come: the command may have been
 * refused, and one that no input holds have fenced the client. */
bool result_may_be_discarded(const struct findings *findings);

#endif
