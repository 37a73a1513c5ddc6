/* SPDX-License-Identifier: MIT */
/* What the parts of growing*.c share. */
#ifndef FENCELINE_INGEST_GROWING_PARTS_H
#define FENCELINE_INGEST_GROWING_PARTS_H

#include "ingest/intake.h"

struct growing_trace; /* a folder with metadata */
struct growing_file;

struct growing {
	struct ingest *ingest; /* owned: its inputs come and go, round by round; its sources, options and VMs stay */
	struct growing_trace *traces;
	struct growing_file *files;
	uint64_t lost_events;
	bool more;
};

#endif
