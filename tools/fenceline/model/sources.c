/* SPDX-License-Identifier: MIT */
/* Which inputs are pieces of one log, and whose clock their times are of. */
#include "model/sources.h"
#include "model/private.h"

#include <stdlib.h>
#include <string.h>

/* All monitors' logs that name no host. */
#define MONITORS ""

size_t log_name_length(const char *path)
{
	const char *name = strrchr(path, '/'), *end = strstr(name ? name : path, ".log");

	return end ? (size_t)(end - path) + strlen(".log") : strlen(path);
}

bool same_log(const struct source *a, const struct source *b)
{
	if (a == b || !a || !b)
		return a == b;
	return log_name_length(a->path) == log_name_length(b->path) && !strncmp(a->path, b->path, log_name_length(a->path));
}

static bool is_monitors(const struct model *model, const struct source *source)
{
	for (const struct blocklist_action *action = model->blocklists; action; action = action->next)
		if (action->audit_source == source)
			return true;
	return false;
}

const char *clock_of_log(const struct model *model, const char *path)
{
	size_t length = log_name_length(path);
	struct log_clock **at = &model->private->log_clocks;

	if (!path[length])
		return path;
	while (*at && (strncmp((*at)->name, path, length) || (*at)->name[length]))
		at = &(*at)->next;
	if (!*at) {
		*at = calloc(1, sizeof **at + length + 1);
		if (!*at)
			return path;
		memcpy((*at)->name, path, length);
	}
	return (*at)->name;
}

const char *model_clock(const struct model *model, const struct source *source)
{
	if (*source->host)
		return source->host;
	return is_monitors(model, source) ? MONITORS : clock_of_log(model, source->path);
}

bool model_one_clock(const struct model *model, const struct source *a, const struct source *b)
{
	return !strcmp(model_clock(model, a), model_clock(model, b));
}
