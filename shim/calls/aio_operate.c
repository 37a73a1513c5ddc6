/* SPDX-License-Identifier: MIT */
/* librados::IoCtx::aio_operate in all its forms, and aio_exec: librbd's way to an image's header, and on Ceph 14 to the
 * guest's data as well. Pointers to bufferlists, traces and snapshot contexts are passed on as they are. */
#include "follow/header_op.h"
#include "base/hook.h"

#include <errno.h>

FL_EXPORT int IoCtx_aio_operate_read_v14(
        void **self, const struct std_string *oid, void **completion, void *op,
        void *output) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                              "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEPN4ceph6buffer7v14_2_04listE");
FL_EXPORT int IoCtx_aio_operate_read_v15(
        void **self, const struct std_string *oid, void **completion, void *op,
        void *output) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                              "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEPN4ceph6buffer7v15_2_04listE");
FL_EXPORT int IoCtx_aio_operate_read_flags_v14(
        void **self, const struct std_string *oid, void **completion, void *op, int flags,
        void *output) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                              "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEiPN4ceph6buffer7v14_2_04listE");
FL_EXPORT int IoCtx_aio_operate_read_flags_v15(
        void **self, const struct std_string *oid, void **completion, void *op, int flags,
        void *output) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                              "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEiPN4ceph6buffer7v15_2_04listE");
FL_EXPORT int IoCtx_aio_operate_read_trace_v14(
        void **self, const struct std_string *oid, void **completion, void *op, int flags, void *output,
        const void *trace) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                                   "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEiPN4ceph6buffer7v14_2_"
                                   "04listEPK16blkin_trace_info");
FL_EXPORT int IoCtx_aio_operate_read_trace_v15(
        void **self, const struct std_string *oid, void **completion, void *op, int flags, void *output,
        const void *trace) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                                   "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEiPN4ceph6buffer7v15_2_"
                                   "04listEPK16blkin_trace_info");
FL_EXPORT int IoCtx_aio_operate_read_snap_v14(
        void **self, const struct std_string *oid, void **completion, void *op, uint64_t snap, int flags,
        void *output) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                              "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEmiPN4ceph6buffer7v14_2_04listE");
FL_EXPORT int IoCtx_aio_operate_read_snap_v15(
        void **self, const struct std_string *oid, void **completion, void *op, uint64_t snap, int flags,
        void *output) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                              "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_19ObjectReadOperationEmiPN4ceph6buffer7v15_2_04listE");
FL_EXPORT int IoCtx_aio_operate_write(void **self, const struct std_string *oid, void **completion, void *op) __asm__(
        "_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
        "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_20ObjectWriteOperationE");
FL_EXPORT int
IoCtx_aio_operate_write_flags(void **self, const struct std_string *oid, void **completion, void *op,
                              int flags) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                                                 "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_20ObjectWriteOperationEi");
FL_EXPORT int
IoCtx_aio_operate_write_flags_span(void **self, const struct std_string *oid, void **completion, void *op, int flags,
                                   const void *span) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_"
                                                             "stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_"
                                                             "20ObjectWriteOperationEiPKN13opentelemetry2v15trace11SpanContextE");
FL_EXPORT int IoCtx_aio_operate_write_snaps(
        void **self, const struct std_string *oid, void **completion, void *op, uint64_t seq,
        void *snaps) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_"
                             "13AioCompletionEPNS0_20ObjectWriteOperationEmRSt6vectorImSaImEE");
FL_EXPORT int
IoCtx_aio_operate_write_snaps_trace(void **self, const struct std_string *oid, void **completion, void *op, uint64_t seq,
                                    void *snaps,
                                    const void *trace) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_"
                                                               "stringIcSt11char_traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_"
                                                               "20ObjectWriteOperationEmRSt6vectorImSaImEEPK16blkin_trace_info");
FL_EXPORT int IoCtx_aio_operate_write_snaps_flags_trace(
        void **self, const struct std_string *oid, void **completion, void *op, uint64_t seq, void *snaps, int flags,
        const void *trace) __asm__("_ZN8librados7v14_2_05IoCtx11aio_operateERKNSt7__cxx1112basic_stringIcSt11char_"
                                   "traitsIcESaIcEEEPNS0_13AioCompletionEPNS0_"
                                   "20ObjectWriteOperationEmRSt6vectorImSaImEEiPK16blkin_trace_info");
FL_EXPORT int
IoCtx_aio_exec_v14(void **self, const struct std_string *oid, void **completion, const char *class_name, const char *method,
                   void *input,
                   void *output) __asm__("_ZN8librados7v14_2_05IoCtx8aio_execERKNSt7__cxx1112basic_stringIcSt11char_"
                                         "traitsIcESaIcEEEPNS0_13AioCompletionEPKcSD_RN4ceph6buffer7v14_2_04listEPSH_");
FL_EXPORT int
IoCtx_aio_exec_v15(void **self, const struct std_string *oid, void **completion, const char *class_name, const char *method,
                   void *input,
                   void *output) __asm__("_ZN8librados7v14_2_05IoCtx8aio_execERKNSt7__cxx1112basic_stringIcSt11char_"
                                         "traitsIcESaIcEEEPNS0_13AioCompletionEPKcSD_RN4ceph6buffer7v15_2_04listEPSH_");

