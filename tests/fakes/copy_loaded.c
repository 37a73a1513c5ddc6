/* SPDX-License-Identifier: MIT */
/*
 * Uses librados and librbd while the dynamic linker holds its lock: a plugin whose destructor closes the image that its
 * constructor has opened, or, built with LATER, that its begin() has. With HOST, who loads all plugins that are named, calls
 * their begin(), and unloads the first one.
 */
#ifdef HOST
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	void *first = NULL;

	for (int i = 1; i < argc; i++) {
		void *plugin = dlopen(argv[i], RTLD_NOW);
		void (*begin)(void) = plugin ? (void (*)(void))dlsym(plugin, "begin") : NULL;

		if (!plugin)
			return puts(dlerror()), 1;
		if (begin)
			begin();
		if (!first)
			first = plugin;
	}
	puts("loaded");
	fflush(stdout);
	dlclose(first);
	puts("unloaded");
	return 0;
}
#else
#include <stddef.h>

int rados_create(void **cluster, const char *id);
int rados_connect(void *cluster);
void rados_shutdown(void *cluster);
int rados_ioctx_create(void *cluster, const char *pool, void **ioctx);
int rbd_open(void *ioctx, const char *name, void **image, const char *snap);
int rbd_close(void *image);

static void *cluster, *ioctx, *image;

#ifndef LATER
__attribute__((constructor))
#endif
void begin(void);
void begin(void)
{
	if (image)
		return;
	rados_create(&cluster, "admin");
	rados_connect(cluster);
	rados_ioctx_create(cluster, "rbd", &ioctx);
	rbd_open(ioctx, "disk", &image, NULL);
}

__attribute__((destructor)) static void end(void)
{
	rbd_close(image);
	rados_shutdown(cluster);
}
#endif
