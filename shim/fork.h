/* SPDX-License-Identifier: MIT */
/*
 * What a forked child begins with: no clients, images and watches, no ping under way, and no lock held. librados' threads are
 * not copied by fork, so what the parent had open is of no use in the child, which may well connect anew.
 */
#ifndef FENCELINE_SHIM_FORK_H
#define FENCELINE_SHIM_FORK_H

/* From the first call on it is so. Any thread, any number of times. */
void fork_survive(void);

#endif
