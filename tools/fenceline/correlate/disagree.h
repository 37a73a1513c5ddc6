/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_DISAGREE_H
#define FENCELINE_CORRELATE_DISAGREE_H

#include "correlate/findings.h"

/* Witnesses that disagree, in the order in which they are told. */
enum disagreement {
	REFUSED_BEFORE_COMMAND, /* -108 came before the command that fenced */
	COMMAND_APART,          /* its sender and the monitors have one command far apart */
	PINGS_WERE_PROCESSED,   /* the OSD processed what the client calls lost */
	STALL_WAS_BUSY,         /* a standstill in which something was sent */
	OTHER_BREAKER,          /* somebody else broke the lock as well */
	TOO_SOON,               /* the watch was gone after a silence shorter than its timeout */
	LIST_HOLDS_OWNER,       /* the breaker's list holds the owner whom it fenced */
	ANSWERED_AFTER_LIST,    /* the breaker's list lacks the owner, whose watch was answered after it */
	LIST_IS_CUT,            /* fewer watchers came in than it counted */
	ANSWERED_AFTER,         /* an answer with 0 long after the fence */
	DISAGREEMENTS
};

bool disagrees(const struct findings *findings, const struct incident *incident, enum disagreement which);

#endif
