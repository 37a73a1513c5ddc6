/* SPDX-License-Identifier: MIT */
/* A question's failure, put into words at the place that knows it. */
#ifndef FENCELINE_GUARD_FAULT_H
#define FENCELINE_GUARD_FAULT_H

/* What kept a question from being answered. */
enum fault_kind {
	FAULT_NONE,
	FAULT_INPUT,   /* no such pool, namespace, image: asking again will not help, and somebody mistyped */
	FAULT_SETUP,   /* no library, no conf file */
	FAULT_CAPS,    /* the user may not ask; the text names what it lacks */
	FAULT_CLUSTER, /* no answer, or not now */
};
struct fault {
	enum fault_kind kind;
	int error; /* -errno, or 0 */
	char text[600];
};

/* Fills fault in: the words, and behind them what errno says. Returns status, or -EIO for 0. */
int fault_tell(struct fault *fault, enum fault_kind kind, int status, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* The same for an operation on an OSD or a monitor: EPERM and EACCES become FAULT_CAPS with `needs`, what ends by itself
 * FAULT_CLUSTER. */
int fault_of_call(struct fault *fault, int status, const char *user, const char *what, const char *needs);

#endif
