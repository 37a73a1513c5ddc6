/* SPDX-License-Identifier: MIT */
/* Loads librados and librbd, opens an image, writes to it, closes it and unloads both, five times. usage: unloaded POOL IMAGE */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static void *symbol(void *library, const char *name)
{
	void *found = dlsym(library, name);

	if (!found) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	return found;
}
/* As a program that links neither does: by name. What the linker would have found first is asked first. */
#define CALL(library, name, type) ((type)(dlsym(RTLD_DEFAULT, #name) ?: symbol(library, #name)))

int main(int argc, char **argv)
{
	char block[4096];

	if (argc < 3)
		return 2;
	memset(block, 'u', sizeof block);
	for (int turn = 0; turn < 5; turn++) {
		void *rados = dlopen("librados.so.2", RTLD_NOW | RTLD_LOCAL), *rbd = dlopen("librbd.so.1", RTLD_NOW | RTLD_LOCAL);
		void *cluster, *ioctx, *image;

		if (!rados || !rbd) {
			fprintf(stderr, "%s\n", dlerror());
			return 1;
		}
		if (CALL(rados, rados_create, int (*)(void **, const char *))(&cluster, NULL) ||
		    CALL(rados, rados_conf_read_file, int (*)(void *, const char *))(cluster, NULL) ||
		    CALL(rados, rados_connect, int (*)(void *))(cluster) ||
		    CALL(rados, rados_ioctx_create, int (*)(void *, const char *, void **))(cluster, argv[1], &ioctx) ||
		    CALL(rbd, rbd_open, int (*)(void *, const char *, void **, const char *))(ioctx, argv[2], &image, NULL))
			return 1;
		if (CALL(rbd, rbd_write, ssize_t(*)(void *, uint64_t, size_t, const char *))(image, 0, sizeof block, block) !=
		            sizeof block ||
		    CALL(rbd, rbd_close, int (*)(void *))(image))
			return 1;
		CALL(rados, rados_ioctx_destroy, void (*)(void *))(ioctx);
		CALL(rados, rados_shutdown, void (*)(void *))(cluster);
		dlclose(rbd);
		dlclose(rados);
	}
	return 0;
}
