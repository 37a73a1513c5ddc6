/* SPDX-License-Identifier: MIT */
/*
 * A librbd.so.1 that does no I/O, for what a real one cannot be made to do on purpose: complete inside the submitting
 * call, or only when told to, or not at all; fail the submission; answer with any result.
 *
 * As in librbd an rbd_completion_t is a librbd::RBD::AioCompletion, whose only word points at the inner completion; the
 * C functions call the C++ methods through the PLT; release deletes the outer object at once, the inner one lives until
 * its callback has run.
 */
#ifndef FENCELINE_TESTS_FAKE_RBD_H
#define FENCELINE_TESTS_FAKE_RBD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

enum fake_mode {
	FAKE_AT_ONCE, /* the callback runs before the submitting call returns */
	FAKE_HELD,    /* when fake_complete says so */
	FAKE_THREADS, /* by one of four worker threads */
	FAKE_REFUSED, /* the submitting call itself fails with the result set */
	FAKE_PUT_OFF, /* complete before the submitting call returns; the callback runs when fake_complete says so */
};

/* What the next submissions do. result: what they complete with; 1 stands for success (the length of a read, else 0). */
void fake_set(enum fake_mode mode, int64_t result);
/* Completes up to count held I/Os, oldest first; returns how many. */
size_t fake_complete(size_t count);

extern void (*fake_when_named)(void); /* called once, while somebody asks for an image's id */

typedef void fake_callback(void *c, void *arg);
/* Was it given a callback? */
int fake_calls_back(void *c);

/* librados, as much of it as the shim asks */
int rados_create(void **cluster, const char *id);
int rados_connect(void *cluster);
void rados_shutdown(void *cluster);
extern uint64_t fake_global_id; /* of the client; it stands in its address, too */
/* Called once: before rados_shutdown returns, with the client gone, and while somebody asks for the cluster's fsid. */
extern void (*fake_when_gone)(void), (*fake_when_asked)(void);

/* librbd: the C API. ioctx is any pointer; the fake's librados knows one cluster. */
int rbd_open(void *ioctx, const char *name, void **image, const char *snap);
int rbd_open_read_only(void *ioctx, const char *name, void **image, const char *snap);
int rbd_open_by_id(void *ioctx, const char *id, void **image, const char *snap);
int rbd_aio_open(void *ioctx, const char *name, void **image, const char *snap, void *c);
int rbd_close(void *image);
int rbd_aio_close(void *image, void *c);
int rbd_aio_create_completion(void *cb_arg, fake_callback *complete_cb, void **c);
void rbd_aio_release(void *c);
void *rbd_aio_get_arg(void *c);
int rbd_aio_is_complete(void *c);
int rbd_aio_wait_for_complete(void *c);
ssize_t rbd_aio_get_return_value(void *c);
int rbd_set_image_notification(void *image, int fd, int type);
int rbd_poll_io_events(void *image, void **comps, int numcomp);
int rbd_aio_read(void *image, uint64_t off, size_t len, char *buf, void *c);
int rbd_aio_read2(void *image, uint64_t off, size_t len, char *buf, void *c, int op_flags);
int rbd_aio_readv(void *image, const struct iovec *iov, int iovcnt, uint64_t off, void *c);
int rbd_aio_write(void *image, uint64_t off, size_t len, const char *buf, void *c);
int rbd_aio_write2(void *image, uint64_t off, size_t len, const char *buf, void *c, int op_flags);
int rbd_aio_writev(void *image, const struct iovec *iov, int iovcnt, uint64_t off, void *c);
int rbd_aio_discard(void *image, uint64_t off, uint64_t len, void *c);
int rbd_aio_write_zeroes(void *image, uint64_t off, size_t len, void *c, int zero_flags, int op_flags);
int rbd_aio_writesame(void *image, uint64_t off, size_t len, const char *buf, size_t data_len, void *c, int op_flags);
ssize_t rbd_aio_compare_and_write(void *image, uint64_t off, size_t len, const char *cmp_buf, const char *buf, void *c,
                                  uint64_t *mismatch_off, int op_flags);
int rbd_aio_flush(void *image, void *c);
ssize_t rbd_read(void *image, uint64_t off, size_t len, char *buf);
ssize_t rbd_write(void *image, uint64_t off, size_t len, const char *buf);
int rbd_discard(void *image, uint64_t off, uint64_t len);
int rbd_flush(void *image);
/* No row of the shim's table. */
int rbd_aio_mirror_image_promote(void *image, _Bool force, void *c);

/* librbd: the C++ API. An Image is one word, NULL or the rbd_image_t; an IoCtx is one word, the rados_ioctx_t. */
void cpp_completion(void *self, void *cb_arg, fake_callback *complete_cb) __asm__("_ZN6librbd3RBD13AioCompletionC1EPvPFvS2_S2_E");
void cpp_release(void *self) __asm__("_ZN6librbd3RBD13AioCompletion7releaseEv");
void *cpp_get_arg(void *self) __asm__("_ZN6librbd3RBD13AioCompletion7get_argEv");
int cpp_wait_for_complete(void *self) __asm__("_ZN6librbd3RBD13AioCompletion17wait_for_completeEv");
_Bool cpp_is_complete(void *self) __asm__("_ZN6librbd3RBD13AioCompletion11is_completeEv");
ssize_t cpp_get_return_value(void *self) __asm__("_ZN6librbd3RBD13AioCompletion16get_return_valueEv");
int cpp_open(void *rbd, void **ioctx, void **image,
             const char *name) __asm__("_ZN6librbd3RBD4openERN8librados7v14_2_05IoCtxERNS_5ImageEPKc");
int cpp_open_snap(void *rbd, void **ioctx, void **image, const char *name,
                  const char *snap) __asm__("_ZN6librbd3RBD4openERN8librados7v14_2_05IoCtxERNS_5ImageEPKcS8_");
int cpp_close(void **image) __asm__("_ZN6librbd5Image5closeEv");
void cpp_destroy(void **image) __asm__("_ZN6librbd5ImageD1Ev");
int cpp_aio_read(void **image, uint64_t off, size_t len, void *bl,
                 void *c) __asm__("_ZN6librbd5Image8aio_readEmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionE");
int cpp_aio_flush(void **image, void *c) __asm__("_ZN6librbd5Image9aio_flushEPNS_3RBD13AioCompletionE");
ssize_t cpp_write(void **image, uint64_t off, size_t len,
                  void *bl) __asm__("_ZN6librbd5Image5writeEmmRN4ceph6buffer7v15_2_04listE");

#endif
