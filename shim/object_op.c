/* SPDX-License-Identifier: MIT */
#include "object_op.h"

#include "emit.h"
#include "hook.h"

#include <stdio.h>
#include <string.h>

#define NOTES 4 /* operations that one thread builds at the same time */

static __thread struct object_op notes[NOTES];
static __thread unsigned next_victim;
__thread unsigned object_ops_noted;

static struct object_op *find(const void *op)
{
	for (unsigned i = 0; object_ops_noted && i < NOTES; i++)
		if (notes[i].op == op)
			return &notes[i];
	return NULL;
}

static void forget(struct object_op *note)
{
	note->op = NULL;
	object_ops_noted--;
}

/* The note of an operation, made now if it has none. If all are taken an old one goes: it belongs to an operation whose
 * end was not seen. */
static struct object_op *note_of(const void *op)
{
	struct object_op *note = find(op);

	for (unsigned i = 0; !note && i < NOTES; i++)
		if (!notes[i].op) {
			note = &notes[i];
			object_ops_noted++;
		}
	if (!note)
		note = &notes[next_victim++ % NOTES];
	if (note->op != op)
		*note = (struct object_op){ .op = op };
	return note;
}

bool object_op_take_noted(const void *op, struct object_op *to)
{
	struct object_op *note = find(op);

	if (!note)
		return false;
	*to = *note;
	forget(note);
	return true;
}

/* lock.assert_locked stands in nearly every header operation, snapshot_get in every refresh: both tell nothing. */
bool object_op_is_noteworthy(const char *class_name, const char *method)
{
	if (!strcmp(class_name, "lock"))
		return strcmp(method, "assert_locked") != 0;
	return !strcmp(class_name, "rbd") && !strncmp(method, "snapshot_", 9) && strcmp(method, "snapshot_get") != 0;
}

static void note_exec(const void *op, const char *class_name, const char *method)
{
	if (__builtin_expect(!emit_wanted(FL_EV_header_op), 1) || !object_op_is_noteworthy(class_name, method))
		return;
	struct object_op *note = note_of(op);
	if (note->methods < OBJECT_OP_METHODS)
		snprintf(note->method[note->methods++], sizeof note->method[0], "%s.%s", class_name, method);
}

/* ---- ObjectOperation's methods; a bufferlist& is passed on as it is ---- */

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
	note_exec(self, class_name, method);
	real(self, class_name, method, input);
}

void ObjectOperation_exec_v15(void *self, const char *class_name, const char *method, void *input)
{
	REAL_OR_RETURN(ObjectOperation_exec_v15, , self, class_name, method, input);
	note_exec(self, class_name, method);
	real(self, class_name, method, input);
}

void ObjectOperation_exec_out_v14(void *self, const char *class_name, const char *method, void *input, void *output, int *result)
{
	REAL_OR_RETURN(ObjectOperation_exec_out_v14, , self, class_name, method, input, output, result);
	note_exec(self, class_name, method);
	real(self, class_name, method, input, output, result);
}

void ObjectOperation_exec_out_v15(void *self, const char *class_name, const char *method, void *input, void *output, int *result)
{
	REAL_OR_RETURN(ObjectOperation_exec_out_v15, , self, class_name, method, input, output, result);
	note_exec(self, class_name, method);
	real(self, class_name, method, input, output, result);
}

void ObjectOperation_exec_completion_v14(void *self, const char *class_name, const char *method, void *input, void *completion)
{
	REAL_OR_RETURN(ObjectOperation_exec_completion_v14, , self, class_name, method, input, completion);
	note_exec(self, class_name, method);
	real(self, class_name, method, input, completion);
}

void ObjectOperation_exec_completion_v15(void *self, const char *class_name, const char *method, void *input, void *completion)
{
	REAL_OR_RETURN(ObjectOperation_exec_completion_v15, , self, class_name, method, input, completion);
	note_exec(self, class_name, method);
	real(self, class_name, method, input, completion);
}

void ObjectReadOperation_list_watchers(void *self, void *watchers, int *result)
{
	REAL_OR_RETURN(ObjectReadOperation_list_watchers, , self, watchers, result);
	if (emit_wanted(FL_EV_watchers_listed) || emit_wanted(FL_EV_watcher_listed)) {
		struct object_op *note = note_of(self);
		note->watchers = watchers;
		note->watchers_result = result;
	}
	real(self, watchers, result);
}

void ObjectOperation_destroy(void *self)
{
	struct object_op *note = find(self);

	if (__builtin_expect(note != NULL, 0))
		forget(note);
	REAL_OR_RETURN(ObjectOperation_destroy, , self);
	real(self);
}
