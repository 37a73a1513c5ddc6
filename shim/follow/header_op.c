/* SPDX-License-Identifier: MIT */
#include "header_op.h"

#include "client.h"
#include "base/emit.h"
#include "base/hook.h"
#include "ioctx.h"
#include "base/process.h"
#include "rados_completion.h"
#include "watchers.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define HEADER_OPS    128 /* under way at the same time in one process */
#define HEADER_PREFIX "rbd_header."

struct header_op {
	struct completion_tap tap; /* first: on_done gets its address */
	_Atomic(bool) used;
	struct object_op op;
	char oid[96];
	struct ioctx_names names;
	uint64_t global_id, begun_ns;
};

static struct header_op header_ops[HEADER_OPS];

static struct header_op *claim(void)
{
	for (size_t i = 0; i < HEADER_OPS; i++)
		if (!atomic_load_explicit(&header_ops[i].used, memory_order_relaxed) &&
		    !atomic_exchange_explicit(&header_ops[i].used, true, memory_order_acquire))
			return &header_ops[i];
	hook_pass(HOOK_ObjectOperation_exec_v15, "too many header operations at once");
	return NULL;
}

static bool is_header(const struct std_string *oid)
{
	return oid->length < sizeof header_ops->oid && oid->length > strlen(HEADER_PREFIX) &&
	       !memcmp(oid->text, HEADER_PREFIX, strlen(HEADER_PREFIX));
}

/* Tells who and where, and starts the clock. */
static void header_op_fill(struct header_op *header_op, void *ioctx, const struct std_string *oid)
{
	memcpy(header_op->oid, oid->text, oid->length);
	header_op->oid[oid->length] = '\0';
	ioctx_names(ioctx, &header_op->names);
	header_op->global_id = client_id(client_of_ioctx(ioctx));
	header_op->begun_ns = now_monotonic_ns();
}

struct header_op *header_op_begin(void *const *ioctx, const struct std_string *oid, const void *op)
{
	struct header_op *header_op;
	struct object_op noted;
	int saved = errno;

	if (!object_op_take(op, &noted) || !is_header(oid) || !(header_op = claim()))
		return NULL;
	header_op->op = noted;
	header_op_fill(header_op, *ioctx, oid);
	errno = saved;
	return header_op;
}

struct header_op *header_op_begin_exec(void *const *ioctx, const struct std_string *oid, const char *class_name,
                                       const char *method)
{
	struct header_op *header_op;
	int saved = errno;

	if (!emit_wanted(FL_EV_header_op) || !object_op_is_noteworthy(class_name, method) || !is_header(oid) ||
	    !(header_op = claim()))
		return NULL;
	header_op->op = (struct object_op){ .methods = 1 };
	snprintf(header_op->op.method[0], sizeof header_op->op.method[0], "%s.%s", class_name, method);
	header_op_fill(header_op, *ioctx, oid);
	errno = saved;
	return header_op;
}

void header_op_end(struct header_op *header_op, int result)
{
	int saved = errno;

	if (!header_op)
		return;
	for (unsigned i = 0; i < header_op->op.methods; i++)
		EMIT(header_op, .pid = process_id(), .global_id = header_op->global_id, .oid = header_op->oid,
		     .pool = header_op->names.pool, .nspace = header_op->names.nspace, .method = header_op->op.method[i],
		     .result = result, .latency_ns = now_monotonic_ns() - header_op->begun_ns);
	if (header_op->op.watchers)
		watchers_emit(header_op->global_id, header_op->oid, result, header_op->op.watchers,
		              header_op->op.watchers_result);
	atomic_store_explicit(&header_op->used, false, memory_order_release);
	errno = saved;
}

static void on_done(struct completion_tap *tap, int result)
{
	header_op_end((struct header_op *)tap, result);
}

struct header_op *header_op_tap(struct header_op *header_op, void *const *completion)
{
	if (!header_op)
		return NULL;
	header_op->tap.done = on_done;
	if (completion && completion_tap(*completion, &header_op->tap))
		return header_op;
	atomic_store_explicit(&header_op->used, false, memory_order_release);
	hook_pass(HOOK_ObjectOperation_exec_v15, "completion cannot be tapped");
	return NULL;
}

void header_op_submitted(struct header_op *header_op, void *const *completion, int result)
{
	/* once librados has taken the operation it may be done, and the record another's */
	if (!header_op || result >= 0)
		return;
	completion_untap(*completion, &header_op->tap);
	header_op_end(header_op, result);
}

void header_op_after_fork_child(void)
{
	for (size_t i = 0; i < HEADER_OPS; i++)
		if (atomic_load(&header_ops[i].used)) /* else its page stays the parent's */
			atomic_store(&header_ops[i].used, false);
}
