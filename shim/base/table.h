/* SPDX-License-Identifier: MIT */
/*
 * The one table of interposed calls.
 *
 *	ROW(id, exported symbol, library, REQUIRED|OPTIONAL, first, last Ceph release, what it returns, (its parameters))
 *
 * The id is the C identifier of the wrapper, declared in calls/calls.h from here. `last` 0 means that 20.2.4, the newest one
 * known, has it. REQUIRED: without it a verdict lacks a link; OPTIONAL: without it a detail.
 * Names by release: read from Debian's binaries of 14.2.21, 16.2.15, 18.2.7 and 20.2.4.
 * bufferlist symbols are in ceph::buffer::v14_2_0 on 14 and v15_2_0 from 16 on, hence rows in pairs.
 *
 * ROW: the wrapper is written out in calls/. Any other kind of row goes on with (its arguments), and with what is done before the
 * call, in words of its parameters: the wrapper is made of that, by the file in calls/ that defines the kind.
 */
#ifndef LIBC_ROW /* libc's own: declared by its headers, wrapped in base/lttng_calls.c and follow/wire.c */
#define LIBC_ROW ROW
#endif
#ifndef AIO_ROW
#define AIO_ROW ROW
#endif
#ifndef IO_ROW
#define IO_ROW ROW
#endif
#ifndef SNAPSHOT_ROW
#define SNAPSHOT_ROW ROW
#endif
#ifndef HEADER_ROW
#define HEADER_ROW ROW
#endif
#ifndef AIO_HEADER_ROW
#define AIO_HEADER_ROW ROW
#endif
#ifndef EXEC_ROW
#define EXEC_ROW ROW
#endif
#ifndef BLOCKLIST_ROW
#define BLOCKLIST_ROW ROW
#endif
#ifndef MON_COMMAND_ROW
#define MON_COMMAND_ROW ROW
#endif
#ifndef LOCK_ROW
#define LOCK_ROW ROW
#endif
#ifndef UNWATCH_ROW
#define UNWATCH_ROW ROW
#endif
#ifndef OPEN_ROW
#define OPEN_ROW ROW
#endif
#ifndef OPEN_CPP_ROW
#define OPEN_CPP_ROW ROW
#endif

/* Who: clients and images (connect.c) */
ROW(rados_create, "rados_create", LIB_RADOS, REQUIRED, 14, 0, int, (void **cluster, const char *id))
ROW(rados_create2, "rados_create2", LIB_RADOS, REQUIRED, 14, 0, int, (void **cluster, const char *cluster_name, const char *name, uint64_t flags))
ROW(rados_create_with_context, "rados_create_with_context", LIB_RADOS, OPTIONAL, 14, 0, int, (void **cluster, void *context))
ROW(rados_connect, "rados_connect", LIB_RADOS, REQUIRED, 14, 0, int, (void *cluster))
ROW(rados_shutdown, "rados_shutdown", LIB_RADOS, REQUIRED, 14, 0, void, (void *cluster))
ROW(Rados_init, "_ZN8librados7v14_2_05Rados4initEPKc", LIB_RADOS, REQUIRED, 14, 0, int, (void **self, const char *id))
ROW(Rados_init2, "_ZN8librados7v14_2_05Rados5init2EPKcS3_m", LIB_RADOS, REQUIRED, 14, 0, int, (void **self, const char *name, const char *cluster_name, uint64_t flags))
ROW(Rados_init_with_context, "_ZN8librados7v14_2_05Rados17init_with_contextEPv", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, void *context))
ROW(Rados_connect, "_ZN8librados7v14_2_05Rados7connectEv", LIB_RADOS, REQUIRED, 14, 0, int, (void **self))
ROW(Rados_shutdown, "_ZN8librados7v14_2_05Rados8shutdownEv", LIB_RADOS, REQUIRED, 14, 0, void, (void **self))
ROW(Rados_destroy, "_ZN8librados7v14_2_05RadosD1Ev", LIB_RADOS, REQUIRED, 14, 0, void, (void **self))

/* Image open and close (image_c.c, image_cpp.c) */
OPEN_ROW(rbd_open, "rbd_open", LIB_RBD, REQUIRED, 14, 0, int, (void *ioctx, const char *name, void **image, const char *snap), (ioctx, name, image, snap), open_image(real, BY_NAME, ioctx, name, image, snap))
OPEN_ROW(rbd_open_read_only, "rbd_open_read_only", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *name, void **image, const char *snap), (ioctx, name, image, snap), open_image(real, READ_ONLY, ioctx, name, image, snap))
OPEN_ROW(rbd_open_by_id, "rbd_open_by_id", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *id, void **image, const char *snap), (ioctx, id, image, snap), open_image(real, BY_ID, ioctx, id, image, snap))
OPEN_ROW(rbd_open_by_id_read_only, "rbd_open_by_id_read_only", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *id, void **image, const char *snap), (ioctx, id, image, snap), open_image(real, BY_ID | READ_ONLY, ioctx, id, image, snap))
OPEN_ROW(rbd_aio_open, "rbd_aio_open", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *name, void **image, const char *snap, void *c), (ioctx, name, image, snap, c), aio_open_image(HOOK_rbd_aio_open, real, BY_NAME, ioctx, name, image, snap, c))
OPEN_ROW(rbd_aio_open_read_only, "rbd_aio_open_read_only", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *name, void **image, const char *snap, void *c), (ioctx, name, image, snap, c), aio_open_image(HOOK_rbd_aio_open_read_only, real, READ_ONLY, ioctx, name, image, snap, c))
OPEN_ROW(rbd_aio_open_by_id, "rbd_aio_open_by_id", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *id, void **image, const char *snap, void *c), (ioctx, id, image, snap, c), aio_open_image(HOOK_rbd_aio_open_by_id, real, BY_ID, ioctx, id, image, snap, c))
OPEN_ROW(rbd_aio_open_by_id_read_only, "rbd_aio_open_by_id_read_only", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *id, void **image, const char *snap, void *c), (ioctx, id, image, snap, c), aio_open_image(HOOK_rbd_aio_open_by_id_read_only, real, BY_ID | READ_ONLY, ioctx, id, image, snap, c))
ROW(rbd_close, "rbd_close", LIB_RBD, REQUIRED, 14, 0, int, (void *image))
ROW(rbd_aio_close, "rbd_aio_close", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, void *c))
OPEN_CPP_ROW(RBD_open, "_ZN6librbd3RBD4openERN8librados7v14_2_05IoCtxERNS_5ImageEPKc", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, void **image, const char *name), (self, ioctx, image, name), open_head(real, BY_NAME, self, ioctx, image, name))
OPEN_CPP_ROW(RBD_open_by_id, "_ZN6librbd3RBD10open_by_idERN8librados7v14_2_05IoCtxERNS_5ImageEPKc", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, void **image, const char *id), (self, ioctx, image, id), open_head(real, BY_ID, self, ioctx, image, id))
OPEN_CPP_ROW(RBD_open_snap, "_ZN6librbd3RBD4openERN8librados7v14_2_05IoCtxERNS_5ImageEPKcS8_", LIB_RBD, REQUIRED, 14, 0, int, (void *self, void **ioctx, void **image, const char *name, const char *snap), (self, ioctx, image, name, snap), open_image(real, BY_NAME, self, ioctx, image, name, snap))
OPEN_CPP_ROW(RBD_open_read_only, "_ZN6librbd3RBD14open_read_onlyERN8librados7v14_2_05IoCtxERNS_5ImageEPKcS8_", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, void **image, const char *name, const char *snap), (self, ioctx, image, name, snap), open_image(real, READ_ONLY, self, ioctx, image, name, snap))
OPEN_CPP_ROW(RBD_open_by_id_snap, "_ZN6librbd3RBD10open_by_idERN8librados7v14_2_05IoCtxERNS_5ImageEPKcS8_", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, void **image, const char *id, const char *snap), (self, ioctx, image, id, snap), open_image(real, BY_ID, self, ioctx, image, id, snap))
OPEN_CPP_ROW(RBD_open_by_id_read_only, "_ZN6librbd3RBD20open_by_id_read_onlyERN8librados7v14_2_05IoCtxERNS_5ImageEPKcS8_", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, void **image, const char *id, const char *snap), (self, ioctx, image, id, snap), open_image(real, BY_ID | READ_ONLY, self, ioctx, image, id, snap))
OPEN_CPP_ROW(RBD_aio_open, "_ZN6librbd3RBD8aio_openERN8librados7v14_2_05IoCtxERNS_5ImageEPKcS8_PNS0_13AioCompletionE", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, void **image, const char *name, const char *snap, void *c), (self, ioctx, image, name, snap, c), aio_open_image(HOOK_RBD_aio_open, real, BY_NAME, self, ioctx, image, name, snap, c))
OPEN_CPP_ROW(RBD_aio_open_read_only, "_ZN6librbd3RBD18aio_open_read_onlyERN8librados7v14_2_05IoCtxERNS_5ImageEPKcS8_PNS0_13AioCompletionE", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, void **image, const char *name, const char *snap, void *c), (self, ioctx, image, name, snap, c), aio_open_image(HOOK_RBD_aio_open_read_only, real, READ_ONLY, self, ioctx, image, name, snap, c))
OPEN_CPP_ROW(RBD_aio_open_by_id, "_ZN6librbd3RBD14aio_open_by_idERN8librados7v14_2_05IoCtxERNS_5ImageEPKcS8_PNS0_13AioCompletionE", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, void **image, const char *id, const char *snap, void *c), (self, ioctx, image, id, snap, c), aio_open_image(HOOK_RBD_aio_open_by_id, real, BY_ID, self, ioctx, image, id, snap, c))
OPEN_CPP_ROW(RBD_aio_open_by_id_read_only, "_ZN6librbd3RBD24aio_open_by_id_read_onlyERN8librados7v14_2_05IoCtxERNS_5ImageEPKcS8_PNS0_13AioCompletionE", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, void **image, const char *id, const char *snap, void *c), (self, ioctx, image, id, snap, c), aio_open_image(HOOK_RBD_aio_open_by_id_read_only, real, BY_ID | READ_ONLY, self, ioctx, image, id, snap, c))
ROW(Image_close, "_ZN6librbd5Image5closeEv", LIB_RBD, REQUIRED, 14, 0, int, (void **self))
ROW(Image_aio_close, "_ZN6librbd5Image9aio_closeEPNS_3RBD13AioCompletionE", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, void *c))
ROW(Image_D1, "_ZN6librbd5ImageD1Ev", LIB_RBD, REQUIRED, 14, 0, void, (void **self))
ROW(Image_D2, "_ZN6librbd5ImageD2Ev", LIB_RBD, OPTIONAL, 14, 0, void, (void **self))

