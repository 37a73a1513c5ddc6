/* SPDX-License-Identifier: MIT */
#include "guard/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault_tell(struct fault *fault, enum fault_kind kind, int status, const char *format, ...)
{
	size_t length;
	va_list args;

	fault->kind = kind;
	fault->error = status;
	va_start(args, format);
	vsnprintf(fault->text, sizeof fault->text, format, args);
	va_end(args);
	length = strlen(fault->text);
	if (status)
		snprintf(fault->text + length, sizeof fault->text - length, ": %s (%d)", strerror(-status), status);
	return status ? status : -EIO;
}

int fault_of_call(struct fault *fault, int status, const char *user, const char *what, const char *needs)
{
	if (status == -EPERM || status == -EACCES)
		return fault_tell(fault, FAULT_CAPS, status, "%s may not %s: it lacks %s", user, what, needs);
	return fault_tell(fault, FAULT_CLUSTER, status, "cannot %s", what);
}
