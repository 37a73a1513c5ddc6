/* SPDX-License-Identifier: MIT */
/*
 * A reader in a process of its own: libbabeltrace2 promises no thread safety, so only that uses a second processor; and it
 * aborts on some damage, which then ends that process only. A process that dies over a stream or a trace is replaced by one that
 * leaves it alone; one that is killed, by the reader in this process. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_CTF_PROCESS_H
#define FENCELINE_INGEST_CTF_PROCESS_H

#include "ingest/ctf_record.h"
#include "ingest/ctf_trace.h"

struct ctf_process;

/* Reader `number` of these traces, which must outlive it; their state is kept up to date. */
struct ctf_process *ctf_process_start(const struct ctf_traces *traces, unsigned number);
/* Reads until each of its traces is open or has failed. 0 or -errno. */
int ctf_process_settle(struct ctf_process *process);
/* Points *event at the record of its next event, the same one until it is taken; valid until the one after it is asked for.
 * 1; 0 at the end; -errno. */
int ctf_process_next(struct ctf_process *process, const struct ctf_record **event);
void ctf_process_take(struct ctf_process *process);
void ctf_process_close(struct ctf_process *process);

#endif
