/* SPDX-License-Identifier: MIT */
/* Internal to ingest/. */
#ifndef FENCELINE_INGEST_COMPLAIN_H
#define FENCELINE_INGEST_COMPLAIN_H

/* One line on stderr, "fenceline: PATH: ...": what is wrong and what to do about it. */
void ingest_complain(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
