/* SPDX-License-Identifier: MIT */
/* The calls of librados' and librbd's C API that fence somebody: shim_fence_calls CALL ADDRESS|IMAGE, as client.admin or
 * FENCE_USER. Exits with 0 if the call succeeded. Built with -DFENCE_VERB=blacklist where Ceph is older than 16. */
#include <errno.h>
#include <rados/librados.h>
#include <rbd/librbd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASTE(a, b, c)   a##b##c
#define VERB(a, verb, c) PASTE(a, verb, c)
#define QUOTE(verb)      #verb
#define TEXT(verb)       QUOTE(verb)

/* To any monitor, or to the one that FENCE_MON names. */
static int mon_command(rados_t cluster, const char *address, const char *monitor)
{
	char *out = NULL, *status = NULL;
	const char *command[] = { "{ \"expire\" :\t60.0, \"addr\":\"", address, "\", \"prefix\" :\"osd " TEXT(FENCE_VERB) "\", ",
		                  "\"" TEXT(FENCE_VERB) "op\":\"add\"}" };
	size_t out_length, status_length;

	if (monitor)
		return rados_mon_command_target(cluster, monitor, command, 4, "", 0, &out, &out_length, &status, &status_length);
	return rados_mon_command(cluster, command, 4, "", 0, &out, &out_length, &status, &status_length);
}

/* The owner of the exclusive lock is broken as librbd names it. */
static int lock_break(rbd_image_t image)
{
	rbd_lock_mode_t mode;
	char *owners[1];
	size_t count = 1;
	int result = rbd_lock_get_owners(image, &mode, owners, &count);

	return result < 0 ? result : rbd_lock_break(image, mode, owners[0]);
}

static int break_lock(rbd_image_t image)
{
	char tag[128], clients[256], cookies[256], addresses[256];
	size_t tag_length = sizeof tag, clients_length = sizeof clients, cookies_length = sizeof cookies,
	       addresses_length = sizeof addresses;
	int exclusive;
	ssize_t lockers = rbd_list_lockers(image, &exclusive, tag, &tag_length, clients, &clients_length, cookies,
	                                   &cookies_length, addresses, &addresses_length);

	return lockers != 1 ? -ENOENT : rbd_break_lock(image, clients, cookies);
}

static int on_image(rados_t cluster, const char *name, int (*call)(rbd_image_t))
{
	const char *pool = getenv("FENCE_POOL");
	rados_ioctx_t ioctx;
	rbd_image_t image;
	int result = rados_ioctx_create(cluster, pool ? pool : "rbd", &ioctx);

	if (result < 0)
		return result;
	result = rbd_open(ioctx, name, &image, NULL);
	if (result == 0) {
		result = call(image);
		rbd_close(image);
	}
	rados_ioctx_destroy(ioctx);
	return result;
}

static int run(rados_t cluster, const char *call, char *what)
{
	if (!strcmp(call, TEXT(FENCE_VERB) "_add"))
		return VERB(rados_, FENCE_VERB, _add)(cluster, what, 60);
	if (!strcmp(call, "blacklist_add"))
		return rados_blacklist_add(cluster, what, 0);
	if (!strcmp(call, "mon_command"))
		return mon_command(cluster, what, NULL);
	if (!strcmp(call, "mon_command_target"))
		return mon_command(cluster, what, getenv("FENCE_MON"));
	if (!strcmp(call, "lock_break"))
		return on_image(cluster, what, lock_break);
	if (!strcmp(call, "break_lock"))
		return on_image(cluster, what, break_lock);
	return -EINVAL;
}

int main(int argc, char **argv)
{
	rados_t cluster;
	int result;

	if (argc != 3 || rados_create(&cluster, getenv("FENCE_USER")) < 0)
		return 2;
	rados_conf_read_file(cluster, NULL);
	result = rados_connect(cluster);
	if (result == 0)
		result = run(cluster, argv[1], argv[2]);
	rados_shutdown(cluster);
	if (result < 0)
		fprintf(stderr, "%s %s: %s\n", argv[1], argv[2], strerror(-result));
	return result < 0;
}
