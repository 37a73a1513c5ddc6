/* SPDX-License-Identifier: MIT */
/* Where a rados_ioctx_t points: pool and namespace. */
#ifndef FENCELINE_SHIM_IOCTX_H
#define FENCELINE_SHIM_IOCTX_H

struct ioctx_names {
	char pool[128], nspace[128]; /* "" if librados does not tell */
};

/* Asks librados: as long as no Ceph lock is held that a call of librados' API must not meet. NULL gives "" for both. */
void ioctx_names(void *ioctx, struct ioctx_names *names);

#endif
