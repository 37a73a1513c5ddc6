/* SPDX-License-Identifier: MIT */
/*
 * The asynchronous I/O calls of librbd::Image. Methods that take a bufferlist have another name on Ceph 14 than from 16
 * on, hence two exports with one body each.
 */
#include "completion.h"

#include <errno.h>

typedef int bl_fn(void **self, uint64_t off, size_t len, void *bl, void *c);
typedef int bl_flags_fn(void **self, uint64_t off, size_t len, void *bl, void *c, int op_flags);
typedef int compare_fn(void **self, uint64_t off, size_t len, void *cmp_bl, void *bl, void *c, uint64_t *mismatch_off,
                       int op_flags);

FL_EXPORT bl_fn Image_aio_read_v14 __asm__("_ZN6librbd5Image8aio_readEmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionE");
FL_EXPORT bl_fn Image_aio_read __asm__("_ZN6librbd5Image8aio_readEmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionE");
FL_EXPORT bl_fn Image_aio_write_v14 __asm__("_ZN6librbd5Image9aio_writeEmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionE");
FL_EXPORT bl_fn Image_aio_write __asm__("_ZN6librbd5Image9aio_writeEmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionE");
FL_EXPORT bl_flags_fn
        Image_aio_read2_v14 __asm__("_ZN6librbd5Image9aio_read2EmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionEi");
FL_EXPORT
bl_flags_fn Image_aio_read2 __asm__("_ZN6librbd5Image9aio_read2EmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionEi");
FL_EXPORT bl_flags_fn
        Image_aio_write2_v14 __asm__("_ZN6librbd5Image10aio_write2EmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionEi");
FL_EXPORT bl_flags_fn
        Image_aio_write2 __asm__("_ZN6librbd5Image10aio_write2EmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionEi");
FL_EXPORT bl_flags_fn Image_aio_writesame_v14 __asm__(
        "_ZN6librbd5Image13aio_writesameEmmRN4ceph6buffer7v14_2_04listEPNS_3RBD13AioCompletionEi");
FL_EXPORT bl_flags_fn
        Image_aio_writesame __asm__("_ZN6librbd5Image13aio_writesameEmmRN4ceph6buffer7v15_2_04listEPNS_3RBD13AioCompletionEi");
FL_EXPORT compare_fn Image_aio_compare_and_write_v14 __asm__(
        "_ZN6librbd5Image21aio_compare_and_writeEmmRN4ceph6buffer7v14_2_04listES5_PNS_3RBD13AioCompletionEPmi");
FL_EXPORT compare_fn Image_aio_compare_and_write __asm__(
        "_ZN6librbd5Image21aio_compare_and_writeEmmRN4ceph6buffer7v15_2_04listES5_PNS_3RBD13AioCompletionEPmi");
FL_EXPORT int Image_aio_discard(void **self, uint64_t off, uint64_t len,
                                void *c) __asm__("_ZN6librbd5Image11aio_discardEmmPNS_3RBD13AioCompletionE");
FL_EXPORT int Image_aio_write_zeroes(void **self, uint64_t off, size_t len, void *c, int zero_flags,
                                     int op_flags) __asm__("_ZN6librbd5Image16aio_write_zeroesEmmPNS_3RBD13AioCompletionEii");
FL_EXPORT int Image_aio_flush(void **self, void *c) __asm__("_ZN6librbd5Image9aio_flushEPNS_3RBD13AioCompletionE");

static struct completion *begin_io(enum hook hook, void **self, enum fl_io_op op, uint64_t off, uint64_t len, void *c)
{
	return completion_begin_io(hook, c, *self, op, off, len);
}

static int call_bl(enum hook hook, bl_fn *real, enum fl_io_op op, void **self, uint64_t off, size_t len, void *bl, void *c)
{
	struct completion *io = begin_io(hook, self, op, off, len, c);
	int result = real(self, off, len, bl, c);

	completion_submitted(io, result);
	return result;
}