/* Completions (completion.c) */
ROW(rbd_aio_create_completion, "rbd_aio_create_completion", LIB_RBD, REQUIRED, 14, 0, int, (void *cb_arg, completion_callback complete_cb, void **c))
ROW(rbd_aio_release, "rbd_aio_release", LIB_RBD, REQUIRED, 14, 0, void, (void *c))
ROW(rbd_aio_get_arg, "rbd_aio_get_arg", LIB_RBD, REQUIRED, 14, 0, void *, (void *c))
ROW(rbd_aio_wait_for_complete, "rbd_aio_wait_for_complete", LIB_RBD, OPTIONAL, 14, 0, int, (void *c))
ROW(RbdAioCompletion_C1, "_ZN6librbd3RBD13AioCompletionC1EPvPFvS2_S2_E", LIB_RBD, OPTIONAL, 14, 0, void, (void *self, void *cb_arg, completion_callback complete_cb))
ROW(RbdAioCompletion_C2, "_ZN6librbd3RBD13AioCompletionC2EPvPFvS2_S2_E", LIB_RBD, OPTIONAL, 14, 0, void, (void *self, void *cb_arg, completion_callback complete_cb))
ROW(RbdAioCompletion_release, "_ZN6librbd3RBD13AioCompletion7releaseEv", LIB_RBD, OPTIONAL, 14, 0, void, (void *self))
ROW(RbdAioCompletion_get_arg, "_ZN6librbd3RBD13AioCompletion7get_argEv", LIB_RBD, OPTIONAL, 14, 0, void *, (void *self))
ROW(RbdAioCompletion_wait_for_complete, "_ZN6librbd3RBD13AioCompletion17wait_for_completeEv", LIB_RBD, OPTIONAL, 14, 0, int, (void *self))
ROW(rbd_aio_is_complete, "rbd_aio_is_complete", LIB_RBD, OPTIONAL, 14, 0, int, (void *c))
ROW(RbdAioCompletion_is_complete, "_ZN6librbd3RBD13AioCompletion11is_completeEv", LIB_RBD, OPTIONAL, 14, 0, bool, (void *self))
ROW(rbd_poll_io_events, "rbd_poll_io_events", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, void **completions, int most))
ROW(Image_poll_io_events, "_ZN6librbd5Image14poll_io_eventsEPPNS_3RBD13AioCompletionEi", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, void **completions, int most))

