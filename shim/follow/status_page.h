/* SPDX-License-Identifier: MIT */
/* The memory of the status page: a sealed memfd and the one mapping that may write to it. The sampler thread's alone. */
#ifndef FENCELINE_SHIM_STATUS_PAGE_H
#define FENCELINE_SHIM_STATUS_PAGE_H

#include "fenceline/status.h"

/*
 * Begins a writing: the page, its sequence odd from here on. Makes the page if there is none, and anew if the host has closed
 * our descriptor, as programs do that become daemons. NULL: it cannot be had.
 */
struct fl_status *status_page_begin(void);
/* Ends it: the sequence is even and another one. */
void status_page_end(void);

/* In a forked child: the page is the parent's. */
void status_page_forget(void);

#endif
