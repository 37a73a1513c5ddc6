/* SPDX-License-Identifier: MIT */
/* Trace folders, found beneath the one that was named. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_FIND_H
#define FENCELINE_INGEST_CTF_FIND_H

#include <stdbool.h>
#include <stddef.h>

struct ctf_found {
	char **folders; /* those that hold a trace; owned */
	size_t count;
	bool any;         /* there is something in one of the folders that were looked at */
	char *unreadable; /* the folder that ended the search; owned; NULL: none */
};

/* Looks for traces in the folder and beneath it, by name. A folder that cannot be read ends the search if `strict`; else it is left
 * out. 0 or -errno. */
int ctf_find(struct ctf_found *found, const char *folder, bool strict);
void ctf_found_free(struct ctf_found *found);

#endif
