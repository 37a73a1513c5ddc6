/* SPDX-License-Identifier: MIT */
/* Internal to ingest/growing*.c. */
#ifndef FENCELINE_INGEST_GROWING_FILE_H
#define FENCELINE_INGEST_GROWING_FILE_H

#include "ingest/growing_parts.h"

/* What has been added to that file becomes a feed. */
void growing_file_round(struct growing *growing, const char *path);
void growing_files_close(struct growing *growing);

#endif
