/* SPDX-License-Identifier: MIT */
/*
 * The cluster, as this program asks it: each call of the public C API once, its failure put into words. All functions wait for
 * the cluster: they belong on the thread of bounded_run. Nothing in here changes anything, but for image_break_lock.
 */
#ifndef FENCELINE_GUARD_CLUSTER_H
#define FENCELINE_GUARD_CLUSTER_H

#include "guard/ceph_calls.h"
#include "guard/fault.h"
#include "guard/notify_reply.h"

#include <stdbool.h>
#include <stdint.h>

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

/* 0, or -errno with the fault told. It is to be closed even if it did not connect. */
int cluster_connect(struct cluster *cluster, const struct cluster_options *options, struct fault *fault);
void cluster_close(struct cluster *cluster);

/* A command to the monitors, or one of the manager's if to_manager; JSON in, what it answers in *out: to be freed with
 * cluster_free_answer. 0 or -errno. */
int cluster_command(struct cluster *cluster, bool to_manager, const char *json, const char *doing, char **out, size_t *size);
void cluster_free_answer(struct cluster *cluster, char *out);

#endif