static inline struct header_op *begin_aio(void **ioctx, const struct std_string *oid, void **completion, const void *op)
{
	return object_ops_noted ? header_op_tap(header_op_begin(ioctx, oid, op), completion) : NULL;
}

int IoCtx_aio_operate_read_v14(void **self, const struct std_string *oid, void **completion, void *op, void *output)
{
	REAL_OR_RETURN(IoCtx_aio_operate_read_v14, -ENOSYS, self, oid, completion, op, output);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, output);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_read_v15(void **self, const struct std_string *oid, void **completion, void *op, void *output)
{
	REAL_OR_RETURN(IoCtx_aio_operate_read_v15, -ENOSYS, self, oid, completion, op, output);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, output);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_read_flags_v14(void **self, const struct std_string *oid, void **completion, void *op, int flags,
                                     void *output)
{
	REAL_OR_RETURN(IoCtx_aio_operate_read_flags_v14, -ENOSYS, self, oid, completion, op, flags, output);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, flags, output);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_read_flags_v15(void **self, const struct std_string *oid, void **completion, void *op, int flags,
                                     void *output)
{
	REAL_OR_RETURN(IoCtx_aio_operate_read_flags_v15, -ENOSYS, self, oid, completion, op, flags, output);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, flags, output);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_read_trace_v14(void **self, const struct std_string *oid, void **completion, void *op, int flags,
                                     void *output, const void *trace)
{
	REAL_OR_RETURN(IoCtx_aio_operate_read_trace_v14, -ENOSYS, self, oid, completion, op, flags, output, trace);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, flags, output, trace);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_read_trace_v15(void **self, const struct std_string *oid, void **completion, void *op, int flags,
                                     void *output, const void *trace)
{
	REAL_OR_RETURN(IoCtx_aio_operate_read_trace_v15, -ENOSYS, self, oid, completion, op, flags, output, trace);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, flags, output, trace);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_read_snap_v14(void **self, const struct std_string *oid, void **completion, void *op, uint64_t snap,
                                    int flags, void *output)
{
	REAL_OR_RETURN(IoCtx_aio_operate_read_snap_v14, -ENOSYS, self, oid, completion, op, snap, flags, output);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, snap, flags, output);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_read_snap_v15(void **self, const struct std_string *oid, void **completion, void *op, uint64_t snap,
                                    int flags, void *output)
{
	REAL_OR_RETURN(IoCtx_aio_operate_read_snap_v15, -ENOSYS, self, oid, completion, op, snap, flags, output);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, snap, flags, output);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_write(void **self, const struct std_string *oid, void **completion, void *op)
{
	REAL_OR_RETURN(IoCtx_aio_operate_write, -ENOSYS, self, oid, completion, op);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_write_flags(void **self, const struct std_string *oid, void **completion, void *op, int flags)
{
	REAL_OR_RETURN(IoCtx_aio_operate_write_flags, -ENOSYS, self, oid, completion, op, flags);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, flags);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_write_flags_span(void **self, const struct std_string *oid, void **completion, void *op, int flags,
                                       const void *span)
{
	REAL_OR_RETURN(IoCtx_aio_operate_write_flags_span, -ENOSYS, self, oid, completion, op, flags, span);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, flags, span);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_write_snaps(void **self, const struct std_string *oid, void **completion, void *op, uint64_t seq,
                                  void *snaps)
{
	REAL_OR_RETURN(IoCtx_aio_operate_write_snaps, -ENOSYS, self, oid, completion, op, seq, snaps);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, seq, snaps);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_write_snaps_trace(void **self, const struct std_string *oid, void **completion, void *op, uint64_t seq,
                                        void *snaps, const void *trace)
{
	REAL_OR_RETURN(IoCtx_aio_operate_write_snaps_trace, -ENOSYS, self, oid, completion, op, seq, snaps, trace);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, seq, snaps, trace);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_operate_write_snaps_flags_trace(void **self, const struct std_string *oid, void **completion, void *op,
                                              uint64_t seq, void *snaps, int flags, const void *trace)
{
	REAL_OR_RETURN(IoCtx_aio_operate_write_snaps_flags_trace, -ENOSYS, self, oid, completion, op, seq, snaps, flags, trace);
	struct header_op *header_op = begin_aio(self, oid, completion, op);
	int result = real(self, oid, completion, op, seq, snaps, flags, trace);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_exec_v14(void **self, const struct std_string *oid, void **completion, const char *class_name, const char *method,
                       void *input, void *output)
{
	REAL_OR_RETURN(IoCtx_aio_exec_v14, -ENOSYS, self, oid, completion, class_name, method, input, output);
	struct header_op *header_op = header_op_tap(header_op_begin_exec(self, oid, class_name, method), completion);
	int result = real(self, oid, completion, class_name, method, input, output);
	header_op_submitted(header_op, completion, result);
	return result;
}

int IoCtx_aio_exec_v15(void **self, const struct std_string *oid, void **completion, const char *class_name, const char *method,
                       void *input, void *output)
{
	REAL_OR_RETURN(IoCtx_aio_exec_v15, -ENOSYS, self, oid, completion, class_name, method, input, output);
	struct header_op *header_op = header_op_tap(header_op_begin_exec(self, oid, class_name, method), completion);
	int result = real(self, oid, completion, class_name, method, input, output);
	header_op_submitted(header_op, completion, result);
	return result;
}