static int call_bl_flags(enum hook hook, bl_flags_fn *real, enum fl_io_op op, void **self, uint64_t off, size_t len, void *bl,
                         void *c, int op_flags)
{
	struct completion *io = begin_io(hook, self, op, off, len, c);
	int result = real(self, off, len, bl, c, op_flags);

	completion_submitted(io, result);
	return result;
}

static int call_compare(enum hook hook, compare_fn *real, void **self, uint64_t off, size_t len, void *cmp_bl, void *bl, void *c,
                        uint64_t *mismatch_off, int op_flags)
{
	struct completion *io = begin_io(hook, self, FL_IO_COMPARE_AND_WRITE, off, len, c);
	int result = real(self, off, len, cmp_bl, bl, c, mismatch_off, op_flags);

	completion_submitted(io, result);
	return result;
}

#define DEFINE_BL(id, op) \
	int id(void **self, uint64_t off, size_t len, void *bl, void *c) \
	{ \
		REAL_OR_RETURN(id, -ENOSYS, self, off, len, bl, c); \
		return call_bl(HOOK_##id, real, op, self, off, len, bl, c); \
	}
#define DEFINE_BL_FLAGS(id, op) \
	int id(void **self, uint64_t off, size_t len, void *bl, void *c, int op_flags) \
	{ \
		REAL_OR_RETURN(id, -ENOSYS, self, off, len, bl, c, op_flags); \
		return call_bl_flags(HOOK_##id, real, op, self, off, len, bl, c, op_flags); \
	}
#define DEFINE_COMPARE(id) \
	int id(void **self, uint64_t off, size_t len, void *cmp_bl, void *bl, void *c, uint64_t *mismatch_off, int op_flags) \
	{ \
		REAL_OR_RETURN(id, -ENOSYS, self, off, len, cmp_bl, bl, c, mismatch_off, op_flags); \
		return call_compare(HOOK_##id, real, self, off, len, cmp_bl, bl, c, mismatch_off, op_flags); \
	}

DEFINE_BL(Image_aio_read_v14, FL_IO_READ)
DEFINE_BL(Image_aio_read, FL_IO_READ)
DEFINE_BL(Image_aio_write_v14, FL_IO_WRITE)
DEFINE_BL(Image_aio_write, FL_IO_WRITE)
DEFINE_BL_FLAGS(Image_aio_read2_v14, FL_IO_READ)
DEFINE_BL_FLAGS(Image_aio_read2, FL_IO_READ)
DEFINE_BL_FLAGS(Image_aio_write2_v14, FL_IO_WRITE)
DEFINE_BL_FLAGS(Image_aio_write2, FL_IO_WRITE)
DEFINE_BL_FLAGS(Image_aio_writesame_v14, FL_IO_WRITESAME)
DEFINE_BL_FLAGS(Image_aio_writesame, FL_IO_WRITESAME)
DEFINE_COMPARE(Image_aio_compare_and_write_v14)
DEFINE_COMPARE(Image_aio_compare_and_write)

int Image_aio_discard(void **self, uint64_t off, uint64_t len, void *c)
{
	REAL_OR_RETURN(Image_aio_discard, -ENOSYS, self, off, len, c);
	struct completion *io = begin_io(HOOK_Image_aio_discard, self, FL_IO_DISCARD, off, len, c);
	int result = real(self, off, len, c);
	completion_submitted(io, result);
	return result;
}

int Image_aio_write_zeroes(void **self, uint64_t off, size_t len, void *c, int zero_flags, int op_flags)
{
	REAL_OR_RETURN(Image_aio_write_zeroes, -ENOSYS, self, off, len, c, zero_flags, op_flags);
	struct completion *io = begin_io(HOOK_Image_aio_write_zeroes, self, FL_IO_WRITE_ZEROES, off, len, c);
	int result = real(self, off, len, c, zero_flags, op_flags);
	completion_submitted(io, result);
	return result;
}

int Image_aio_flush(void **self, void *c)
{
	REAL_OR_RETURN(Image_aio_flush, -ENOSYS, self, c);
	struct completion *io = begin_io(HOOK_Image_aio_flush, self, FL_IO_FLUSH, 0, 0, c);
	int result = real(self, c);
	completion_submitted(io, result);
	return result;
}
