/* SPDX-License-Identifier: MIT */
#include "noted.h"

#include "base/emit.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static struct noted {
	_Atomic(uint64_t) fences, blocklists, snapshots;
	_Atomic(int64_t) fenced_ns, blocklist_ns, snapshot_ns;
	pthread_mutex_t lock; /* of what follows */
	char blocklist_target[128];
	uint32_t osd_count, osds_left_out;
	struct fl_status_osd osds[FL_STATUS_OSDS];
} noted = { .lock = PTHREAD_MUTEX_INITIALIZER };

void noted_fenced(struct client *client)
{
	int64_t now = now_realtime_ns(), never = 0;

	if (!client || !atomic_compare_exchange_strong(&client->fenced_ns, &never, now))
		return;
	atomic_store(&noted.fenced_ns, now);
	atomic_fetch_add(&noted.fences, 1);
}

void noted_blocklist(const char *target)
{
	pthread_mutex_lock(&noted.lock);
	snprintf(noted.blocklist_target, sizeof noted.blocklist_target, "%s", target);
	pthread_mutex_unlock(&noted.lock);
	atomic_store(&noted.blocklist_ns, now_realtime_ns());
	atomic_fetch_add(&noted.blocklists, 1);
}

void noted_snapshot(void)
{
	atomic_store(&noted.snapshot_ns, now_realtime_ns());
	atomic_fetch_add(&noted.snapshots, 1);
}

/* Under the lock. NULL: the table is full. */
static struct fl_status_osd *osd_of(const char *address)
{
	struct fl_status_osd *osd;

	for (uint32_t i = 0; i < noted.osd_count; i++)
		if (!strcmp(noted.osds[i].address, address))
			return &noted.osds[i];
	if (noted.osd_count == FL_STATUS_OSDS) {
		noted.osds_left_out++;
		return NULL;
	}
	osd = &noted.osds[noted.osd_count++];
	*osd = (struct fl_status_osd){ 0 }; /* in a forked child the parent's stands there */
	snprintf(osd->address, sizeof osd->address, "%s", address);
	return osd;
}

static unsigned bucket_of(uint64_t ns)
{
	uint64_t us = ns / 1000;
	unsigned bucket = us ? 63 - (unsigned)__builtin_clzll(us) : 0;

	return bucket < FL_LATENCY_BUCKETS ? bucket : FL_LATENCY_BUCKETS - 1;
}

void noted_ping_answered(const char *address, uint64_t rtt_ns, int32_t result)
{
	struct fl_status_osd *osd;

	pthread_mutex_lock(&noted.lock);
	osd = osd_of(address);
	if (osd) {
		osd->last_ns = now_realtime_ns();
		osd->errors += result != 0;
	}
	if (osd && rtt_ns) {
		osd->answered++;
		osd->rtt_sum_ns += rtt_ns;
		osd->rtt_last_ns = rtt_ns;
		osd->rtt_max_ns = rtt_ns > osd->rtt_max_ns ? rtt_ns : osd->rtt_max_ns;
		osd->rtt[bucket_of(rtt_ns)]++;
	}
	pthread_mutex_unlock(&noted.lock);
}

void noted_write(struct fl_status *head)
{
	head->blocklists_sent = atomic_load(&noted.blocklists);
	head->blocklist_ns = atomic_load(&noted.blocklist_ns);
	head->snapshots_begun = atomic_load(&noted.snapshots);
	head->snapshot_ns = atomic_load(&noted.snapshot_ns);
	head->fences = atomic_load(&noted.fences);
	head->fenced_ns = atomic_load(&noted.fenced_ns);
	pthread_mutex_lock(&noted.lock);
	memcpy(head->blocklist_target, noted.blocklist_target, sizeof head->blocklist_target);
	pthread_mutex_unlock(&noted.lock);
}

uint32_t noted_osds(void (*visit)(const struct fl_status_osd *osd, void *arg), void *arg)
{
	uint32_t left_out;

	pthread_mutex_lock(&noted.lock);
	for (uint32_t i = 0; i < noted.osd_count; i++)
		visit(&noted.osds[i], arg);
	left_out = noted.osds_left_out;
	pthread_mutex_unlock(&noted.lock);
	return left_out;
}

void noted_after_fork_child(void)
{
	memset(&noted, 0, offsetof(struct noted, osds)); /* their pages stay the parent's */
	pthread_mutex_init(&noted.lock, NULL);
}
