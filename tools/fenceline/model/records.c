/* SPDX-License-Identifier: MIT */
#include "model/records.h"

const char *timeline_kind_name(enum timeline_kind kind)
{
#define KIND_NAME(name, text) text,
	static const char *const names[] = { TIMELINE_KINDS(KIND_NAME) };

	return names[kind];
}

const char *ping_seen_name(enum ping_seen seen)
{
	static const char *const names[] = { "log", "sampled", "log", "wire" };

	return names[seen];
}
