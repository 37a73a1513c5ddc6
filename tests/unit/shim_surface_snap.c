/* SPDX-License-Identifier: MIT */
/*
 * Every snapshot call of librbd's C API, of an image and of a group of images, on a real cluster. Prints the events that this
 * must leave. Exits with 1, and says why, if librbd does not do what it does without a shim. usage: surface_snap POOL IMAGE
 */
#include "shim_surface.h"

#include <errno.h>
#include <rados/librados.h>
#include <rbd/librbd.h>
#include <string.h>

static rados_ioctx_t ioctx;
static rbd_image_t image;
static const char *name;
static char group[64];

static int progress(uint64_t offset, uint64_t total, void *arg)
{
	MUST(offset <= total);
	++*(int *)arg;
	return 0;
}

#define CALL(op, snap, wanted, call) MUST_SNAP(op, snap, name, wanted, call)

static void of_an_image(void)
{
	rbd_snap_info_t snaps[4];
	int calls = 0, count = 4;

	CALL("create", "one", 0, rbd_snap_create(image, "one"));
	CALL("create", "one", -EEXIST, rbd_snap_create(image, "one"));
#if CEPH_MAJOR >= 16
	CALL("create", "two", 0, rbd_snap_create2(image, "two", RBD_SNAP_CREATE_SKIP_QUIESCE, progress, &calls));
#else
	CALL("create", "two", 0, rbd_snap_create(image, "two"));
#endif
	CALL("rename", "two", 0, rbd_snap_rename(image, "two", "a new name"));
	CALL("rename", "two", -ENOENT, rbd_snap_rename(image, "two", "a new name"));
	CALL("protect", "one", 0, rbd_snap_protect(image, "one"));
	CALL("remove", "one", -EBUSY, rbd_snap_remove(image, "one"));
	CALL("unprotect", "one", 0, rbd_snap_unprotect(image, "one"));
	CALL("unprotect", "one", -EINVAL, rbd_snap_unprotect(image, "one"));
	CALL("rollback", "one", 0, rbd_snap_rollback(image, "one"));
	calls = 0;
	CALL("rollback", "a new name", 0, rbd_snap_rollback_with_progress(image, "a new name", progress, &calls));
	MUST(calls > 0);
	CALL("remove", "one", 0, rbd_snap_remove(image, "one"));
	CALL("remove", "a new name", 0, rbd_snap_remove2(image, "a new name", RBD_SNAP_REMOVE_UNPROTECT, progress, &calls));
	CALL("create", "three", 0, rbd_snap_create(image, "three"));
	MUST(rbd_snap_list(image, snaps, &count) == 1);
	CALL("remove", "three", 0, rbd_snap_remove_by_id(image, snaps[0].id));
	rbd_snap_list_end(snaps);
	MUST(rbd_snap_remove_by_id(image, 4711) == -ENOENT);
	expect_snapshot("remove", "#4711", name, -ENOENT);
}

static void group_call(const char *op, const char *snap, int result)
{
	char text[128];

	snprintf(text, sizeof text, "%s@%s", group, snap);
	expect_snapshot(op, text, "", result);
}

static void of_a_group(void)
{
	int calls = 0;

	snprintf(group, sizeof group, "group-of-%s", name);
	MUST(rbd_group_create(ioctx, group) == 0 && rbd_group_image_add(ioctx, group, ioctx, name) == 0);
	MUST(rbd_group_snap_create(ioctx, group, "one") == 0);
	group_call("create", "one", 0);
#if CEPH_MAJOR >= 16
	MUST(rbd_group_snap_create2(ioctx, group, "two", RBD_SNAP_CREATE_SKIP_QUIESCE) == 0);
#else
	MUST(rbd_group_snap_create(ioctx, group, "two") == 0);
#endif
	group_call("create", "two", 0);
	MUST(rbd_group_snap_rename(ioctx, group, "two", "a new name") == 0);
	group_call("rename", "two", 0);
	MUST(rbd_group_snap_rollback(ioctx, group, "one") == 0);
	group_call("rollback", "one", 0);
	MUST(rbd_group_snap_rollback_with_progress(ioctx, group, "a new name", progress, &calls) == 0 && calls > 0);
	group_call("rollback", "a new name", 0);
	MUST(rbd_group_snap_remove(ioctx, group, "one") == 0);
	group_call("remove", "one", 0);
	MUST(rbd_group_snap_remove(ioctx, group, "one") == -ENOENT);
	group_call("remove", "one", -ENOENT);
	MUST(rbd_group_snap_remove(ioctx, group, "a new name") == 0);
	group_call("remove", "a new name", 0);
	MUST(rbd_group_remove(ioctx, group) == 0);
}

int main(int argc, char **argv)
{
	rados_t cluster;

	MUST(argc == 3);
	name = argv[2];
	MUST(rados_create(&cluster, NULL) == 0 && rados_conf_read_file(cluster, NULL) == 0 && rados_connect(cluster) == 0);
	MUST(rados_ioctx_create(cluster, argv[1], &ioctx) == 0 && rbd_open(ioctx, name, &image, NULL) == 0);
	of_an_image();
	MUST(rbd_close(image) == 0);
	of_a_group();
	rados_ioctx_destroy(ioctx);
	rados_shutdown(cluster);
	return 0;
}
