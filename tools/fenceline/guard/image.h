/* SPDX-License-Identifier: MIT */
/* An image: opened without leaving a trace, its lock, its watchers, and the question to them. */
#ifndef FENCELINE_GUARD_IMAGE_H
#define FENCELINE_GUARD_IMAGE_H

#include "guard/cluster.h"
#include "guard/watch_list.h"

#define IMAGE_NAME 256
struct image_spec {
	char pool[IMAGE_NAME], nspace[IMAGE_NAME], name[IMAGE_NAME];
};
/* POOL/IMAGE or POOL/NAMESPACE/IMAGE. False with the reason (static text) in *why. */
bool image_spec_parse(const char *text, struct image_spec *spec, const char **why);
/* POOL[/NAMESPACE]/IMAGE into buf, which it returns. */
#define IMAGE_SPEC (3 * IMAGE_NAME)
char *image_spec_text(const struct image_spec *spec, char buf[IMAGE_SPEC]);

struct open_image {
	struct cluster *cluster;
	struct image_spec spec;
	void *io, *rbd;
	char id[64], header[80]; /* rbd_header.ID */
	uint64_t features;
	char group[IMAGE_NAME]; /* "": in none, or not known */
	bool mirrored, primary;
};
#define IMAGE_EXCLUSIVE_LOCK 4 /* RBD_FEATURE_EXCLUSIVE_LOCK */

/* Opens it read-only: no watch is registered, no lock is taken. To be closed even if it fails. */
int image_open(struct open_image *image, struct cluster *cluster, const struct image_spec *spec, struct fault *fault);
void image_close(struct open_image *image);

struct locker {
	char client[64];  /* client.4166 */
	char cookie[128]; /* librbd's own: "auto HANDLE" */
	char address[96]; /* ip:0/nonce; without v1: and the like */
};
#define LOCKERS_MAX 8
struct lock {
	bool exclusive;
	char tag[64]; /* librbd's own: "internal" */
	struct locker lockers[LOCKERS_MAX];
	size_t count, shown; /* how many hold it; how many are in lockers */
};
int image_lockers(struct open_image *image, struct lock *lock, struct fault *fault);

int image_watchers(struct open_image *image, struct watchers *watchers, struct fault *fault);

struct probe {
	uint64_t global_id, cookie; /* of the watcher in question */
	unsigned timeout_s;
	int64_t deadline_ns; /* CLOCK_MONOTONIC: if the OSD does not answer at all */
	/* What came of it: */
	enum notify_answer answer;
	int64_t sent_ns,
	        took_ns; /* CLOCK_MONOTONIC; until the reply, which comes once all watchers have answered, or did not in time */
	bool all;        /* they have; else took_ns says nothing of this one */
};
/* Asks all watchers (notify_probe). */
int image_probe(struct open_image *image, struct probe *probe, struct fault *fault);

/* librbd's break of a lock: it blocklists the locker's address first, then breaks it; only if it is held by just this client and
 * cookie. */
int image_break_lock(struct open_image *image, const struct locker *locker, struct fault *fault);

#endif
