/* SPDX-License-Identifier: MIT */
/* One image's turn under `guard`: look, wait, look once more, run the command, look after those that lived. */
#ifndef FENCELINE_GUARD_GUARDED_H
#define FENCELINE_GUARD_GUARDED_H

#include "guard/follow.h"
#include "guard/image.h"

struct guarded_options {
	int64_t wait_ns, every_ns;
	char **command;  /* "{}" in it is the image */
	bool never_hold; /* of follow.h */
	int out;         /* the command's stdout; -1: ours */
};

enum outcome { OUTCOME_RAN, OUTCOME_GAVE_UP, OUTCOME_MISTAKE, OUTCOME_INTERRUPTED, OUTCOME_NOT_STARTED };
enum owner_after { AFTER_NOT_ASKED, AFTER_NOT_KNOWN, AFTER_LIVES, AFTER_MUTE, AFTER_UNWATCHED, AFTER_FENCED };

struct guarded {
	enum outcome outcome;
	int exit_code;    /* what this image asks for: the command's, the verdict's, 3 for a fence, 1 for a mistake, 128 + N */
	int command_code; /* of OUTCOME_RAN */
	unsigned looks, stale;                    /* stale: how often the last one was too old to start on */
	int64_t waited_ns, window_ns, command_ns; /* window: from the last answer to the command's exec */
	struct look before, after;
	struct judgement verdict, verdict_after;
	enum owner_after owner_after;
	struct followed followed; /* what was seen while the command ran */
	int signal;               /* of OUTCOME_INTERRUPTED */
};

/* Says on stderr what it waits for, and what became of it. */
void guard_image(struct asker *asker, const struct image_spec *spec, const struct guarded_options *options,
                 struct guarded *guarded);

/* What became of those that lived before. NOT_ASKED: of others than an owner, and none of them was fenced; or there were none. */
enum owner_after guard_after(const struct look *before, const struct look *after, bool seen_fenced);

/* For bounded_interrupt_by: has a signal come that ends us? It is remembered until guard_image returns. */
bool guard_interrupted(void);

/* The command with every {} replaced. Owned: command_free. NULL: out of memory. */
char **command_for(char **command, const char *image);
void command_free(char **command);

#endif
