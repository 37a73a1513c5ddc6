/* SPDX-License-Identifier: MIT */
/*
 * Whose processes wrote a trace. Any local user can hand LTTng events that name somebody else's VM. But where each process has a
 * ring of its own, the record daemon asks the kernel who has it in his memory, and leaves a note (fenceline/user_note.h). And
 * where the ring buffers are one for each user, LTTng's session daemon puts each user's into a folder: ust/uid/UID/64-bit. That
 * uid is the one that the process's liblttng-ust registered with. LTTng does not check it (2.12 to 2.14): whoever speaks its
 * protocol himself may lie in that.
 *
 * An owner is 1 + the uid; 0: not known.
 */
#ifndef FENCELINE_INGEST_OWNER_H
#define FENCELINE_INGEST_OWNER_H

#include "ingest/ingest_options.h"

/* Of a trace in this folder. */
uint32_t owner_of_folder(const char *folder);
/* Do the options (--uid) ask for this owner's events? Without any: all. */
bool owner_wanted(const struct ingest_options *options, uint32_t owner);
#endif
