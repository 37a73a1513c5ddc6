/* SPDX-License-Identifier: MIT */
/* The same as shim_surface_snap.c through librbd's C++ API, as the rbd command uses it. */
#include "shim_surface.h"

#include <cerrno>
#include <rados/librados.hpp>
#include <rbd/librbd.hpp>
#include <string>
#include <vector>

static librbd::RBD rbd;
static librados::IoCtx ioctx;
static const char *name;
static std::string group;

/* With a member of its own, at which librbd must not look. */
struct Progress : librbd::ProgressContext {
	int calls = 0;
	int update_progress(uint64_t offset, uint64_t total) override
	{
		MUST(offset <= total);
		calls++;
		return 0;
	}
};

#define CALL(op, snap, wanted, call) MUST_SNAP(op, snap, name, wanted, call)

static void of_an_image()
{
	librbd::Image image;
	Progress progress;
	std::vector<librbd::snap_info_t> snaps;

	MUST(rbd.open(ioctx, image, name) == 0);
	CALL("create", "one", 0, image.snap_create("one"));
	CALL("create", "one", -EEXIST, image.snap_create("one"));
#if CEPH_MAJOR >= 16
	CALL("create", "two", 0, image.snap_create2("two", RBD_SNAP_CREATE_SKIP_QUIESCE, progress));
#else
	CALL("create", "two", 0, image.snap_create("two"));
#endif
	CALL("rename", "two", 0, image.snap_rename("two", "a new name"));
	CALL("rename", "two", -ENOENT, image.snap_rename("two", "a new name"));
	CALL("protect", "one", 0, image.snap_protect("one"));
	CALL("remove", "one", -EBUSY, image.snap_remove("one"));
	CALL("unprotect", "one", 0, image.snap_unprotect("one"));
	CALL("unprotect", "one", -EINVAL, image.snap_unprotect("one"));
	CALL("rollback", "one", 0, image.snap_rollback("one"));
	progress.calls = 0;
	CALL("rollback", "a new name", 0, image.snap_rollback_with_progress("a new name", progress));
	MUST(progress.calls > 0);
	CALL("remove", "one", 0, image.snap_remove("one"));
	CALL("remove", "a new name", 0, image.snap_remove2("a new name", RBD_SNAP_REMOVE_UNPROTECT, progress));
	CALL("create", "three", 0, image.snap_create("three"));
	MUST(image.snap_list(snaps) == 0 && snaps.size() == 1);
	CALL("remove", "three", 0, image.snap_remove_by_id(snaps[0].id));
	MUST(image.snap_remove_by_id(4711) == -ENOENT);
	expect_snapshot("remove", "#4711", name, -ENOENT);
}

static void group_call(const char *op, const std::string &snap, int result)
{
	expect_snapshot(op, (group + "@" + snap).c_str(), "", result);
}

static void of_a_group()
{
	Progress progress;

	group = std::string("group-of-") + name;
	const char *g = group.c_str();
	MUST(rbd.group_create(ioctx, g) == 0 && rbd.group_image_add(ioctx, g, ioctx, name) == 0);
	MUST(rbd.group_snap_create(ioctx, g, "one") == 0);
	group_call("create", "one", 0);
#if CEPH_MAJOR >= 16
	MUST(rbd.group_snap_create2(ioctx, g, "two", RBD_SNAP_CREATE_SKIP_QUIESCE) == 0);
#else
	MUST(rbd.group_snap_create(ioctx, g, "two") == 0);
#endif
	group_call("create", "two", 0);
	MUST(rbd.group_snap_rename(ioctx, g, "two", "a new name") == 0);
	group_call("rename", "two", 0);
	MUST(rbd.group_snap_rollback(ioctx, g, "one") == 0);
	group_call("rollback", "one", 0);
	MUST(rbd.group_snap_rollback_with_progress(ioctx, g, "a new name", progress) == 0 && progress.calls > 0);
	group_call("rollback", "a new name", 0);
	MUST(rbd.group_snap_remove(ioctx, g, "one") == 0);
	group_call("remove", "one", 0);
	MUST(rbd.group_snap_remove(ioctx, g, "one") == -ENOENT);
	group_call("remove", "one", -ENOENT);
	MUST(rbd.group_snap_remove(ioctx, g, "a new name") == 0);
	group_call("remove", "a new name", 0);
	MUST(rbd.group_remove(ioctx, g) == 0);
}

int main(int argc, char **argv)
{
	librados::Rados cluster;

	MUST(argc == 3);
	name = argv[2];
	MUST(cluster.init("admin") == 0 && cluster.conf_read_file(nullptr) == 0 && cluster.connect() == 0);
	MUST(cluster.ioctx_create(argv[1], ioctx) == 0);
	of_an_image();
	of_a_group();
	return 0;
}
