/* SPDX-License-Identifier: MIT */
/*
 * Runs of like events become one line. Three streams run beside each other, pings, I/O that went well and I/O that did
 * not, and each is folded for itself; any other event ends the runs of all of them, so that no line reaches past a turn
 * of the story.
 */
#ifndef FENCELINE_RENDER_TEXT_FOLD_H
#define FENCELINE_RENDER_TEXT_FOLD_H

#include "render/text.h"

/* One line of a section: an event, or a run of like ones. */
struct text_line {
	int64_t ts_ns;
	enum severity severity;
	char *words;  /* owned */
	size_t order; /* among lines of one instant */
};
struct text_lines {
	struct text_line *list;
	size_t count, capacity;
};
struct text_event {
	const struct timeline_entry *entry;
	const struct process *by; /* NULL: the section's own */
};

/* Folds the events, which are in order of time, into lines. 0 or -ENOMEM. */
int text_fold(const struct text *text, const struct text_event *events, size_t count, struct text_lines *lines);
void text_lines_free(struct text_lines *lines);

#endif
