/* SPDX-License-Identifier: MIT */
/* What a plugin (copy_plugin.c) offers to its host (copy_host.c): each is one call of Ceph's. */
#ifndef FENCELINE_TESTS_COPY_PLUGIN_H
#define FENCELINE_TESTS_COPY_PLUGIN_H

struct copy_plugin {
	int (*create)(void **cluster);
	int (*connect)(void *cluster);
	int (*command)(void *cluster);
	int (*ioctx_create)(void *cluster, const char *pool, void **ioctx);
	int (*unwatch)(void *ioctx);
	int (*open)(void *ioctx, void **image);
	int (*flush)(void *image);
	int (*close)(void *image);
	void (*shutdown)(void *cluster);
	int (*execute)(void); /* how many arrived at the copy that it is linked with */
	int (*send)(void);    /* the same of libceph-common; -1: it has none */
};
extern const struct copy_plugin copy_plugin;

#endif
