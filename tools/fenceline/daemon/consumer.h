/* SPDX-License-Identifier: MIT */
/* The process that holds the rings, a child of the session daemon: known by its name and its parent. */
#ifndef FENCELINE_DAEMON_CONSUMER_H
#define FENCELINE_DAEMON_CONSUMER_H

#include <stdbool.h>
#include <sys/types.h>

/* LTTng's consumer, which has the rings: the session daemon goes on without it, and says nothing. */
struct consumer {
	pid_t pid; /* 0: not known */
	unsigned long long start;
};

/* The session daemon's; pid 0 if none is found. A walk through /proc. */
void consumer_find(struct consumer *consumer);

/* It was there, and is not any more. */
bool consumer_is_gone(const struct consumer *consumer);

#endif
