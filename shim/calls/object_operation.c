/* SPDX-License-Identifier: MIT */
/* librados::ObjectOperation's methods; a bufferlist& is passed on as it is. */
#include "base/emit.h"
#include "base/hook.h"
#include "follow/object_op.h"

static inline void note_method(const void *op, const char *class_name, const char *method)
{
	if (__builtin_expect(emit_wanted(FL_EV_header_op), 0))
		object_op_note_method(op, class_name, method);
}

typedef void exec_fn(void *self, const char *class_name, const char *method, void *input);
typedef void exec_out_fn(void *self, const char *class_name, const char *method, void *input, void *output, int *result);
typedef void exec_completion_fn(void *self, const char *class_name, const char *method, void *input, void *completion);

FL_EXPORT
exec_fn ObjectOperation_exec_v14 __asm__("_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v14_2_04listE");
FL_EXPORT
exec_fn ObjectOperation_exec_v15 __asm__("_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v15_2_04listE");
FL_EXPORT exec_out_fn ObjectOperation_exec_out_v14 __asm__(
        "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v14_2_04listEPS7_Pi");
FL_EXPORT exec_out_fn ObjectOperation_exec_out_v15 __asm__(
        "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v15_2_04listEPS7_Pi");
FL_EXPORT exec_completion_fn ObjectOperation_exec_completion_v14 __asm__(
        "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v14_2_04listEPNS0_25ObjectOperationCompletionE");
FL_EXPORT exec_completion_fn ObjectOperation_exec_completion_v15 __asm__(
        "_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v15_2_04listEPNS0_25ObjectOperationCompletionE");
FL_EXPORT void ObjectReadOperation_list_watchers(void *self, void *watchers, int *result) __asm__(
        "_ZN8librados7v14_2_019ObjectReadOperation13list_watchersEPNSt7__cxx114listI11obj_watch_tSaIS4_EEEPi");
FL_EXPORT void ObjectOperation_destroy(void *self) __asm__("_ZN8librados7v14_2_015ObjectOperationD2Ev");

void ObjectOperation_exec_v14(void *self, const char *class_name, const char *method, void *input)
{
	REAL_OR_RETURN(ObjectOperation_exec_v14, , self, class_name, method, input);
	note_method(self, class_name, method);
	real(self, class_name, method, input);
}

void ObjectOperation_exec_v15(void *self, const char *class_name, const char *method, void *input)
{
	REAL_OR_RETURN(ObjectOperation_exec_v15, , self, class_name, method, input);
	note_method(self, class_name, method);
	real(self, class_name, method, input);
}

void ObjectOperation_exec_out_v14(void *self, const char *class_name, const char *method, void *input, void *output, int *result)
{
	REAL_OR_RETURN(ObjectOperation_exec_out_v14, , self, class_name, method, input, output, result);
	note_method(self, class_name, method);
	real(self, class_name, method, input, output, result);
}

void ObjectOperation_exec_out_v15(void *self, const char *class_name, const char *method, void *input, void *output, int *result)
{
	REAL_OR_RETURN(ObjectOperation_exec_out_v15, , self, class_name, method, input, output, result);
	note_method(self, class_name, method);
	real(self, class_name, method, input, output, result);
}

void ObjectOperation_exec_completion_v14(void *self, const char *class_name, const char *method, void *input, void *completion)
{
	REAL_OR_RETURN(ObjectOperation_exec_completion_v14, , self, class_name, method, input, completion);
	note_method(self, class_name, method);
	real(self, class_name, method, input, completion);
}

void ObjectOperation_exec_completion_v15(void *self, const char *class_name, const char *method, void *input, void *completion)
{
	REAL_OR_RETURN(ObjectOperation_exec_completion_v15, , self, class_name, method, input, completion);
	note_method(self, class_name, method);
	real(self, class_name, method, input, completion);
}

void ObjectReadOperation_list_watchers(void *self, void *watchers, int *result)
{
	REAL_OR_RETURN(ObjectReadOperation_list_watchers, , self, watchers, result);
	if (emit_wanted(FL_EV_watchers_listed) || emit_wanted(FL_EV_watcher_listed)) {
		object_op_note_watchers(self, watchers, result);
	}
	real(self, watchers, result);
}

void ObjectOperation_destroy(void *self)
{
	object_op_forget(self);
	REAL_OR_RETURN(ObjectOperation_destroy, , self);
	real(self);
}