/* Asynchronous I/O (aio.c) */
AIO_ROW(rbd_aio_read, "rbd_aio_read", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, uint64_t off, size_t len, char *buf, void *c), (image, off, len, buf, c), image, FL_IO_READ, off, len)
AIO_ROW(rbd_aio_read2, "rbd_aio_read2", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, uint64_t off, size_t len, char *buf, void *c, int op_flags), (image, off, len, buf, c, op_flags), image, FL_IO_READ, off, len)
AIO_ROW(rbd_aio_readv, "rbd_aio_readv", LIB_RBD, REQUIRED, 14, 0, int, (void *image, const struct iovec *iov, int iovcnt, uint64_t off, void *c), (image, iov, iovcnt, off, c), image, FL_IO_READ, off, iov_length(iov, iovcnt))
AIO_ROW(rbd_aio_write, "rbd_aio_write", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, uint64_t off, size_t len, const char *buf, void *c), (image, off, len, buf, c), image, FL_IO_WRITE, off, len)
AIO_ROW(rbd_aio_write2, "rbd_aio_write2", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, uint64_t off, size_t len, const char *buf, void *c, int op_flags), (image, off, len, buf, c, op_flags), image, FL_IO_WRITE, off, len)
AIO_ROW(rbd_aio_write_with_crc32c, "rbd_aio_write_with_crc32c", LIB_RBD, OPTIONAL, 20, 0, int, (void *image, uint64_t off, size_t len, const char *buf, uint32_t crc32c, void *c, int op_flags), (image, off, len, buf, crc32c, c, op_flags), image, FL_IO_WRITE, off, len)
AIO_ROW(rbd_aio_writev, "rbd_aio_writev", LIB_RBD, REQUIRED, 14, 0, int, (void *image, const struct iovec *iov, int iovcnt, uint64_t off, void *c), (image, iov, iovcnt, off, c), image, FL_IO_WRITE, off, iov_length(iov, iovcnt))
AIO_ROW(rbd_aio_discard, "rbd_aio_discard", LIB_RBD, REQUIRED, 14, 0, int, (void *image, uint64_t off, uint64_t len, void *c), (image, off, len, c), image, FL_IO_DISCARD, off, len)
AIO_ROW(rbd_aio_write_zeroes, "rbd_aio_write_zeroes", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, uint64_t off, size_t len, void *c, int zero_flags, int op_flags), (image, off, len, c, zero_flags, op_flags), image, FL_IO_WRITE_ZEROES, off, len)
AIO_ROW(rbd_aio_writesame, "rbd_aio_writesame", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, uint64_t off, size_t len, const char *buf, size_t data_len, void *c, int op_flags), (image, off, len, buf, data_len, c, op_flags), image, FL_IO_WRITESAME, off, len)
AIO_ROW(rbd_aio_compare_and_write, "rbd_aio_compare_and_write", LIB_RBD, OPTIONAL, 14, 0, ssize_t, (void *image, uint64_t off, size_t len, const char *cmp_buf, const char *buf, void *c, uint64_t *mismatch_off, int op_flags), (image, off, len, cmp_buf, buf, c, mismatch_off, op_flags), image, FL_IO_COMPARE_AND_WRITE, off, len)
AIO_ROW(rbd_aio_compare_and_writev, "rbd_aio_compare_and_writev", LIB_RBD, OPTIONAL, 18, 0, ssize_t, (void *image, uint64_t off, const struct iovec *cmp_iov, int cmp_iovcnt, const struct iovec *iov, int iovcnt, void *c, uint64_t *mismatch_off, int op_flags), (image, off, cmp_iov, cmp_iovcnt, iov, iovcnt, c, mismatch_off, op_flags), image, FL_IO_COMPARE_AND_WRITE, off, iov_length(iov, iovcnt))
AIO_ROW(rbd_aio_flush, "rbd_aio_flush", LIB_RBD, REQUIRED, 14, 0, int, (void *image, void *c), (image, c), image, FL_IO_FLUSH, 0, 0)
AIO_ROW(Image_aio_read_v14, "_ZN6librbd5Image8aio_readEmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionE", LIB_RBD, OPTIONAL, 14, 14, int, (void **self, uint64_t off, size_t len, void *bl, void *c), (self, off, len, bl, c), *self, FL_IO_READ, off, len)
AIO_ROW(Image_aio_read, "_ZN6librbd5Image8aio_readEmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionE", LIB_RBD, OPTIONAL, 16, 0, int, (void **self, uint64_t off, size_t len, void *bl, void *c), (self, off, len, bl, c), *self, FL_IO_READ, off, len)
AIO_ROW(Image_aio_write_v14, "_ZN6librbd5Image9aio_writeEmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionE", LIB_RBD, OPTIONAL, 14, 14, int, (void **self, uint64_t off, size_t len, void *bl, void *c), (self, off, len, bl, c), *self, FL_IO_WRITE, off, len)
AIO_ROW(Image_aio_write, "_ZN6librbd5Image9aio_writeEmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionE", LIB_RBD, OPTIONAL, 16, 0, int, (void **self, uint64_t off, size_t len, void *bl, void *c), (self, off, len, bl, c), *self, FL_IO_WRITE, off, len)
AIO_ROW(Image_aio_read2_v14, "_ZN6librbd5Image9aio_read2EmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionEi", LIB_RBD, OPTIONAL, 14, 14, int, (void **self, uint64_t off, size_t len, void *bl, void *c, int op_flags), (self, off, len, bl, c, op_flags), *self, FL_IO_READ, off, len)
AIO_ROW(Image_aio_read2, "_ZN6librbd5Image9aio_read2EmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionEi", LIB_RBD, OPTIONAL, 16, 0, int, (void **self, uint64_t off, size_t len, void *bl, void *c, int op_flags), (self, off, len, bl, c, op_flags), *self, FL_IO_READ, off, len)
AIO_ROW(Image_aio_write2_v14, "_ZN6librbd5Image10aio_write2EmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionEi", LIB_RBD, OPTIONAL, 14, 14, int, (void **self, uint64_t off, size_t len, void *bl, void *c, int op_flags), (self, off, len, bl, c, op_flags), *self, FL_IO_WRITE, off, len)
AIO_ROW(Image_aio_write2, "_ZN6librbd5Image10aio_write2EmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionEi", LIB_RBD, OPTIONAL, 16, 0, int, (void **self, uint64_t off, size_t len, void *bl, void *c, int op_flags), (self, off, len, bl, c, op_flags), *self, FL_IO_WRITE, off, len)
AIO_ROW(Image_aio_writesame_v14, "_ZN6librbd5Image13aio_writesameEmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionEi", LIB_RBD, OPTIONAL, 14, 14, int, (void **self, uint64_t off, size_t len, void *bl, void *c, int op_flags), (self, off, len, bl, c, op_flags), *self, FL_IO_WRITESAME, off, len)
AIO_ROW(Image_aio_writesame, "_ZN6librbd5Image13aio_writesameEmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionEi", LIB_RBD, OPTIONAL, 16, 0, int, (void **self, uint64_t off, size_t len, void *bl, void *c, int op_flags), (self, off, len, bl, c, op_flags), *self, FL_IO_WRITESAME, off, len)
AIO_ROW(Image_aio_compare_and_write_v14, "_ZN6librbd5Image21aio_compare_and_writeEmmRN4ceph6buffer7v14_2_04listES5_PNS_3RBD13AioCompletionEPmi", LIB_RBD, OPTIONAL, 14, 14, int, (void **self, uint64_t off, size_t len, void *cmp_bl, void *bl, void *c, uint64_t *mismatch_off, int op_flags), (self, off, len, cmp_bl, bl, c, mismatch_off, op_flags), *self, FL_IO_COMPARE_AND_WRITE, off, len)
AIO_ROW(Image_aio_compare_and_write, "_ZN6librbd5Image21aio_compare_and_writeEmmRN4ceph6buffer7v15_2_04listES5_PNS_3RBD13AioCompletionEPmi", LIB_RBD, OPTIONAL, 16, 0, int, (void **self, uint64_t off, size_t len, void *cmp_bl, void *bl, void *c, uint64_t *mismatch_off, int op_flags), (self, off, len, cmp_bl, bl, c, mismatch_off, op_flags), *self, FL_IO_COMPARE_AND_WRITE, off, len)
AIO_ROW(Image_aio_discard, "_ZN6librbd5Image11aio_discardEmmPNS_3RBD13AioCompletionE", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, uint64_t off, uint64_t len, void *c), (self, off, len, c), *self, FL_IO_DISCARD, off, len)
AIO_ROW(Image_aio_write_zeroes, "_ZN6librbd5Image16aio_write_zeroesEmmPNS_3RBD13AioCompletionEii", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, uint64_t off, size_t len, void *c, int zero_flags, int op_flags), (self, off, len, c, zero_flags, op_flags), *self, FL_IO_WRITE_ZEROES, off, len)
AIO_ROW(Image_aio_flush, "_ZN6librbd5Image9aio_flushEPNS_3RBD13AioCompletionE", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, void *c), (self, c), *self, FL_IO_FLUSH, 0, 0)

