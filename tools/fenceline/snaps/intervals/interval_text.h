/* SPDX-License-Identifier: MIT */
/*
 * The text of an interval set as Ceph's logs and maps have it: [1~3,8~1,a~1], hexadecimal start~length. A space after a
 * comma is tolerated. What is wrong with it is told, and what can be counted is counted all the same.
 */
#ifndef FENCELINE_SNAPS_INTERVALS_INTERVAL_TEXT_H
#define FENCELINE_SNAPS_INTERVALS_INTERVAL_TEXT_H

#include "snaps/intervals/interval_set.h"

/* Called for each fault, which is static, the same pointer for the same one; at points to where the faulty interval begins. */
typedef void interval_fault_fn(void *arg, const char *fault, const char *at);

/* Does text[0, length) begin as a set does: '[' then ']' or hex digits and '~'? */
bool interval_text_begins(const char *text, size_t length);

/* Parses the set at the start of text[0, length) into `set`, whose content it replaces. *end, if not NULL, is set to the first
 * byte after it (text + length if it was cut off or broken: then what came before that is in the set). `fault` may be NULL.
 * Returns 0; -EINVAL if text does not begin as a set; -EBADMSG if nothing was read of one that is not empty ("[...]"), so it is
 * not known. */
int interval_text_parse(const char *text, size_t length, struct interval_set *set, const char **end, interval_fault_fn *fault,
                        void *arg);

#endif
