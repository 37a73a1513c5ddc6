/* SPDX-License-Identifier: MIT */
/* The calls that submit I/O: each completes as fake_set said. */
#include "fake_rbd.h"
#include "fake_rbd_submit.h"

static size_t total(const struct iovec *iov, int iovcnt)
{
	size_t length = 0;

	for (int i = 0; i < iovcnt; i++)
		length += iov[i].iov_len;
	return length;
}

#define UNUSED __attribute__((unused))

int rbd_aio_read(void *image, UNUSED uint64_t off, size_t len, UNUSED char *buf, void *c)
{
	return fake_submit(image, len, c);
}
int rbd_aio_read2(void *image, UNUSED uint64_t off, size_t len, UNUSED char *buf, void *c, UNUSED int op_flags)
{
	return fake_submit(image, len, c);
}
int rbd_aio_readv(void *image, const struct iovec *iov, int iovcnt, UNUSED uint64_t off, void *c)
{
	return fake_submit(image, total(iov, iovcnt), c);
}
int rbd_aio_write(void *image, UNUSED uint64_t off, UNUSED size_t len, UNUSED const char *buf, void *c)
{
	return fake_submit(image, 0, c);
}
int rbd_aio_write2(void *image, UNUSED uint64_t off, UNUSED size_t len, UNUSED const char *buf, void *c, UNUSED int op_flags)
{
	return fake_submit(image, 0, c);
}
int rbd_aio_writev(void *image, UNUSED const struct iovec *iov, UNUSED int iovcnt, UNUSED uint64_t off, void *c)
{
	return fake_submit(image, 0, c);
}
int rbd_aio_discard(void *image, UNUSED uint64_t off, UNUSED uint64_t len, void *c)
{
	return fake_submit(image, 0, c);
}
int rbd_aio_write_zeroes(void *image, UNUSED uint64_t off, UNUSED size_t len, void *c, UNUSED int zero_flags, UNUSED int op_flags)
{
	return fake_submit(image, 0, c);
}
int rbd_aio_writesame(void *image, UNUSED uint64_t off, UNUSED size_t len, UNUSED const char *buf, UNUSED size_t data_len,
                      void *c, UNUSED int op_flags)
{
	return fake_submit(image, 0, c);
}
ssize_t rbd_aio_compare_and_write(void *image, UNUSED uint64_t off, UNUSED size_t len, UNUSED const char *cmp_buf,
                                  UNUSED const char *buf, void *c, UNUSED uint64_t *mismatch_off, UNUSED int op_flags)
{
	return fake_submit(image, 0, c);
}
int rbd_aio_flush(void *image, void *c)
{
	return fake_submit(image, 0, c);
}
int rbd_aio_mirror_image_promote(void *image, UNUSED _Bool force, void *c)
{
	return fake_submit(image, 0, c);
}

ssize_t rbd_read(UNUSED void *image, UNUSED uint64_t off, size_t len, UNUSED char *buf)
{
	return fake_result_of(len);
}
ssize_t rbd_write(UNUSED void *image, UNUSED uint64_t off, size_t len, UNUSED const char *buf)
{
	return fake_result_of(len);
}
int rbd_discard(UNUSED void *image, UNUSED uint64_t off, uint64_t len)
{
	return (int)fake_result_of(len);
}
int rbd_flush(UNUSED void *image)
{
	return (int)fake_result_of(0);
}

int cpp_aio_read(void **image, UNUSED uint64_t off, size_t len, UNUSED void *bl, void *c)
{
	return fake_submit(*image, len, c);
}
int cpp_aio_flush(void **image, void *c)
{
	return fake_submit(*image, 0, c);
}
ssize_t cpp_write(UNUSED void **image, UNUSED uint64_t off, size_t len, UNUSED void *bl)
{
	return fake_result_of(len);
}
