/* SPDX-License-Identifier: MIT */
/*
 * What others put around a line before it came into somebody's hands: grep's file names, a journal's stamp and host, a container
 * runtime's JSON, a mail's quote marks. Taken off one after the other, in any order, until nothing is left to take off.
 * Ceph's, QEMU's and the kernel's own envelopes are no wrappers: log_forms.h. Not thread-safe.
 */
#ifndef FENCELINE_INGEST_UNWRAP_H
#define FENCELINE_INGEST_UNWRAP_H

#include "ingest/log_form.h"

/* Whether text[0, length) is how a line of the caller's begins. By its envelope: no wrapper with a stamp is looked for. By its
 * words: no wrapper that is a mere word is, and one may stand before it. */
enum unwrap_own { UNWRAP_NOT_OWN, UNWRAP_OWN_WORDS, UNWRAP_OWN_ENVELOPE };
typedef enum unwrap_own unwrap_begins(const void *arg, const char *text, size_t length);

struct unwrap;

/* `begins` may be NULL. */
struct unwrap *unwrap_new(unwrap_begins *begins, const void *arg);
void unwrap_free(struct unwrap *unwrap);

/* Takes off all wrappers of one line (without its newline). `zone` is for stamps that name none. *inner is set in any case: what was
 * inside, and the names, lie in the line, or in a buffer that lives until the next call. Of what several wrappers said the innermost
 * one counts; what none said is 0, and families FAMILY_ALL. The kind is "syslog" or "container" if a log's wrapper was among them,
 * so that what is inside is its line; else NULL. True: something was taken off. A line in Ceph's own form is known by its first
 * bytes and costs next to nothing. */
bool unwrap_line(struct unwrap *unwrap, const char *text, size_t length, const struct stamp_zone *zone, struct log_line *inner);

/* The forms of wrappers, from 0 on, so that a test can look at each one's example; NULL behind the last. */
struct log_form *unwrap_form(size_t i);

#endif
