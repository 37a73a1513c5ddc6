/* SPDX-License-Identifier: MIT */
#include "record/doctor.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void doctor_begin(struct doctor *doctor, const char *check)
{
	doctor->check = check;
}

void doctor_say(struct doctor *doctor, enum verdict verdict, const char *format, ...)
{
	static const char *const words[] = { "ok", "warn", "FAIL", "?" }, *const states[] = { "ok", "warning", "failure",
		                                                                              "unknown" };
	char text[PATH_MAX * 2];
	va_list args;

	doctor->warnings += verdict == VERDICT_WARNING;
	doctor->failures += verdict == VERDICT_FAILURE;
	doctor->unknown += verdict == VERDICT_UNKNOWN;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (doctor->lines)
		json_array_append_new(doctor->lines, json_pack("{s:s, s:s, s:s%}", "check", doctor->check ?: "host", "status",
		                                               states[verdict], "text", text, strlen(text)));
	else
		printf("%-5s %s\n", words[verdict], text);
}
