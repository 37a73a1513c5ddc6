/* SPDX-License-Identifier: MIT */
/* The synchronous I/O calls of librbd, C and C++. None of them goes through an exported asynchronous one. */
#include "base/hook.h"
#include "follow/io.h"

#include <errno.h>
#include <sys/types.h>

typedef int iterate_callback(uint64_t off, size_t len, const char *buf, void *arg);

FL_EXPORT ssize_t rbd_read(void *image, uint64_t off, size_t len, char *buf);
FL_EXPORT ssize_t rbd_read2(void *image, uint64_t off, size_t len, char *buf, int op_flags);
FL_EXPORT int64_t rbd_read_iterate(void *image, uint64_t off, size_t len, iterate_callback *callback, void *arg);
FL_EXPORT int rbd_read_iterate2(void *image, uint64_t off, uint64_t len, iterate_callback *callback, void *arg);
FL_EXPORT ssize_t rbd_write(void *image, uint64_t off, size_t len, const char *buf);
FL_EXPORT ssize_t rbd_write2(void *image, uint64_t off, size_t len, const char *buf, int op_flags);
FL_EXPORT int rbd_discard(void *image, uint64_t off, uint64_t len);
FL_EXPORT ssize_t rbd_write_zeroes(void *image, uint64_t off, size_t len, int zero_flags, int op_flags);
FL_EXPORT ssize_t rbd_writesame(void *image, uint64_t off, size_t len, const char *buf, size_t data_len, int op_flags);
FL_EXPORT ssize_t rbd_compare_and_write(void *image, uint64_t off, size_t len, const char *cmp_buf, const char *buf,
                                        uint64_t *mismatch_off, int op_flags);
FL_EXPORT int rbd_flush(void *image);

static inline int64_t end(const struct io *io, int64_t result)
{
	io_end(io, result);
	return result;
}

ssize_t rbd_read(void *image, uint64_t off, size_t len, char *buf)
{
	struct io io;

	REAL_OR_RETURN(rbd_read, -ENOSYS, image, off, len, buf);
	io_begin(&io, image, FL_IO_READ, off, len);
	return end(&io, real(image, off, len, buf));
}

ssize_t rbd_read2(void *image, uint64_t off, size_t len, char *buf, int op_flags)
{
	struct io io;

	REAL_OR_RETURN(rbd_read2, -ENOSYS, image, off, len, buf, op_flags);
	io_begin(&io, image, FL_IO_READ, off, len);
	return end(&io, real(image, off, len, buf, op_flags));
}

int64_t rbd_read_iterate(void *image, uint64_t off, size_t len, iterate_callback *callback, void *arg)
{
	struct io io;

	REAL_OR_RETURN(rbd_read_iterate, -ENOSYS, image, off, len, callback, arg);
	io_begin(&io, image, FL_IO_READ, off, len);
	return end(&io, real(image, off, len, callback, arg));
}

int rbd_read_iterate2(void *image, uint64_t off, uint64_t len, iterate_callback *callback, void *arg)
{
	struct io io;

	REAL_OR_RETURN(rbd_read_iterate2, -ENOSYS, image, off, len, callback, arg);
	io_begin(&io, image, FL_IO_READ, off, len);
	return (int)end(&io, real(image, off, len, callback, arg));
}

ssize_t rbd_write(void *image, uint64_t off, size_t len, const char *buf)
{
	struct io io;

	REAL_OR_RETURN(rbd_write, -ENOSYS, image, off, len, buf);
	io_begin(&io, image, FL_IO_WRITE, off, len);
	return end(&io, real(image, off, len, buf));
}

ssize_t rbd_write2(void *image, uint64_t off, size_t len, const char *buf, int op_flags)
{
	struct io io;

	REAL_OR_RETURN(rbd_write2, -ENOSYS, image, off, len, buf, op_flags);
	io_begin(&io, image, FL_IO_WRITE, off, len);
	return end(&io, real(image, off, len, buf, op_flags));
}

int rbd_discard(void *image, uint64_t off, uint64_t len)
{
	struct io io;

	REAL_OR_RETURN(rbd_discard, -ENOSYS, image, off, len);
	io_begin(&io, image, FL_IO_DISCARD, off, len);
	return (int)end(&io, real(image, off, len));
}

