/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_EVIDENCE_LINE_H
#define FENCELINE_CORRELATE_EVIDENCE_LINE_H

#include "correlate/incident.h"

/* "rbd (pid 4711 on storage1)", in a buffer of the caller's. */
const char *process_text(const struct process *process, char *buf, size_t size);
/* A line of evidence and what it carries (ROLE…), in printf's words; sorted by evidence_sort. */
int evidence_add(struct incident *incident, unsigned int roles, int64_t ts_ns, const struct source *source, const char *format,
                 ...) __attribute__((format(printf, 5, 6)));
void evidence_sort(struct incident *incident);

#endif
