/* SPDX-License-Identifier: MIT */
/*
 * Looks in time: the connection and the images that preflight, guard and unlock look at, each question with a deadline. One
 * thread's; the cluster's answers come from the thread of bounded_run.
 */
#ifndef FENCELINE_GUARD_ASKER_H
#define FENCELINE_GUARD_ASKER_H

#include "guard/image.h"
#include "guard/look.h"

struct asker_options {
	struct cluster_options cluster;
	bool probe;
	unsigned daemon_port;
};

struct asker;
struct asked; /* an image, opened with the first look */

struct asker *asker_new(const struct asker_options *options); /* NULL: out of memory */
struct asked *asker_image(struct asker *asker, const struct image_spec *spec);

/* A whole look, connecting and opening first if that has not been done. A fault of connecting is told to every later look, too,
 * until asker_try_again. */
void asker_look(struct asker *asker, struct asked *asked, struct look *look);
/* The quick one, after an asker_look that succeeded: look_again. */
void asker_look_again(struct asker *asker, struct asked *asked, const struct look *before, struct look *look);
/* What became of those that lived in `earlier`? A whole look. */
void asker_look_after(struct asker *asker, struct asked *asked, const struct look *earlier, struct look *look);
/* The same while a command runs: with the probe, which waits a second only; quick unless `whole`; within bound_ns, if that is
 * shorter than --timeout. */
void asker_follow(struct asker *asker, struct asked *asked, const struct look *earlier, bool whole, int64_t bound_ns,
                  struct look *look);
/* Adds to the look what serves the header; what the monitors do not tell within two seconds and the manager in one is unknown. */
void asker_look_at_service(struct asker *asker, struct asked *asked, struct look *look);
void asker_try_again(struct asker *asker);
/* image_break_lock. 0 or -errno, fault filled in. */
int asker_break_lock(struct asker *asker, struct asked *asked, const struct locker *locker, struct fault *fault);

/* Leaves the cluster. If a call is stuck nothing is freed, and the process must end with _exit: asker_end does either and returns
 * `code` only where exit is safe. */
int asker_end(struct asker *asker, int code);

#endif
