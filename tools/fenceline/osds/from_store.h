/* SPDX-License-Identifier: MIT */
/* Round trips by OSD, as a store of many hosts has added them up (fleet/cmd_fetch_osds.c). */
#ifndef FENCELINE_OSDS_FROM_STORE_H
#define FENCELINE_OSDS_FROM_STORE_H

#include "osds/osds.h"

#include <stdio.h>

struct osds_of_store {
	struct osds *osds;
	char **keys; /* owned; each outlives the judgement */
	size_t key_count;
};

/* Adds the rows that the stream holds, one JSON object a line. 0, -ENOMEM, or -EINVAL: a line is no row. Judge afterwards. */
int osds_of_rows(struct osds_of_store *of, FILE *stream);
void osds_of_store_free(struct osds_of_store *of);

#endif