/* Synchronous I/O (sync_io.c) */
IO_ROW(rbd_read, "rbd_read", LIB_RBD, REQUIRED, 14, 0, ssize_t, (void *image, uint64_t off, size_t len, char *buf), (image, off, len, buf), image, FL_IO_READ, off, len)
IO_ROW(rbd_read2, "rbd_read2", LIB_RBD, OPTIONAL, 14, 0, ssize_t, (void *image, uint64_t off, size_t len, char *buf, int op_flags), (image, off, len, buf, op_flags), image, FL_IO_READ, off, len)
IO_ROW(rbd_read_iterate, "rbd_read_iterate", LIB_RBD, OPTIONAL, 14, 0, int64_t, (void *image, uint64_t off, size_t len, iterate_callback *callback, void *arg), (image, off, len, callback, arg), image, FL_IO_READ, off, len)
IO_ROW(rbd_read_iterate2, "rbd_read_iterate2", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, uint64_t off, uint64_t len, iterate_callback *callback, void *arg), (image, off, len, callback, arg), image, FL_IO_READ, off, len)
IO_ROW(rbd_write, "rbd_write", LIB_RBD, OPTIONAL, 14, 0, ssize_t, (void *image, uint64_t off, size_t len, const char *buf), (image, off, len, buf), image, FL_IO_WRITE, off, len)
IO_ROW(rbd_write2, "rbd_write2", LIB_RBD, OPTIONAL, 14, 0, ssize_t, (void *image, uint64_t off, size_t len, const char *buf, int op_flags), (image, off, len, buf, op_flags), image, FL_IO_WRITE, off, len)
IO_ROW(rbd_discard, "rbd_discard", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, uint64_t off, uint64_t len), (image, off, len), image, FL_IO_DISCARD, off, len)
IO_ROW(rbd_write_zeroes, "rbd_write_zeroes", LIB_RBD, OPTIONAL, 14, 0, ssize_t, (void *image, uint64_t off, size_t len, int zero_flags, int op_flags), (image, off, len, zero_flags, op_flags), image, FL_IO_WRITE_ZEROES, off, len)
IO_ROW(rbd_writesame, "rbd_writesame", LIB_RBD, OPTIONAL, 14, 0, ssize_t, (void *image, uint64_t off, size_t len, const char *buf, size_t data_len, int op_flags), (image, off, len, buf, data_len, op_flags), image, FL_IO_WRITESAME, off, len)
IO_ROW(rbd_compare_and_write, "rbd_compare_and_write", LIB_RBD, OPTIONAL, 14, 0, ssize_t, (void *image, uint64_t off, size_t len, const char *cmp_buf, const char *buf, uint64_t *mismatch_off, int op_flags), (image, off, len, cmp_buf, buf, mismatch_off, op_flags), image, FL_IO_COMPARE_AND_WRITE, off, len)
IO_ROW(rbd_flush, "rbd_flush", LIB_RBD, OPTIONAL, 14, 0, int, (void *image), (image), image, FL_IO_FLUSH, 0, 0)
IO_ROW(Image_read_v14, "_ZN6librbd5Image4readEmmRN4ceph6buffer7v14_2_04listE", LIB_RBD, OPTIONAL, 14, 14, ssize_t, (void **self, uint64_t off, size_t len, void *bl), (self, off, len, bl), *self, FL_IO_READ, off, len)
IO_ROW(Image_read, "_ZN6librbd5Image4readEmmRN4ceph6buffer7v15_2_04listE", LIB_RBD, OPTIONAL, 16, 0, ssize_t, (void **self, uint64_t off, size_t len, void *bl), (self, off, len, bl), *self, FL_IO_READ, off, len)
IO_ROW(Image_write_v14, "_ZN6librbd5Image5writeEmmRN4ceph6buffer7v14_2_04listE", LIB_RBD, OPTIONAL, 14, 14, ssize_t, (void **self, uint64_t off, size_t len, void *bl), (self, off, len, bl), *self, FL_IO_WRITE, off, len)
IO_ROW(Image_write, "_ZN6librbd5Image5writeEmmRN4ceph6buffer7v15_2_04listE", LIB_RBD, OPTIONAL, 16, 0, ssize_t, (void **self, uint64_t off, size_t len, void *bl), (self, off, len, bl), *self, FL_IO_WRITE, off, len)
IO_ROW(Image_read2_v14, "_ZN6librbd5Image5read2EmmRN4ceph6buffer7v14_2_04listEi", LIB_RBD, OPTIONAL, 14, 14, ssize_t, (void **self, uint64_t off, size_t len, void *bl, int op_flags), (self, off, len, bl, op_flags), *self, FL_IO_READ, off, len)
IO_ROW(Image_read2, "_ZN6librbd5Image5read2EmmRN4ceph6buffer7v15_2_04listEi", LIB_RBD, OPTIONAL, 16, 0, ssize_t, (void **self, uint64_t off, size_t len, void *bl, int op_flags), (self, off, len, bl, op_flags), *self, FL_IO_READ, off, len)
IO_ROW(Image_write2_v14, "_ZN6librbd5Image6write2EmmRN4ceph6buffer7v14_2_04listEi", LIB_RBD, OPTIONAL, 14, 14, ssize_t, (void **self, uint64_t off, size_t len, void *bl, int op_flags), (self, off, len, bl, op_flags), *self, FL_IO_WRITE, off, len)
IO_ROW(Image_write2, "_ZN6librbd5Image6write2EmmRN4ceph6buffer7v15_2_04listEi", LIB_RBD, OPTIONAL, 16, 0, ssize_t, (void **self, uint64_t off, size_t len, void *bl, int op_flags), (self, off, len, bl, op_flags), *self, FL_IO_WRITE, off, len)
IO_ROW(Image_writesame_v14, "_ZN6librbd5Image9writesameEmmRN4ceph6buffer7v14_2_04listEi", LIB_RBD, OPTIONAL, 14, 14, ssize_t, (void **self, uint64_t off, size_t len, void *bl, int op_flags), (self, off, len, bl, op_flags), *self, FL_IO_WRITESAME, off, len)
IO_ROW(Image_writesame, "_ZN6librbd5Image9writesameEmmRN4ceph6buffer7v15_2_04listEi", LIB_RBD, OPTIONAL, 16, 0, ssize_t, (void **self, uint64_t off, size_t len, void *bl, int op_flags), (self, off, len, bl, op_flags), *self, FL_IO_WRITESAME, off, len)
IO_ROW(Image_compare_and_write_v14, "_ZN6librbd5Image17compare_and_writeEmmRN4ceph6buffer7v14_2_04listES5_Pmi", LIB_RBD, OPTIONAL, 14, 14, ssize_t, (void **self, uint64_t off, size_t len, void *cmp_bl, void *bl, uint64_t *mismatch_off, int op_flags), (self, off, len, cmp_bl, bl, mismatch_off, op_flags), *self, FL_IO_COMPARE_AND_WRITE, off, len)
IO_ROW(Image_compare_and_write, "_ZN6librbd5Image17compare_and_writeEmmRN4ceph6buffer7v15_2_04listES5_Pmi", LIB_RBD, OPTIONAL, 16, 0, ssize_t, (void **self, uint64_t off, size_t len, void *cmp_bl, void *bl, uint64_t *mismatch_off, int op_flags), (self, off, len, cmp_bl, bl, mismatch_off, op_flags), *self, FL_IO_COMPARE_AND_WRITE, off, len)
IO_ROW(Image_discard, "_ZN6librbd5Image7discardEmm", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, uint64_t off, uint64_t len), (self, off, len), *self, FL_IO_DISCARD, off, len)
IO_ROW(Image_write_zeroes, "_ZN6librbd5Image12write_zeroesEmmii", LIB_RBD, OPTIONAL, 14, 0, ssize_t, (void **self, uint64_t off, size_t len, int zero_flags, int op_flags), (self, off, len, zero_flags, op_flags), *self, FL_IO_WRITE_ZEROES, off, len)
IO_ROW(Image_read_iterate, "_ZN6librbd5Image12read_iterateEmmPFimmPKcPvES3_", LIB_RBD, OPTIONAL, 14, 0, int64_t, (void **self, uint64_t off, size_t len, iterate_callback *callback, void *arg), (self, off, len, callback, arg), *self, FL_IO_READ, off, len)
IO_ROW(Image_read_iterate2, "_ZN6librbd5Image13read_iterate2EmmPFimmPKcPvES3_", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, uint64_t off, uint64_t len, iterate_callback *callback, void *arg), (self, off, len, callback, arg), *self, FL_IO_READ, off, len)
IO_ROW(Image_flush, "_ZN6librbd5Image5flushEv", LIB_RBD, OPTIONAL, 14, 0, int, (void **self), (self), *self, FL_IO_FLUSH, 0, 0)

