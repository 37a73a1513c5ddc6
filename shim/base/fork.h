/* SPDX-License-Identifier: MIT */
/*
 * What a forked child begins with: no clients, images and watches, no ping under way, and no lock held. librados' threads are
 * not copied by fork, so what the parent had open is of no use in the child, which may well connect anew. The list of who has
 * to forget is constructor.c's.
 */
#ifndef FENCELINE_SHIM_FORK_H
#define FENCELINE_SHIM_FORK_H

/* For the constructor: what a child does first. */
void fork_child_does(void (*what)(void));

/* From the first call on it is so. Any thread, any number of times. */
void fork_survive(void);

#endif