ssize_t rbd_write_zeroes(void *image, uint64_t off, size_t len, int zero_flags, int op_flags)
{
	struct io io;

	REAL_OR_RETURN(rbd_write_zeroes, -ENOSYS, image, off, len, zero_flags, op_flags);
	io_begin(&io, image, FL_IO_WRITE_ZEROES, off, len);
	return end(&io, real(image, off, len, zero_flags, op_flags));
}

ssize_t rbd_writesame(void *image, uint64_t off, size_t len, const char *buf, size_t data_len, int op_flags)
{
	struct io io;

	REAL_OR_RETURN(rbd_writesame, -ENOSYS, image, off, len, buf, data_len, op_flags);
	io_begin(&io, image, FL_IO_WRITESAME, off, len);
	return end(&io, real(image, off, len, buf, data_len, op_flags));
}

ssize_t rbd_compare_and_write(void *image, uint64_t off, size_t len, const char *cmp_buf, const char *buf, uint64_t *mismatch_off,
                              int op_flags)
{
	struct io io;

	REAL_OR_RETURN(rbd_compare_and_write, -ENOSYS, image, off, len, cmp_buf, buf, mismatch_off, op_flags);
	io_begin(&io, image, FL_IO_COMPARE_AND_WRITE, off, len);
	return end(&io, real(image, off, len, cmp_buf, buf, mismatch_off, op_flags));
}

int rbd_flush(void *image)
{
	struct io io;

	REAL_OR_RETURN(rbd_flush, -ENOSYS, image);
	io_begin(&io, image, FL_IO_FLUSH, 0, 0);
	return (int)end(&io, real(image));
}

/* ---- librbd::Image ---- */

typedef ssize_t bl_fn(void **self, uint64_t off, size_t len, void *bl);
typedef ssize_t bl_flags_fn(void **self, uint64_t off, size_t len, void *bl, int op_flags);
typedef ssize_t compare_fn(void **self, uint64_t off, size_t len, void *cmp_bl, void *bl, uint64_t *mismatch_off, int op_flags);

FL_EXPORT bl_fn Image_read_v14 __asm__("_ZN6librbd5Image4readEmmRN4ceph6buffer7v14_2_04listE");
FL_EXPORT bl_fn Image_read __asm__("_ZN6librbd5Image4readEmmRN4ceph6buffer7v15_2_04listE");
FL_EXPORT bl_fn Image_write_v14 __asm__("_ZN6librbd5Image5writeEmmRN4ceph6buffer7v14_2_04listE");
FL_EXPORT bl_fn Image_write __asm__("_ZN6librbd5Image5writeEmmRN4ceph6buffer7v15_2_04listE");
FL_EXPORT bl_flags_fn Image_read2_v14 __asm__("_ZN6librbd5Image5read2EmmRN4ceph6buffer7v14_2_04listEi");
FL_EXPORT bl_flags_fn Image_read2 __asm__("_ZN6librbd5Image5read2EmmRN4ceph6buffer7v15_2_04listEi");
FL_EXPORT bl_flags_fn Image_write2_v14 __asm__("_ZN6librbd5Image6write2EmmRN4ceph6buffer7v14_2_04listEi");
FL_EXPORT bl_flags_fn Image_write2 __asm__("_ZN6librbd5Image6write2EmmRN4ceph6buffer7v15_2_04listEi");
FL_EXPORT bl_flags_fn Image_writesame_v14 __asm__("_ZN6librbd5Image9writesameEmmRN4ceph6buffer7v14_2_04listEi");
FL_EXPORT bl_flags_fn Image_writesame __asm__("_ZN6librbd5Image9writesameEmmRN4ceph6buffer7v15_2_04listEi");
FL_EXPORT compare_fn
        Image_compare_and_write_v14 __asm__("_ZN6librbd5Image17compare_and_writeEmmRN4ceph6buffer7v14_2_04listES5_Pmi");
FL_EXPORT compare_fn Image_compare_and_write __asm__("_ZN6librbd5Image17compare_and_writeEmmRN4ceph6buffer7v15_2_04listES5_Pmi");
FL_EXPORT int Image_discard(void **self, uint64_t off, uint64_t len) __asm__("_ZN6librbd5Image7discardEmm");
FL_EXPORT ssize_t Image_write_zeroes(void **self, uint64_t off, size_t len, int zero_flags,
                                     int op_flags) __asm__("_ZN6librbd5Image12write_zeroesEmmii");
FL_EXPORT int64_t Image_read_iterate(void **self, uint64_t off, size_t len, iterate_callback *callback,
                                     void *arg) __asm__("_ZN6librbd5Image12read_iterateEmmPFimmPKcPvES3_");
