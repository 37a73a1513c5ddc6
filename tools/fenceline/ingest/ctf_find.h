/* SPDX-License-Identifier: MIT */
/* Trace folders, found beneath the one that was named. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_FIND_H
#define FENCELINE_INGEST_CTF_FIND_H

#include "ingest/intake.h"

/* Looks for traces in the folder and beneath it, by name: `found` is called for each, and ends the search unless it returns 0.
 * `unreadable` (may be NULL) decides the same of a folder that cannot be read. */
struct ctf_search {
	int (*found)(const char *folder, void *arg);
	int (*unreadable)(const char *folder, int error);
	void *arg;
	size_t entries; /* of all folders that were looked at */
};
int ctf_find(struct ctf_search *search, const char *folder);

/* Plans all traces in that folder. 0, or -errno after saying on stderr why. */
int ctf_open_folder(struct ingest *ingest, const char *path);

#endif
