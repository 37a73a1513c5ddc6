/* SPDX-License-Identifier: MIT */
/*
 * A librados.so.2 and a libceph-common.so.2 that do what a test tells them, for what the real ones do too seldom: a
 * registration that fails, a reply cut in two, an unwatch while watch_check is under way. One ioctx per client; handles,
 * completions and watches behave as librados' do, and a watch_check of a watch that is gone is counted, not a crash.
 */
#ifndef FENCELINE_FAKE_RADOS_H
#define FENCELINE_FAKE_RADOS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* ---- librados ---- */

struct fake_cluster {
	uint64_t global_id;
};
struct fake_ioctx {
	struct fake_cluster *cluster;
	const char *pool, *nspace;
};

/* What the next registration does. */
extern uint64_t fake_next_cookie; /* the handle it gives; counted up by 0x100 each time */
extern int fake_next_result;      /* of the call itself; below 0 nothing is begun */
extern int fake_next_completes;   /* 1: the completion completes, with 0, before the call returns */
extern _Atomic(void *) fake_begun; /* the completion of the last registration, just before the call returns: for another thread */

/* Ends a registration or unwatch that is under way. A registration that fails leaves no watch behind. */
void fake_complete(void *completion, int result);

/* The age that watch_check returns; how often it was asked, how often about a watch that is not there. */
extern _Atomic(int64_t) fake_age_ms;
extern _Atomic(unsigned) fake_checks, fake_dangling_checks;
extern _Atomic(unsigned) fake_check_takes_ms;
extern _Atomic(int) fake_check_running;
extern int fake_hides_callbacks; /* AioCompletion::set_complete_callback has no effect that one could see */

/* What librados does with a live watch. */
void fake_notify(uint64_t cookie, const void *data, size_t length);
void fake_error(uint64_t cookie, int error);
unsigned fake_watches(void);

typedef void (*fake_callback)(void *completion, void *arg);
int rados_aio_create_completion(void *arg, fake_callback complete, fake_callback safe, void **completion);
void rados_aio_release(void *completion);

/* ---- libceph-common: calls that come from in there ---- */

ssize_t fake_common_send(int fd, const struct iovec *segments, size_t count);
ssize_t fake_common_read(int fd, void *buffer, size_t size);

/* What ceph_version_to_str says; of a library it is asked once, at the first call that needs a layout. */
extern const char *fake_ceph_version;
extern unsigned fake_commands_sent;

/* A bufferlist as the fake's iterator reads it: as in Ceph an iterator holds the address of its list and of the part that it
 * stands at, and that leads to the bytes. */
struct fake_part {
	const struct fake_part *next;
	const char *data;
};
struct fake_list {
	const struct fake_part *part;
	unsigned length;
};
/* As fake_notify, to a WatchCtx2, with this for a bufferlist. */
void fake_notify_list(uint64_t cookie, void *list);

#endif
