/* SPDX-License-Identifier: MIT */
/*
 * What a librados::ObjectOperation holds that matters: class methods on locks and snapshots, and a request for the list
 * of watchers. It is noted while the operation is being built and taken when it is submitted, both on one thread, so the
 * notes are thread-local; an operation that is destroyed without being submitted loses its note.
 *
 * On Ceph 14 each guest I/O builds and submits an operation: while a thread has no note all this costs one load.
 */
#ifndef FENCELINE_SHIM_OBJECT_OP_H
#define FENCELINE_SHIM_OBJECT_OP_H

#include <stdbool.h>
#include <stddef.h>

#define OBJECT_OP_METHODS 3

struct object_op {
	const void *op; /* the ObjectOperation; NULL: free */
	unsigned methods;
	char method[OBJECT_OP_METHODS][40]; /* "lock.get_info" */
	const void *watchers;               /* the caller's std::list<obj_watch_t>, filled by librados; NULL: not asked for */
	const int *watchers_result;         /* may be NULL */
};

extern __thread unsigned object_ops_noted;

/* It is told to call this class method, to list watchers there: noted if somebody wants to know. */
void object_op_note_method(const void *op, const char *class_name, const char *method);
void object_op_note_watchers(const void *op, const void *watchers, const int *result);

/* It is destroyed. */
void object_op_forget_noted(const void *op);
static inline void object_op_forget(const void *op)
{
	if (__builtin_expect(object_ops_noted != 0, 0))
		object_op_forget_noted(op);
}

bool object_op_take_noted(const void *op, struct object_op *to);

/* The operation is being submitted: hands over and forgets what was noted. False: nothing. */
static inline bool object_op_take(const void *op, struct object_op *to)
{
	return __builtin_expect(object_ops_noted != 0, 0) && object_op_take_noted(op, to);
}

/* Is this class method one of those that matter? */
bool object_op_is_noteworthy(const char *class_name, const char *method);

#endif
