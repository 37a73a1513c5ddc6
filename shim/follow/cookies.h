/* SPDX-License-Identifier: MIT */
/*
 * The cookies of this process's watches, to be found among what goes by on the wire: that may be full of cookies, nobody's or
 * one of ours over and over, and finding one takes a few ns in either case. Lock-free for whoever looks, on any thread.
 */
#ifndef FENCELINE_SHIM_COOKIES_H
#define FENCELINE_SHIM_COOKIES_H

#include <stdint.h>

#define COOKIES_MAX  2048
#define COOKIE_SLOTS 8 /* watches of one cookie: one, or two while a cookie is given again */

/* The watch in this slot has this cookie now; 0: none. Takes a lock for a few instructions. */
void cookie_set(unsigned slot, uint64_t cookie);
/* The slots of the watches with this cookie. Returns how many. */
unsigned cookie_slots(uint64_t cookie, unsigned slots[COOKIE_SLOTS]);

void cookies_after_fork_child(void);

#endif
