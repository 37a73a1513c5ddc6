/* SPDX-License-Identifier: MIT */
/* What the record daemon has written down: the incident folders below OUTPUT/incidents, and what stands in one's incidents.json.
 */
#ifndef FENCELINE_SAVED_H
#define FENCELINE_SAVED_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct verdict {
	json_t *json;          /* owned; the whole document */
	const char *address;   /* of the client; "" if not known; borrowed from json, as all that follows */
	const char *vm, *uuid; /* "" if not known */
	const char *image_id, *header;
	const char *cause, *confidence; /* of a near miss: its kind, "" */
	int64_t at_ns;                  /* the blocklist, else the first -108, else the near miss's begin */
	bool harm;                      /* a -108 of the client was seen */
	bool sender;                    /* the process that sent the command was seen */
	uint64_t global_id;             /* 0: not known */
};

/* Read FOLDER/incidents.json: the first incident in it, else the first near miss. 0, or -errno (-ENODATA: neither). */
int verdict_read(const char *folder, struct verdict *verdict);
void verdict_free(struct verdict *verdict);
/* 3 proven, 2 likely, 1 possible, 0 else. */
int verdict_rank(const struct verdict *verdict);

/* The folder in `incidents` that tells of the client of this address (same IP and nonce), its path into `path`. False: none. */
bool saved_find(const char *incidents, const char *address, char path[PATH_MAX]);

/* The names of the folders in `incidents`, newest first; saved_free. Returns how many, or -errno. */
int saved_list(const char *incidents, char ***names);

void saved_free(char **names, int count);

#endif
