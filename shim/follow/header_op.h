/* SPDX-License-Identifier: MIT */
/*
 * What librbd does to an image's header object, from submission to result: header_op and watchers_listed events. Only
 * operations that object_op.h noted, and only on objects named rbd_header.ID.
 */
#ifndef FENCELINE_SHIM_HEADER_OP_H
#define FENCELINE_SHIM_HEADER_OP_H

#include "object_op.h"
#include "base/peek.h"

struct header_op;

/* An operation is about to be submitted on this librados::IoCtx. NULL: nothing to tell about it. Asks librados for the
 * pool's name; takes the note of op. */
struct header_op *header_op_begin(void *const *ioctx, const struct std_string *oid, const void *op);
/* The same for a class method called without an ObjectOperation. */
struct header_op *header_op_begin_exec(void *const *ioctx, const struct std_string *oid, const char *class_name,
                                       const char *method);

/* Synchronous: the real call has returned. */
void header_op_end(struct header_op *header_op, int result);
/* Asynchronous: right before the real call, and right after it. completion is a librados::AioCompletion. What _tap returns
 * goes to _submitted; NULL if the result cannot be learned. */
struct header_op *header_op_tap(struct header_op *header_op, void *const *completion);
void header_op_submitted(struct header_op *header_op, void *const *completion, int result);

/* In a forked child: the parent's are under way in the parent. */
void header_op_after_fork_child(void);

#endif
