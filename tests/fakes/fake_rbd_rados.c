/* SPDX-License-Identifier: MIT */
/* The librados.so.2 that goes with fake_rbd.c: one client, and what the shim asks about an ioctx. Nothing connects. */
#include "fake_rbd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int the_client; /* so each client has the last one's rados_t */
uint64_t fake_global_id = 4711;
void (*fake_when_gone)(void), (*fake_when_asked)(void);

static void once(void (**what)(void))
{
	void (*now)(void) = *what;

	*what = NULL;
	if (now)
		now();
}

int rados_create(void **cluster, const char *id)
{
	(void)id;
	*cluster = &the_client;
	return 0;
}

int rados_connect(void *cluster)
{
	(void)cluster;
	return 0;
}

void rados_shutdown(void *cluster)
{
	(void)cluster;
	once(&fake_when_gone);
}

void *rados_ioctx_get_cluster(void *ioctx);
void *rados_ioctx_get_cluster(void *ioctx)
{
	(void)ioctx;
	return &the_client;
}

uint64_t rados_get_instance_id(void *cluster);
uint64_t rados_get_instance_id(void *cluster)
{
	(void)cluster;
	return fake_global_id;
}

int rados_getaddrs(void *cluster, char **addrs);
int rados_getaddrs(void *cluster, char **addrs)
{
	(void)cluster;
	*addrs = malloc(64);
	if (*addrs)
		snprintf(*addrs, 64, "192.0.2.1:0/%llu", (unsigned long long)fake_global_id);
	return *addrs ? 0 : -ENOMEM;
}

int rados_cluster_fsid(void *cluster, char *buf, size_t len);
int rados_cluster_fsid(void *cluster, char *buf, size_t len)
{
	(void)cluster;
	once(&fake_when_asked);
	return snprintf(buf, len, "11111111-2222-3333-4444-555555555555");
}

int rados_ioctx_get_pool_name(void *ioctx, char *buf, unsigned len);
int rados_ioctx_get_pool_name(void *ioctx, char *buf, unsigned len)
{
	(void)ioctx;
	return snprintf(buf, len, "fakepool");
}

int rados_ioctx_get_namespace(void *ioctx, char *buf, unsigned len);
int rados_ioctx_get_namespace(void *ioctx, char *buf, unsigned len)
{
	(void)ioctx;
	return snprintf(buf, len, "fakespace");
}