/* Watches (watch_c.c, watch_cpp.c) and their pings on the wire (wire.c) */
ROW(rados_watch, "rados_watch", LIB_RADOS, OPTIONAL, 14, 0, int, (void *io, const char *oid, uint64_t version, uint64_t *cookie, old_watch_fn notify, void *arg))
ROW(rados_watch2, "rados_watch2", LIB_RADOS, OPTIONAL, 14, 0, int, (void *io, const char *oid, uint64_t *cookie, watch_notify_fn notify, watch_error_fn error, void *arg))
ROW(rados_watch3, "rados_watch3", LIB_RADOS, OPTIONAL, 14, 0, int, (void *io, const char *oid, uint64_t *cookie, watch_notify_fn notify, watch_error_fn error, uint32_t timeout_s, void *arg))
ROW(rados_aio_watch, "rados_aio_watch", LIB_RADOS, OPTIONAL, 14, 0, int, (void *io, const char *oid, void *completion, uint64_t *handle, watch_notify_fn notify, watch_error_fn error, void *arg))
ROW(rados_aio_watch2, "rados_aio_watch2", LIB_RADOS, OPTIONAL, 14, 0, int, (void *io, const char *oid, void *completion, uint64_t *handle, watch_notify_fn notify, watch_error_fn error, uint32_t timeout_s, void *arg))
UNWATCH_ROW(rados_unwatch, "rados_unwatch", LIB_RADOS, OPTIONAL, 14, 0, int, (void *io, const char *oid, uint64_t cookie), (io, oid, cookie), io, cookie, NULL)
UNWATCH_ROW(rados_unwatch2, "rados_unwatch2", LIB_RADOS, OPTIONAL, 14, 0, int, (void *io, uint64_t cookie), (io, cookie), io, cookie, NULL)
UNWATCH_ROW(rados_aio_unwatch, "rados_aio_unwatch", LIB_RADOS, OPTIONAL, 14, 0, int, (void *io, uint64_t cookie, void *completion), (io, cookie, completion), io, cookie, completion)
ROW(IoCtx_aio_watch, "_ZN8librados7v14_2_05IoCtx9aio_watchERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPmPNS0_9WatchCtx2E", LIB_RADOS, REQUIRED, 14, 0, int, (void **self, const struct std_string *oid, void **completion, uint64_t *handle, void *ctx2))
ROW(IoCtx_aio_watch2, "_ZN8librados7v14_2_05IoCtx10aio_watch2ERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPmPNS0_9WatchCtx2Ej", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, void **completion, uint64_t *handle, void *ctx2, uint32_t timeout_s))
ROW(IoCtx_watch, "_ZN8librados7v14_2_05IoCtx5watchERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEmPmPNS0_8WatchCtxE", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, uint64_t version, uint64_t *handle, void *ctx))
ROW(IoCtx_watch2, "_ZN8librados7v14_2_05IoCtx6watch2ERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPmPNS0_9WatchCtx2E", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, uint64_t *handle, void *ctx2))
ROW(IoCtx_watch3, "_ZN8librados7v14_2_05IoCtx6watch3ERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPmPNS0_9WatchCtx2Ej", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, uint64_t *handle, void *ctx2, uint32_t timeout_s))
UNWATCH_ROW(IoCtx_aio_unwatch, "_ZN8librados7v14_2_05IoCtx11aio_unwatchEmPNS0_13AioCompletionE", LIB_RADOS, REQUIRED, 14, 0, int, (void **self, uint64_t cookie, void **completion), (self, cookie, completion), *self, cookie, *completion)
UNWATCH_ROW(IoCtx_unwatch, "_ZN8librados7v14_2_05IoCtx7unwatchERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEm", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, uint64_t cookie), (self, oid, cookie), *self, cookie, NULL)
UNWATCH_ROW(IoCtx_unwatch2, "_ZN8librados7v14_2_05IoCtx8unwatch2Em", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, uint64_t cookie), (self, cookie), *self, cookie, NULL)
LIBC_ROW(sendmsg, "sendmsg", LIB_C, REQUIRED, 14, 0)
LIBC_ROW(read, "read", LIB_C, REQUIRED, 14, 0)

/* What liblttng-ust may not do to the host (lttng_calls.c); the releases are those of their Debian's glibc */
LIBC_ROW(fork, "fork", LIB_C, OPTIONAL, 14, 0)
LIBC_ROW(_Fork, "_Fork", LIB_C, OPTIONAL, 16, 0)
LIBC_ROW(sem_timedwait, "sem_timedwait", LIB_C, OPTIONAL, 14, 0)
LIBC_ROW(connect, "connect", LIB_C, OPTIONAL, 14, 0)

/* Who fences, and through which call (blocklist_api.c, mon_command.c, lock.c) */
BLOCKLIST_ROW(rados_blacklist_add, "rados_blacklist_add", LIB_RADOS, REQUIRED, 14, 0, int, (void *cluster, char *address, uint32_t expire_s), (cluster, address, expire_s), cluster, address, strlen(address), expire_s, "rados_blacklist_add")
BLOCKLIST_ROW(rados_blocklist_add, "rados_blocklist_add", LIB_RADOS, REQUIRED, 16, 0, int, (void *cluster, char *address, uint32_t expire_s), (cluster, address, expire_s), cluster, address, strlen(address), expire_s, "rados_blocklist_add")
BLOCKLIST_ROW(Rados_blacklist_add, "_ZN8librados7v14_2_05Rados13blacklist_addERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEj", LIB_RADOS, REQUIRED, 14, 15, int, (void **self, const struct std_string *address, uint32_t expire_s), (self, address, expire_s), *self, address->text, address->length, expire_s, "librados::Rados::blacklist_add")
BLOCKLIST_ROW(Rados_blocklist_add, "_ZN8librados7v14_2_05Rados13blocklist_addERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEj", LIB_RADOS, REQUIRED, 16, 0, int, (void **self, const struct std_string *address, uint32_t expire_s), (self, address, expire_s), *self, address->text, address->length, expire_s, "librados::Rados::blocklist_add")
MON_COMMAND_ROW(rados_mon_command, "rados_mon_command", LIB_RADOS, REQUIRED, 14, 0, int, (void *cluster, const char **command, size_t strings, const char *input, size_t input_length, char **output, size_t *output_length, char **status, size_t *status_length), (cluster, command, strings, input, input_length, output, output_length, status, status_length), begin_c(&action, cluster, command, strings, "rados_mon_command", __builtin_return_address(0)))
MON_COMMAND_ROW(rados_mon_command_target, "rados_mon_command_target", LIB_RADOS, REQUIRED, 14, 0, int, (void *cluster, const char *name, const char **command, size_t strings, const char *input, size_t input_length, char **output, size_t *output_length, char **status, size_t *status_length), (cluster, name, command, strings, input, input_length, output, output_length, status, status_length), begin_c(&action, cluster, command, strings, "rados_mon_command_target", __builtin_return_address(0)))
MON_COMMAND_ROW(Rados_mon_command_v14, "_ZN8librados7v14_2_05Rados11mon_commandENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEERKN4ceph6buffer7v14_2_04listEPSB_PS7_", LIB_RADOS, REQUIRED, 14, 14, int, (void **self, void *command, const void *input, void *output, void *status), (self, command, input, output, status), begin_cpp(&action, *self, command, __builtin_return_address(0)))
MON_COMMAND_ROW(Rados_mon_command_v15, "_ZN8librados7v14_2_05Rados11mon_commandENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEERKN4ceph6buffer7v15_2_04listEPSB_PS7_", LIB_RADOS, REQUIRED, 15, 0, int, (void **self, void *command, const void *input, void *output, void *status), (self, command, input, output, status), begin_cpp(&action, *self, command, __builtin_return_address(0)))
ROW(MonClient_send_command, "_ZN9MonClient13_send_commandEPNS_10MonCommandE", LIB_CEPH_COMMON, REQUIRED, 14, 0, void, (void *self, void *command))
LOCK_ROW(rbd_break_lock, "rbd_break_lock", LIB_RBD, REQUIRED, 14, 0, int, (void *image, const char *client, const char *cookie), (image, client, cookie), "rbd_break_lock", image, client, cookie)
LOCK_ROW(rbd_lock_break, "rbd_lock_break", LIB_RBD, REQUIRED, 14, 0, int, (void *image, int lock_mode, const char *lock_owner), (image, lock_mode, lock_owner), "rbd_lock_break", image, lock_owner, NULL)
LOCK_ROW(Image_break_lock, "_ZN6librbd5Image10break_lockERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEES8_", LIB_RBD, REQUIRED, 14, 0, int, (void **self, const char *const *client, const char *const *cookie), (self, client, cookie), "librbd::Image::break_lock", *self, *client, *cookie)
LOCK_ROW(Image_lock_break, "_ZN6librbd5Image10lock_breakE15rbd_lock_mode_tRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE", LIB_RBD, REQUIRED, 14, 0, int, (void **self, int lock_mode, const char *const *lock_owner), (self, lock_mode, lock_owner), "librbd::Image::lock_break", *self, *lock_owner, NULL)

