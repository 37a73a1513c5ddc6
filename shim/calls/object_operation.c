/* SPDX-License-Identifier: MIT */
/* librados::ObjectOperation's methods; a bufferlist& is passed on as it is. */
#include "calls.h"
#include "base/emit.h"
#include "follow/object_op.h"

static inline void note_method(const void *op, const char *class_name, const char *method)
{
	if (__builtin_expect(emit_wanted(FL_EV_header_op), 0))
		object_op_note_method(op, class_name, method);
}

#define ROW(...)
#define EXEC_ROW(id, symbol, library, need, first, last, type, parameters, arguments, before) \
	type id parameters \
	{ \
		REAL_OR_RETURN(id, , WITHOUT_PARENTHESES arguments); \
		before; \
		real arguments; \
	}
#include "base/table.h"

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
