/* SPDX-License-Identifier: MIT */
/* librados::IoCtx::operate in all its forms, and exec: the synchronous way to an image's header, as of `rbd lock`. */
#include "follow/header_op.h"
#include "base/hook.h"

#include <errno.h>

FL_EXPORT int IoCtx_operate_read_v14(void **self, const struct std_string *oid, void *op, void *output) __asm__(
        "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_"
        "traitsIcESaIcEEEPNS0_19ObjectReadOperationEPN4ceph6buffer7v14_2_04listE");
FL_EXPORT int IoCtx_operate_read_v15(void **self, const struct std_string *oid, void *op, void *output) __asm__(
        "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_"
        "traitsIcESaIcEEEPNS0_19ObjectReadOperationEPN4ceph6buffer7v15_2_04listE");
FL_EXPORT int IoCtx_operate_read_flags_v15(void **self, const struct std_string *oid, void *op, void *output, int flags) __asm__(
        "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_"
        "traitsIcESaIcEEEPNS0_19ObjectReadOperationEPN4ceph6buffer7v15_2_04listEi");
FL_EXPORT int IoCtx_operate_write(void **self, const struct std_string *oid, void *op) __asm__(
        "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_20ObjectWriteOperationE");
FL_EXPORT int IoCtx_operate_write_flags(void **self, const struct std_string *oid, void *op, int flags) __asm__(
        "_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_20ObjectWriteOperationEi");
FL_EXPORT int IoCtx_operate_write_flags_span(
        void **self, const struct std_string *oid, void *op, int flags,
        const void *span) __asm__("_ZN8librados7v14_2_05IoCtx7operateERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS0_"
                                  "20ObjectWriteOperationEiPKN13opentelemetry2v15trace11SpanContextE");
FL_EXPORT int IoCtx_exec_v14(void **self, const struct std_string *oid, const char *class_name, const char *method, void *input,
                             void *output) __asm__("_ZN8librados7v14_2_05IoCtx4execERKNSt7__cxx1112basic_stringIcSt11char_"
                                                   "traitsIcESaIcEEEPKcSB_RN4ceph6buffer7v14_2_04listESG_");
FL_EXPORT int IoCtx_exec_v15(void **self, const struct std_string *oid, const char *class_name, const char *method, void *input,
                             void *output) __asm__("_ZN8librados7v14_2_05IoCtx4execERKNSt7__cxx1112basic_stringIcSt11char_"
                                                   "traitsIcESaIcEEEPKcSB_RN4ceph6buffer7v15_2_04listESG_");

int IoCtx_operate_read_v14(void **self, const struct std_string *oid, void *op, void *output)
{
	REAL_OR_RETURN(IoCtx_operate_read_v14, -ENOSYS, self, oid, op, output);
	struct header_op *header_op = header_op_begin(self, oid, op);
	int result = real(self, oid, op, output);
	header_op_end(header_op, result);
	return result;
}

int IoCtx_operate_read_v15(void **self, const struct std_string *oid, void *op, void *output)
{
	REAL_OR_RETURN(IoCtx_operate_read_v15, -ENOSYS, self, oid, op, output);
	struct header_op *header_op = header_op_begin(self, oid, op);
	int result = real(self, oid, op, output);
	header_op_end(header_op, result);
	return result;
}

int IoCtx_operate_read_flags_v15(void **self, const struct std_string *oid, void *op, void *output, int flags)
{
	REAL_OR_RETURN(IoCtx_operate_read_flags_v15, -ENOSYS, self, oid, op, output, flags);
	struct header_op *header_op = header_op_begin(self, oid, op);
	int result = real(self, oid, op, output, flags);
	header_op_end(header_op, result);
	return result;
}

int IoCtx_operate_write(void **self, const struct std_string *oid, void *op)
{
	REAL_OR_RETURN(IoCtx_operate_write, -ENOSYS, self, oid, op);
	struct header_op *header_op = header_op_begin(self, oid, op);
	int result = real(self, oid, op);
	header_op_end(header_op, result);
	return result;
}

int IoCtx_operate_write_flags(void **self, const struct std_string *oid, void *op, int flags)
{
	REAL_OR_RETURN(IoCtx_operate_write_flags, -ENOSYS, self, oid, op, flags);
	struct header_op *header_op = header_op_begin(self, oid, op);
	int result = real(self, oid, op, flags);
	header_op_end(header_op, result);
	return result;
}

int IoCtx_operate_write_flags_span(void **self, const struct std_string *oid, void *op, int flags, const void *span)
{
	REAL_OR_RETURN(IoCtx_operate_write_flags_span, -ENOSYS, self, oid, op, flags, span);
	struct header_op *header_op = header_op_begin(self, oid, op);
	int result = real(self, oid, op, flags, span);
	header_op_end(header_op, result);
	return result;
}

int IoCtx_exec_v14(void **self, const struct std_string *oid, const char *class_name, const char *method, void *input,
                   void *output)
{
	REAL_OR_RETURN(IoCtx_exec_v14, -ENOSYS, self, oid, class_name, method, input, output);
	struct header_op *header_op = header_op_begin_exec(self, oid, class_name, method);
	int result = real(self, oid, class_name, method, input, output);
	header_op_end(header_op, result);
	return result;
}

int IoCtx_exec_v15(void **self, const struct std_string *oid, const char *class_name, const char *method, void *input,
                   void *output)
{
	REAL_OR_RETURN(IoCtx_exec_v15, -ENOSYS, self, oid, class_name, method, input, output);
	struct header_op *header_op = header_op_begin_exec(self, oid, class_name, method);
	int result = real(self, oid, class_name, method, input, output);
	header_op_end(header_op, result);
	return result;
}