/* The snapshot during which it happens (snapshots.c, snapshot_mirror.c) */
SNAPSHOT_ROW(rbd_snap_create, "rbd_snap_create", LIB_RBD, REQUIRED, 14, 0, int, (void *image, const char *snap), (image, snap), snapshot_begin(&call, image, "create", snap))
SNAPSHOT_ROW(rbd_snap_create2, "rbd_snap_create2", LIB_RBD, REQUIRED, 16, 0, int, (void *image, const char *snap, uint32_t flags, progress_fn progress, void *arg), (image, snap, flags, progress, arg), snapshot_begin(&call, image, "create", snap))
SNAPSHOT_ROW(rbd_snap_remove, "rbd_snap_remove", LIB_RBD, REQUIRED, 14, 0, int, (void *image, const char *snap), (image, snap), snapshot_begin(&call, image, "remove", snap))
SNAPSHOT_ROW(rbd_snap_remove2, "rbd_snap_remove2", LIB_RBD, REQUIRED, 14, 0, int, (void *image, const char *snap, uint32_t flags, progress_fn progress, void *arg), (image, snap, flags, progress, arg), snapshot_begin(&call, image, "remove", snap))
SNAPSHOT_ROW(rbd_snap_remove_by_id, "rbd_snap_remove_by_id", LIB_RBD, REQUIRED, 14, 0, int, (void *image, uint64_t snap_id), (image, snap_id), snapshot_begin_by_id(&call, image, "remove", snap_id))
SNAPSHOT_ROW(rbd_snap_rename, "rbd_snap_rename", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, const char *snap, const char *new_name), (image, snap, new_name), snapshot_begin(&call, image, "rename", snap))
SNAPSHOT_ROW(rbd_snap_protect, "rbd_snap_protect", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, const char *snap), (image, snap), snapshot_begin(&call, image, "protect", snap))
SNAPSHOT_ROW(rbd_snap_unprotect, "rbd_snap_unprotect", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, const char *snap), (image, snap), snapshot_begin(&call, image, "unprotect", snap))
SNAPSHOT_ROW(rbd_snap_rollback, "rbd_snap_rollback", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, const char *snap), (image, snap), snapshot_begin(&call, image, "rollback", snap))
SNAPSHOT_ROW(rbd_snap_rollback_with_progress, "rbd_snap_rollback_with_progress", LIB_RBD, OPTIONAL, 14, 0, int, (void *image, const char *snap, progress_fn progress, void *arg), (image, snap, progress, arg), snapshot_begin(&call, image, "rollback", snap))
SNAPSHOT_ROW(rbd_group_snap_create, "rbd_group_snap_create", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *group, const char *snap), (ioctx, group, snap), snapshot_begin_group(&call, ioctx, "create", group, snap))
SNAPSHOT_ROW(rbd_group_snap_create2, "rbd_group_snap_create2", LIB_RBD, OPTIONAL, 16, 0, int, (void *ioctx, const char *group, const char *snap, uint32_t flags), (ioctx, group, snap, flags), snapshot_begin_group(&call, ioctx, "create", group, snap))
SNAPSHOT_ROW(rbd_group_snap_remove, "rbd_group_snap_remove", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *group, const char *snap), (ioctx, group, snap), snapshot_begin_group(&call, ioctx, "remove", group, snap))
SNAPSHOT_ROW(rbd_group_snap_rename, "rbd_group_snap_rename", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *group, const char *snap, const char *new_name), (ioctx, group, snap, new_name), snapshot_begin_group(&call, ioctx, "rename", group, snap))
SNAPSHOT_ROW(rbd_group_snap_rollback, "rbd_group_snap_rollback", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *group, const char *snap), (ioctx, group, snap), snapshot_begin_group(&call, ioctx, "rollback", group, snap))
SNAPSHOT_ROW(rbd_group_snap_rollback_with_progress, "rbd_group_snap_rollback_with_progress", LIB_RBD, OPTIONAL, 14, 0, int, (void *ioctx, const char *group, const char *snap, progress_fn progress, void *arg), (ioctx, group, snap, progress, arg), snapshot_begin_group(&call, ioctx, "rollback", group, snap))
SNAPSHOT_ROW(Image_snap_create, "_ZN6librbd5Image11snap_createEPKc", LIB_RBD, REQUIRED, 14, 0, int, (void **self, const char *snap), (self, snap), snapshot_begin(&call, *self, "create", snap))
SNAPSHOT_ROW(Image_snap_create2, "_ZN6librbd5Image12snap_create2EPKcjRNS_15ProgressContextE", LIB_RBD, REQUIRED, 16, 0, int, (void **self, const char *snap, uint32_t flags, void *progress), (self, snap, flags, progress), snapshot_begin(&call, *self, "create", snap))
SNAPSHOT_ROW(Image_snap_remove, "_ZN6librbd5Image11snap_removeEPKc", LIB_RBD, REQUIRED, 14, 0, int, (void **self, const char *snap), (self, snap), snapshot_begin(&call, *self, "remove", snap))
SNAPSHOT_ROW(Image_snap_remove2, "_ZN6librbd5Image12snap_remove2EPKcjRNS_15ProgressContextE", LIB_RBD, REQUIRED, 14, 0, int, (void **self, const char *snap, uint32_t flags, void *progress), (self, snap, flags, progress), snapshot_begin(&call, *self, "remove", snap))
SNAPSHOT_ROW(Image_snap_remove_by_id, "_ZN6librbd5Image17snap_remove_by_idEm", LIB_RBD, REQUIRED, 14, 0, int, (void **self, uint64_t snap_id), (self, snap_id), snapshot_begin_by_id(&call, *self, "remove", snap_id))
SNAPSHOT_ROW(Image_snap_rename, "_ZN6librbd5Image11snap_renameEPKcS2_", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, const char *snap, const char *new_name), (self, snap, new_name), snapshot_begin(&call, *self, "rename", snap))
SNAPSHOT_ROW(Image_snap_protect, "_ZN6librbd5Image12snap_protectEPKc", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, const char *snap), (self, snap), snapshot_begin(&call, *self, "protect", snap))
SNAPSHOT_ROW(Image_snap_unprotect, "_ZN6librbd5Image14snap_unprotectEPKc", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, const char *snap), (self, snap), snapshot_begin(&call, *self, "unprotect", snap))
SNAPSHOT_ROW(Image_snap_rollback, "_ZN6librbd5Image13snap_rollbackEPKc", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, const char *snap), (self, snap), snapshot_begin(&call, *self, "rollback", snap))
SNAPSHOT_ROW(Image_snap_rollback_with_progress, "_ZN6librbd5Image27snap_rollback_with_progressEPKcRNS_15ProgressContextE", LIB_RBD, OPTIONAL, 14, 0, int, (void **self, const char *snap, void *progress), (self, snap, progress), snapshot_begin(&call, *self, "rollback", snap))
SNAPSHOT_ROW(RBD_group_snap_create, "_ZN6librbd3RBD17group_snap_createERN8librados7v14_2_05IoCtxEPKcS6_", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, const char *group, const char *snap), (self, ioctx, group, snap), snapshot_begin_group(&call, *ioctx, "create", group, snap))
SNAPSHOT_ROW(RBD_group_snap_create2, "_ZN6librbd3RBD18group_snap_create2ERN8librados7v14_2_05IoCtxEPKcS6_j", LIB_RBD, OPTIONAL, 16, 0, int, (void *self, void **ioctx, const char *group, const char *snap, uint32_t flags), (self, ioctx, group, snap, flags), snapshot_begin_group(&call, *ioctx, "create", group, snap))
SNAPSHOT_ROW(RBD_group_snap_remove, "_ZN6librbd3RBD17group_snap_removeERN8librados7v14_2_05IoCtxEPKcS6_", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, const char *group, const char *snap), (self, ioctx, group, snap), snapshot_begin_group(&call, *ioctx, "remove", group, snap))
SNAPSHOT_ROW(RBD_group_snap_rename, "_ZN6librbd3RBD17group_snap_renameERN8librados7v14_2_05IoCtxEPKcS6_S6_", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, const char *group, const char *snap, const char *new_name), (self, ioctx, group, snap, new_name), snapshot_begin_group(&call, *ioctx, "rename", group, snap))
SNAPSHOT_ROW(RBD_group_snap_rollback, "_ZN6librbd3RBD19group_snap_rollbackERN8librados7v14_2_05IoCtxEPKcS6_", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, const char *group, const char *snap), (self, ioctx, group, snap), snapshot_begin_group(&call, *ioctx, "rollback", group, snap))
SNAPSHOT_ROW(RBD_group_snap_rollback_with_progress, "_ZN6librbd3RBD33group_snap_rollback_with_progressERN8librados7v14_2_05IoCtxEPKcS6_RNS_15ProgressContextE", LIB_RBD, OPTIONAL, 14, 0, int, (void *self, void **ioctx, const char *group, const char *snap, void *progress), (self, ioctx, group, snap, progress), snapshot_begin_group(&call, *ioctx, "rollback", group, snap))
SNAPSHOT_ROW(rbd_mirror_image_create_snapshot, "rbd_mirror_image_create_snapshot", LIB_RBD, OPTIONAL, 16, 0, int, (void *image, uint64_t *snap_id), (image, snap_id), snapshot_begin(&call, image, "create", "(mirror)"))
SNAPSHOT_ROW(rbd_mirror_image_create_snapshot2, "rbd_mirror_image_create_snapshot2", LIB_RBD, OPTIONAL, 16, 0, int, (void *image, uint32_t flags, uint64_t *snap_id), (image, flags, snap_id), snapshot_begin(&call, image, "create", "(mirror)"))
ROW(rbd_aio_mirror_image_create_snapshot, "rbd_aio_mirror_image_create_snapshot", LIB_RBD, OPTIONAL, 16, 0, int, (void *image, uint32_t flags, uint64_t *snap_id, void *c))
SNAPSHOT_ROW(Image_mirror_image_create_snapshot, "_ZN6librbd5Image28mirror_image_create_snapshotEPm", LIB_RBD, OPTIONAL, 16, 0, int, (void **self, uint64_t *snap_id), (self, snap_id), snapshot_begin(&call, *self, "create", "(mirror)"))
SNAPSHOT_ROW(Image_mirror_image_create_snapshot2, "_ZN6librbd5Image29mirror_image_create_snapshot2EjPm", LIB_RBD, OPTIONAL, 16, 0, int, (void **self, uint32_t flags, uint64_t *snap_id), (self, flags, snap_id), snapshot_begin(&call, *self, "create", "(mirror)"))
ROW(Image_aio_mirror_image_create_snapshot, "_ZN6librbd5Image32aio_mirror_image_create_snapshotEjPmPNS_3RBD13AioCompletionE", LIB_RBD, OPTIONAL, 16, 0, int, (void **self, uint32_t flags, uint64_t *snap_id, void *c))