FL_EXPORT int Image_read_iterate2(void **self, uint64_t off, uint64_t len, iterate_callback *callback,
                                  void *arg) __asm__("_ZN6librbd5Image13read_iterate2EmmPFimmPKcPvES3_");
FL_EXPORT int Image_flush(void **self) __asm__("_ZN6librbd5Image5flushEv");

#define DEFINE_BL(id, op) \
	ssize_t id(void **self, uint64_t off, size_t len, void *bl) \
	{ \
		struct io io; \
\
		REAL_OR_RETURN(id, -ENOSYS, self, off, len, bl); \
		io_begin(&io, *self, op, off, len); \
		return end(&io, real(self, off, len, bl)); \
	}
#define DEFINE_BL_FLAGS(id, op) \
	ssize_t id(void **self, uint64_t off, size_t len, void *bl, int op_flags) \
	{ \
		struct io io; \
\
		REAL_OR_RETURN(id, -ENOSYS, self, off, len, bl, op_flags); \
		io_begin(&io, *self, op, off, len); \
		return end(&io, real(self, off, len, bl, op_flags)); \
	}
#define DEFINE_COMPARE(id) \
	ssize_t id(void **self, uint64_t off, size_t len, void *cmp_bl, void *bl, uint64_t *mismatch_off, int op_flags) \
	{ \
		struct io io; \
\
		REAL_OR_RETURN(id, -ENOSYS, self, off, len, cmp_bl, bl, mismatch_off, op_flags); \
		io_begin(&io, *self, FL_IO_COMPARE_AND_WRITE, off, len); \
		return end(&io, real(self, off, len, cmp_bl, bl, mismatch_off, op_flags)); \
	}

DEFINE_BL(Image_read_v14, FL_IO_READ)
DEFINE_BL(Image_read, FL_IO_READ)
DEFINE_BL(Image_write_v14, FL_IO_WRITE)
DEFINE_BL(Image_write, FL_IO_WRITE)
DEFINE_BL_FLAGS(Image_read2_v14, FL_IO_READ)
DEFINE_BL_FLAGS(Image_read2, FL_IO_READ)
DEFINE_BL_FLAGS(Image_write2_v14, FL_IO_WRITE)
DEFINE_BL_FLAGS(Image_write2, FL_IO_WRITE)
DEFINE_BL_FLAGS(Image_writesame_v14, FL_IO_WRITESAME)
DEFINE_BL_FLAGS(Image_writesame, FL_IO_WRITESAME)
DEFINE_COMPARE(Image_compare_and_write_v14)
DEFINE_COMPARE(Image_compare_and_write)

int Image_discard(void **self, uint64_t off, uint64_t len)
{
	struct io io;

	REAL_OR_RETURN(Image_discard, -ENOSYS, self, off, len);
	io_begin(&io, *self, FL_IO_DISCARD, off, len);
	return (int)end(&io, real(self, off, len));
}

ssize_t Image_write_zeroes(void **self, uint64_t off, size_t len, int zero_flags, int op_flags)
{
	struct io io;

	REAL_OR_RETURN(Image_write_zeroes, -ENOSYS, self, off, len, zero_flags, op_flags);
	io_begin(&io, *self, FL_IO_WRITE_ZEROES, off, len);
	return end(&io, real(self, off, len, zero_flags, op_flags));
}

int64_t Image_read_iterate(void **self, uint64_t off, size_t len, iterate_callback *callback, void *arg)
{
	struct io io;

	REAL_OR_RETURN(Image_read_iterate, -ENOSYS, self, off, len, callback, arg);
	io_begin(&io, *self, FL_IO_READ, off, len);
	return end(&io, real(self, off, len, callback, arg));
}

int Image_read_iterate2(void **self, uint64_t off, uint64_t len, iterate_callback *callback, void *arg)
{
	struct io io;

	REAL_OR_RETURN(Image_read_iterate2, -ENOSYS, self, off, len, callback, arg);
	io_begin(&io, *self, FL_IO_READ, off, len);
	return (int)end(&io, real(self, off, len, callback, arg));
}

int Image_flush(void **self)
{
	struct io io;

	REAL_OR_RETURN(Image_flush, -ENOSYS, self);
	io_begin(&io, *self, FL_IO_FLUSH, 0, 0);
	return (int)end(&io, real(self));
}
