/* SPDX-License-Identifier: MIT */
/* What became of a fenced client since, as far as the inputs tell: nobody is asked to restart what runs, or what has ended. */
#ifndef FENCELINE_RENDER_SINCE_H
#define FENCELINE_RENDER_SINCE_H

#include "correlate/incident.h"

enum since_kind {
	SINCE_NOT_KNOWN,
	SINCE_RUNS_AGAIN, /* the VM, in another process: `client` is its own */
	SINCE_ATTACHED,   /* the same image, in the same process: `client` has it */
	SINCE_STARTED,    /* the VM, by its log; no trace shows it */
	SINCE_ANSWERED,   /* the fenced client itself: its watch */
	SINCE_SHUT_DOWN,  /* the client: with its VM, or its disk was detached; no later start is told */
	SINCE_ENDED,      /* the VM, by its log; no later start is told */
};
struct since {
	enum since_kind kind;
	int64_t ns;
	const struct client *client; /* borrowed from the model; NULL: none */
	const char *vm;              /* its name; NULL: not known */
};
struct since since_fence(const struct model *model, const struct incident *incident);

#endif
