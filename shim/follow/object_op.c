/* SPDX-License-Identifier: MIT */
#include "object_op.h"

#include <stdio.h>
#include <string.h>

#define NOTES 4 /* operations that one thread builds at the same time */

static __thread struct object_op notes[NOTES];
static __thread unsigned next_victim;
__thread unsigned object_ops_noted;

static struct object_op *note_of_op(const void *op)
{
	for (unsigned i = 0; object_ops_noted && i < NOTES; i++)
		if (notes[i].op == op)
			return &notes[i];
	return NULL;
}

static void note_free(struct object_op *note)
{
	note->op = NULL;
	object_ops_noted--;
}

/* The note of an operation, made now if it has none. If all are taken an old one goes: it belongs to an operation whose
 * end was not seen. */
static struct object_op *note_of(const void *op)
{
	struct object_op *note = note_of_op(op);

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
	struct object_op *note = note_of_op(op);

	if (!note)
		return false;
	*to = *note;
	note_free(note);
	return true;
}

/* lock.assert_locked stands in nearly every header operation, snapshot_get in every refresh: both tell nothing. */
bool object_op_is_noteworthy(const char *class_name, const char *method)
{
	if (!strcmp(class_name, "lock"))
		return strcmp(method, "assert_locked") != 0;
	return !strcmp(class_name, "rbd") && !strncmp(method, "snapshot_", 9) && strcmp(method, "snapshot_get") != 0;
}

void object_op_note_method(const void *op, const char *class_name, const char *method)
{
	if (!object_op_is_noteworthy(class_name, method))
		return;
	struct object_op *note = note_of(op);
	if (note->methods < OBJECT_OP_METHODS)
		snprintf(note->method[note->methods++], sizeof note->method[0], "%s.%s", class_name, method);
}

void object_op_note_watchers(const void *op, const void *watchers, const int *result)
{
	struct object_op *note = note_of(op);

	note->watchers = watchers;
	note->watchers_result = result;
}

void object_op_forget_noted(const void *op)
{
	struct object_op *note = note_of_op(op);

	if (note)
		note_free(note);
}