/* What the lock breaker does to the image header and whom it sees watching it (object_op.c, operate.c, watchers.c) */
EXEC_ROW(ObjectOperation_exec_v14, "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v14_2_04listE", LIB_RADOS, REQUIRED, 14, 14, void, (void *self, const char *class_name, const char *method, void *input), (self, class_name, method, input), note_method(self, class_name, method))
EXEC_ROW(ObjectOperation_exec_v15, "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v15_2_04listE", LIB_RADOS, REQUIRED, 16, 0, void, (void *self, const char *class_name, const char *method, void *input), (self, class_name, method, input), note_method(self, class_name, method))
EXEC_ROW(ObjectOperation_exec_out_v14, "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v14_2_04listEPS7_Pi", LIB_RADOS, OPTIONAL, 14, 14, void, (void *self, const char *class_name, const char *method, void *input, void *output, int *result), (self, class_name, method, input, output, result), note_method(self, class_name, method))
EXEC_ROW(ObjectOperation_exec_out_v15, "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v15_2_04listEPS7_Pi", LIB_RADOS, OPTIONAL, 16, 0, void, (void *self, const char *class_name, const char *method, void *input, void *output, int *result), (self, class_name, method, input, output, result), note_method(self, class_name, method))
EXEC_ROW(ObjectOperation_exec_completion_v14, "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v14_2_04listEPNS0_25ObjectOperationCompletionE", LIB_RADOS, OPTIONAL, 14, 14, void, (void *self, const char *class_name, const char *method, void *input, void *completion), (self, class_name, method, input, completion), note_method(self, class_name, method))
EXEC_ROW(ObjectOperation_exec_completion_v15, "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v15_2_04listEPNS0_25ObjectOperationCompletionE", LIB_RADOS, OPTIONAL, 16, 0, void, (void *self, const char *class_name, const char *method, void *input, void *completion), (self, class_name, method, input, completion), note_method(self, class_name, method))
ROW(ObjectOperation_destroy, "_ZN8librados7v14_2_015ObjectOperationD2Ev", LIB_RADOS, REQUIRED, 14, 0, void, (void *self))
ROW(ObjectReadOperation_list_watchers, "_ZN8librados7v14_2_019ObjectReadOperation13list_watchersEPNSt7__cxx114listI11obj_watch_tSaIS4_EEEPi", LIB_RADOS, REQUIRED, 14, 0, void, (void *self, void *watchers, int *result))
ROW(IoCtx_list_watchers, "_ZN8librados7v14_2_05IoCtx13list_watchersERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS2_4listI11obj_watch_tSaISB_EEE", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, void *list))
AIO_HEADER_ROW(IoCtx_aio_operate_read_v14, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEPN4ceph6buffer7v14_2_04listE", LIB_RADOS, REQUIRED, 14, 14, int, (void **self, const struct std_string *oid, void **completion, void *op, void *output), (self, oid, completion, op, output), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_read_v15, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEPN4ceph6buffer7v15_2_04listE", LIB_RADOS, REQUIRED, 16, 0, int, (void **self, const struct std_string *oid, void **completion, void *op, void *output), (self, oid, completion, op, output), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_read_flags_v14, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEiPN4ceph6buffer7v14_2_04listE", LIB_RADOS, OPTIONAL, 14, 14, int, (void **self, const struct std_string *oid, void **completion, void *op, int flags, void *output), (self, oid, completion, op, flags, output), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_read_flags_v15, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEiPN4ceph6buffer7v15_2_04listE", LIB_RADOS, OPTIONAL, 16, 0, int, (void **self, const struct std_string *oid, void **completion, void *op, int flags, void *output), (self, oid, completion, op, flags, output), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_read_trace_v14, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEiPN4ceph6buffer7v14_2_04listEPK16blkin_trace_info", LIB_RADOS, OPTIONAL, 14, 14, int, (void **self, const struct std_string *oid, void **completion, void *op, int flags, void *output, const void *trace), (self, oid, completion, op, flags, output, trace), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_read_trace_v15, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEiPN4ceph6buffer7v15_2_04listEPK16blkin_trace_info", LIB_RADOS, OPTIONAL, 16, 0, int, (void **self, const struct std_string *oid, void **completion, void *op, int flags, void *output, const void *trace), (self, oid, completion, op, flags, output, trace), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_read_snap_v14, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEmiPN4ceph6buffer7v14_2_04listE", LIB_RADOS, OPTIONAL, 14, 14, int, (void **self, const struct std_string *oid, void **completion, void *op, uint64_t snap, int flags, void *output), (self, oid, completion, op, snap, flags, output), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_read_snap_v15, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEmiPN4ceph6buffer7v15_2_04listE", LIB_RADOS, OPTIONAL, 16, 0, int, (void **self, const struct std_string *oid, void **completion, void *op, uint64_t snap, int flags, void *output), (self, oid, completion, op, snap, flags, output), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_write, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_20ObjectWriteOperationE", LIB_RADOS, REQUIRED, 14, 0, int, (void **self, const struct std_string *oid, void **completion, void *op), (self, oid, completion, op), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_write_flags, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_20ObjectWriteOperationEi", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, void **completion, void *op, int flags), (self, oid, completion, op, flags), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_write_flags_span, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_20ObjectWriteOperationEiPKN13opentelemetry2v15trace11SpanContextE", LIB_RADOS, OPTIONAL, 20, 0, int, (void **self, const struct std_string *oid, void **completion, void *op, int flags, const void *span), (self, oid, completion, op, flags, span), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_write_snaps, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_20ObjectWriteOperationEmRSt6vectorImSaImEE", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, void **completion, void *op, uint64_t seq, void *snaps), (self, oid, completion, op, seq, snaps), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_write_snaps_trace, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_20ObjectWriteOperationEmRSt6vectorImSaImEEPK16blkin_trace_info", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, void **completion, void *op, uint64_t seq, void *snaps, const void *trace), (self, oid, completion, op, seq, snaps, trace), begin_aio(self, oid, completion, op))
AIO_HEADER_ROW(IoCtx_aio_operate_write_snaps_flags_trace, "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_20ObjectWriteOperationEmRSt6vectorImSaImEEiPK16blkin_trace_info", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, void **completion, void *op, uint64_t seq, void *snaps, int flags, const void *trace), (self, oid, completion, op, seq, snaps, flags, trace), begin_aio(self, oid, completion, op))
HEADER_ROW(IoCtx_operate_read_v14, "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_19ObjectReadOperationEPN4ceph6buffer7v14_2_04listE", LIB_RADOS, OPTIONAL, 14, 14, int, (void **self, const struct std_string *oid, void *op, void *output), (self, oid, op, output), header_op_begin(self, oid, op))
HEADER_ROW(IoCtx_operate_read_v15, "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_19ObjectReadOperationEPN4ceph6buffer7v15_2_04listE", LIB_RADOS, OPTIONAL, 16, 0, int, (void **self, const struct std_string *oid, void *op, void *output), (self, oid, op, output), header_op_begin(self, oid, op))
HEADER_ROW(IoCtx_operate_read_flags_v15, "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_19ObjectReadOperationEPN4ceph6buffer7v15_2_04listEi", LIB_RADOS, OPTIONAL, 16, 0, int, (void **self, const struct std_string *oid, void *op, void *output, int flags), (self, oid, op, output, flags), header_op_begin(self, oid, op))
HEADER_ROW(IoCtx_operate_write, "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_20ObjectWriteOperationE", LIB_RADOS, OPTIONAL, 14, 0, int, (void **self, const struct std_string *oid, void *op), (self, oid, op), header_op_begin(self, oid, op))
HEADER_ROW(IoCtx_operate_write_flags, "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_20ObjectWriteOperationEi", LIB_RADOS, OPTIONAL, 16, 0, int, (void **self, const struct std_string *oid, void *op, int flags), (self, oid, op, flags), header_op_begin(self, oid, op))
HEADER_ROW(IoCtx_operate_write_flags_span, "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_20ObjectWriteOperationEiPKN13opentelemetry2v15trace11SpanContextE", LIB_RADOS, OPTIONAL, 20, 0, int, (void **self, const struct std_string *oid, void *op, int flags, const void *span), (self, oid, op, flags, span), header_op_begin(self, oid, op))
HEADER_ROW(IoCtx_exec_v14, "_ZN8librados7v14_2_05IoCtx4execERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPKcSB_RN4ceph6buffer7v14_2_04listESG_", LIB_RADOS, OPTIONAL, 14, 14, int, (void **self, const struct std_string *oid, const char *class_name, const char *method, void *input, void *output), (self, oid, class_name, method, input, output), header_op_begin_exec(self, oid, class_name, method))
AIO_HEADER_ROW(IoCtx_aio_exec_v14, "_ZN8librados7v14_2_05IoCtx8aio_execERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPKcSD_RN4ceph6buffer7v14_2_04listEPSH_", LIB_RADOS, OPTIONAL, 14, 14, int, (void **self, const struct std_string *oid, void **completion, const char *class_name, const char *method, void *input, void *output), (self, oid, completion, class_name, method, input, output), header_op_tap(header_op_begin_exec(self, oid, class_name, method), completion))
HEADER_ROW(IoCtx_exec_v15, "_ZN8librados7v14_2_05IoCtx4execERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPKcSB_RN4ceph6buffer7v15_2_04listESG_", LIB_RADOS, OPTIONAL, 16, 0, int, (void **self, const struct std_string *oid, const char *class_name, const char *method, void *input, void *output), (self, oid, class_name, method, input, output), header_op_begin_exec(self, oid, class_name, method))
AIO_HEADER_ROW(IoCtx_aio_exec_v15, "_ZN8librados7v14_2_05IoCtx8aio_execERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPKcSD_RN4ceph6buffer7v15_2_04listEPSH_", LIB_RADOS, OPTIONAL, 16, 0, int, (void **self, const struct std_string *oid, void **completion, const char *class_name, const char *method, void *input, void *output), (self, oid, completion, class_name, method, input, output), header_op_tap(header_op_begin_exec(self, oid, class_name, method), completion))

#undef ROW
#undef LIBC_ROW
#undef AIO_ROW
#undef IO_ROW
#undef SNAPSHOT_ROW
#undef HEADER_ROW
#undef AIO_HEADER_ROW
#undef EXEC_ROW
#undef BLOCKLIST_ROW
#undef MON_COMMAND_ROW
#undef LOCK_ROW
#undef UNWATCH_ROW
#undef OPEN_ROW
#undef OPEN_CPP_ROW
