/* SPDX-License-Identifier: MIT */
/* The asynchronous I/O calls of librbd's C API. */
#include "completion.h"

#include <errno.h>
#include <sys/types.h>
#include <sys/uio.h>

FL_EXPORT int rbd_aio_read(void *image, uint64_t off, size_t len, char *buf, void *c);
FL_EXPORT int rbd_aio_read2(void *image, uint64_t off, size_t len, char *buf, void *c, int op_flags);
FL_EXPORT int rbd_aio_readv(void *image, const struct iovec *iov, int iovcnt, uint64_t off, void *c);
FL_EXPORT int rbd_aio_write(void *image, uint64_t off, size_t len, const char *buf, void *c);
FL_EXPORT int rbd_aio_write2(void *image, uint64_t off, size_t len, const char *buf, void *c, int op_flags);
FL_EXPORT int rbd_aio_write_with_crc32c(void *image, uint64_t off, size_t len, const char *buf, uint32_t crc32c, void *c,
                                        int op_flags);
FL_EXPORT int rbd_aio_writev(void *image, const struct iovec *iov, int iovcnt, uint64_t off, void *c);
FL_EXPORT int rbd_aio_discard(void *image, uint64_t off, uint64_t len, void *c);
FL_EXPORT int rbd_aio_write_zeroes(void *image, uint64_t off, size_t len, void *c, int zero_flags, int op_flags);
FL_EXPORT int rbd_aio_writesame(void *image, uint64_t off, size_t len, const char *buf, size_t data_len, void *c, int op_flags);
FL_EXPORT ssize_t rbd_aio_compare_and_write(void *image, uint64_t off, size_t len, const char *cmp_buf, const char *buf, void *c,
                                            uint64_t *mismatch_off, int op_flags);
FL_EXPORT ssize_t rbd_aio_compare_and_writev(void *image, uint64_t off, const struct iovec *cmp_iov, int cmp_iovcnt,
                                             const struct iovec *iov, int iovcnt, void *c, uint64_t *mismatch_off, int op_flags);
FL_EXPORT int rbd_aio_flush(void *image, void *c);

static uint64_t iov_length(const struct iovec *iov, int iovcnt)
{
	uint64_t length = 0;

	for (int i = 0; i < iovcnt; i++)
		length += iov[i].iov_len;
	return length;
}

int rbd_aio_read(void *image, uint64_t off, size_t len, char *buf, void *c)
{
	REAL_OR_RETURN(rbd_aio_read, -ENOSYS, image, off, len, buf, c);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_read, c, image, FL_IO_READ, off, len);
	int result = real(image, off, len, buf, c);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_read2(void *image, uint64_t off, size_t len, char *buf, void *c, int op_flags)
{
	REAL_OR_RETURN(rbd_aio_read2, -ENOSYS, image, off, len, buf, c, op_flags);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_read2, c, image, FL_IO_READ, off, len);
	int result = real(image, off, len, buf, c, op_flags);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_readv(void *image, const struct iovec *iov, int iovcnt, uint64_t off, void *c)
{
	REAL_OR_RETURN(rbd_aio_readv, -ENOSYS, image, iov, iovcnt, off, c);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_readv, c, image, FL_IO_READ, off, iov_length(iov, iovcnt));
	int result = real(image, iov, iovcnt, off, c);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_write(void *image, uint64_t off, size_t len, const char *buf, void *c)
{
	REAL_OR_RETURN(rbd_aio_write, -ENOSYS, image, off, len, buf, c);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_write, c, image, FL_IO_WRITE, off, len);
	int result = real(image, off, len, buf, c);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_write2(void *image, uint64_t off, size_t len, const char *buf, void *c, int op_flags)
{
	REAL_OR_RETURN(rbd_aio_write2, -ENOSYS, image, off, len, buf, c, op_flags);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_write2, c, image, FL_IO_WRITE, off, len);
	int result = real(image, off, len, buf, c, op_flags);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_write_with_crc32c(void *image, uint64_t off, size_t len, const char *buf, uint32_t crc32c, void *c, int op_flags)
{
	REAL_OR_RETURN(rbd_aio_write_with_crc32c, -ENOSYS, image, off, len, buf, crc32c, c, op_flags);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_write_with_crc32c, c, image, FL_IO_WRITE, off, len);
	int result = real(image, off, len, buf, crc32c, c, op_flags);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_writev(void *image, const struct iovec *iov, int iovcnt, uint64_t off, void *c)
{
	REAL_OR_RETURN(rbd_aio_writev, -ENOSYS, image, iov, iovcnt, off, c);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_writev, c, image, FL_IO_WRITE, off, iov_length(iov, iovcnt));
	int result = real(image, iov, iovcnt, off, c);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_discard(void *image, uint64_t off, uint64_t len, void *c)
{
	REAL_OR_RETURN(rbd_aio_discard, -ENOSYS, image, off, len, c);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_discard, c, image, FL_IO_DISCARD, off, len);
	int result = real(image, off, len, c);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_write_zeroes(void *image, uint64_t off, size_t len, void *c, int zero_flags, int op_flags)
{
	REAL_OR_RETURN(rbd_aio_write_zeroes, -ENOSYS, image, off, len, c, zero_flags, op_flags);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_write_zeroes, c, image, FL_IO_WRITE_ZEROES, off, len);
	int result = real(image, off, len, c, zero_flags, op_flags);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_writesame(void *image, uint64_t off, size_t len, const char *buf, size_t data_len, void *c, int op_flags)
{
	REAL_OR_RETURN(rbd_aio_writesame, -ENOSYS, image, off, len, buf, data_len, c, op_flags);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_writesame, c, image, FL_IO_WRITESAME, off, len);
	int result = real(image, off, len, buf, data_len, c, op_flags);
	completion_submitted(io, result);
	return result;
}

ssize_t rbd_aio_compare_and_write(void *image, uint64_t off, size_t len, const char *cmp_buf, const char *buf, void *c,
                                  uint64_t *mismatch_off, int op_flags)
{
	REAL_OR_RETURN(rbd_aio_compare_and_write, -ENOSYS, image, off, len, cmp_buf, buf, c, mismatch_off, op_flags);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_compare_and_write, c, image, FL_IO_COMPARE_AND_WRITE, off, len);
	ssize_t result = real(image, off, len, cmp_buf, buf, c, mismatch_off, op_flags);
	completion_submitted(io, result);
	return result;
}

ssize_t rbd_aio_compare_and_writev(void *image, uint64_t off, const struct iovec *cmp_iov, int cmp_iovcnt,
                                   const struct iovec *iov, int iovcnt, void *c, uint64_t *mismatch_off, int op_flags)
{
	REAL_OR_RETURN(rbd_aio_compare_and_writev, -ENOSYS, image, off, cmp_iov, cmp_iovcnt, iov, iovcnt, c, mismatch_off,
	               op_flags);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_compare_and_writev, c, image, FL_IO_COMPARE_AND_WRITE, off,
	                                            iov_length(iov, iovcnt));
	ssize_t result = real(image, off, cmp_iov, cmp_iovcnt, iov, iovcnt, c, mismatch_off, op_flags);
	completion_submitted(io, result);
	return result;
}

int rbd_aio_flush(void *image, void *c)
{
	REAL_OR_RETURN(rbd_aio_flush, -ENOSYS, image, c);
	struct completion *io = completion_begin_io(HOOK_rbd_aio_flush, c, image, FL_IO_FLUSH, 0, 0);
	int result = real(image, c);
	completion_submitted(io, result);
	return result;
}
