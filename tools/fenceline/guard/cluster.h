/* SPDX-License-Identifier: MIT */
/*
 * The cluster, as this program asks it: each call of the public C API once, its failure put into words. All functions wait for
 * the cluster: they belong on the thread of bounded_run. Nothing in here changes anything, but for image_break_lock.
 */
#ifndef FENCELINE_GUARD_CLUSTER_H
#define FENCELINE_GUARD_CLUSTER_H

#include "guard/ceph_calls.h"
#include "guard/notify_reply.h"

#include <stdbool.h>

/* What kept a question from being answered. */
enum fault_kind {
	FAULT_NONE,
	FAULT_INPUT,   /* no such pool, namespace, image: asking again will not help, and somebody mistyped */
	FAULT_SETUP,   /* no library, no conf file */
	FAULT_CAPS,    /* the user may not ask; the text names what it lacks */
	FAULT_CLUSTER, /* no answer, or not now */
};
struct fault {
	enum fault_kind kind;
	int error; /* -errno, or 0 */
	char text[600];
};

struct cluster_options {
	const char *id;   /* without "client."; NULL: admin, or what CEPH_ARGS says */
	const char *conf; /* NULL: where Ceph looks for it */
	int64_t timeout_ns;
};

struct cluster {
	struct ceph_calls calls;
	struct cluster_options options;
	void *handle; /* of rados_create */
	char user[128], fsid[40];
	const char *_Atomic doing; /* static text: the call that is under way, for who waits for it */
};

/* 0, or -errno with the fault told. What did not connect is to be closed all the same. */
int cluster_connect(struct cluster *cluster, const struct cluster_options *options, struct fault *fault);
void cluster_close(struct cluster *cluster);

/* A command to the monitors, or one of the manager's if to_manager; JSON in, what it answers in *out: to be freed with
 * cluster_free_answer. 0 or -errno. */
int cluster_command(struct cluster *cluster, bool to_manager, const char *json, const char *doing, char **out, size_t *size);
void cluster_free_answer(struct cluster *cluster, char *out);

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

struct watcher {
	char address[96];
	uint64_t global_id, cookie;
	uint32_t timeout_s; /* after its last ping the OSD drops it; 0: not told */
};
#define WATCHERS_MAX 32
struct watchers {
	struct watcher list[WATCHERS_MAX];
	size_t count, shown;
};
int image_watchers(struct open_image *image, struct watchers *watchers, struct fault *fault);
/* The same of librados' C++, which tells the timeouts, too. -ENOSYS: this one has no such call. watch_list.c */
int watch_list(const struct open_image *image, struct watchers *watchers);
/* "v1:10.0.0.1:0/5" and the like: the messenger's protocol is no part of what librbd compares. */
const char *without_protocol(const char *address);

struct probe {
	uint64_t global_id, cookie; /* of the watcher in question */
	unsigned timeout_s;
	int64_t deadline_ns; /* CLOCK_MONOTONIC: if the OSD does not answer at all */
	/* What came of it: */
	enum notify_answer answer;
	int64_t sent_ns, took_ns; /* CLOCK_MONOTONIC; until the reply, which comes once all watchers have answered, or did not in time */
	bool all;                 /* they have; else took_ns says nothing of this one */
};
/* Asks all watchers (notify_probe). */
int image_probe(struct open_image *image, struct probe *probe, struct fault *fault);

/* librbd's break of a lock: it blocklists the locker's address first, then breaks it; only if it is held by just this client and
 * cookie. */
int image_break_lock(struct open_image *image, const struct locker *locker, struct fault *fault);

#endif
