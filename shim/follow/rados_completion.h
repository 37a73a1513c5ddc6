/* SPDX-License-Identifier: MIT */
/*
 * Learning of a librados completion without being its owner: a tap is called right before the completion's own callback.
 *
 * How: AioCompletion::set_complete_callback, public in Ceph 14 to 20, puts the tap in the callback's place; what stood
 * there is read first, at the place where two completions of our own showed that librados keeps it. Nothing is assumed
 * about the layout: if the probe does not find it, no tap is set and the caller goes on without.
 */
#ifndef FENCELINE_SHIM_RADOS_COMPLETION_H
#define FENCELINE_SHIM_RADOS_COMPLETION_H

#include <stdbool.h>

struct completion_tap {
	/* Called once, on librados' callback thread, with no Ceph lock held and the caller's own callback still to come. */
	void (*done)(struct completion_tap *tap, int result);
	void (*callback)(void *completion, void *arg); /* the caller's own, may be NULL */
	void *callback_arg;
};

/* `completion` is a rados_completion_t, which is also the first word of a librados::AioCompletion. To be called before the
 * operation that takes it. `tap` (with done filled in) must live until done has been called or the tap is taken back;
 * it may be freed inside done. False: not tapped, done is never called. Any thread; preserves errno. */
bool completion_tap(void *completion, struct completion_tap *tap);

/* Puts the caller's callback back: the operation was never begun. */
void completion_untap(void *completion, struct completion_tap *tap);

#endif
