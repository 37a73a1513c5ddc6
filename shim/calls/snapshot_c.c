/* SPDX-License-Identifier: MIT */
/* The snapshot calls of librbd's C API, which is also python-rbd's, and so cinder's. */
#include "base/hook.h"
#include "follow/snapshot.h"

#include <errno.h>

typedef int (*progress_fn)(uint64_t offset, uint64_t total, void *arg);

FL_EXPORT int rbd_snap_create(void *image, const char *snap);
FL_EXPORT int rbd_snap_create2(void *image, const char *snap, uint32_t flags, progress_fn progress, void *arg);
FL_EXPORT int rbd_snap_remove(void *image, const char *snap);
FL_EXPORT int rbd_snap_remove2(void *image, const char *snap, uint32_t flags, progress_fn progress, void *arg);
FL_EXPORT int rbd_snap_remove_by_id(void *image, uint64_t snap_id);
FL_EXPORT int rbd_snap_rename(void *image, const char *snap, const char *new_name);
FL_EXPORT int rbd_snap_protect(void *image, const char *snap);
FL_EXPORT int rbd_snap_unprotect(void *image, const char *snap);
FL_EXPORT int rbd_snap_rollback(void *image, const char *snap);
FL_EXPORT int rbd_snap_rollback_with_progress(void *image, const char *snap, progress_fn progress, void *arg);
FL_EXPORT int rbd_group_snap_create(void *ioctx, const char *group, const char *snap);
FL_EXPORT int rbd_group_snap_create2(void *ioctx, const char *group, const char *snap, uint32_t flags);
FL_EXPORT int rbd_group_snap_remove(void *ioctx, const char *group, const char *snap);
FL_EXPORT int rbd_group_snap_rename(void *ioctx, const char *group, const char *snap, const char *new_name);
FL_EXPORT int rbd_group_snap_rollback(void *ioctx, const char *group, const char *snap);
FL_EXPORT int rbd_group_snap_rollback_with_progress(void *ioctx, const char *group, const char *snap, progress_fn progress,
                                                    void *arg);

int rbd_snap_create(void *image, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_create, -ENOSYS, image, snap);
	snapshot_begin(&call, image, "create", snap);
	int result = real(image, snap);
	snapshot_end(&call, result);
	return result;
}

int rbd_snap_create2(void *image, const char *snap, uint32_t flags, progress_fn progress, void *arg)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_create2, -ENOSYS, image, snap, flags, progress, arg);
	snapshot_begin(&call, image, "create", snap);
	int result = real(image, snap, flags, progress, arg);
	snapshot_end(&call, result);
	return result;
}

int rbd_snap_remove(void *image, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_remove, -ENOSYS, image, snap);
	snapshot_begin(&call, image, "remove", snap);
	int result = real(image, snap);
	snapshot_end(&call, result);
	return result;
}

int rbd_snap_remove2(void *image, const char *snap, uint32_t flags, progress_fn progress, void *arg)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_remove2, -ENOSYS, image, snap, flags, progress, arg);
	snapshot_begin(&call, image, "remove", snap);
	int result = real(image, snap, flags, progress, arg);
	snapshot_end(&call, result);
	return result;
}

int rbd_snap_remove_by_id(void *image, uint64_t snap_id)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_remove_by_id, -ENOSYS, image, snap_id);
	snapshot_begin_by_id(&call, image, "remove", snap_id);
	int result = real(image, snap_id);
	snapshot_end(&call, result);
	return result;
}

int rbd_snap_rename(void *image, const char *snap, const char *new_name)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_rename, -ENOSYS, image, snap, new_name);
	snapshot_begin(&call, image, "rename", snap);
	int result = real(image, snap, new_name);
	snapshot_end(&call, result);
	return result;
}

int rbd_snap_protect(void *image, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_protect, -ENOSYS, image, snap);
	snapshot_begin(&call, image, "protect", snap);
	int result = real(image, snap);
	snapshot_end(&call, result);
	return result;
}

int rbd_snap_unprotect(void *image, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_unprotect, -ENOSYS, image, snap);
	snapshot_begin(&call, image, "unprotect", snap);
	int result = real(image, snap);
	snapshot_end(&call, result);
	return result;
}

int rbd_snap_rollback(void *image, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_rollback, -ENOSYS, image, snap);
	snapshot_begin(&call, image, "rollback", snap);
	int result = real(image, snap);
	snapshot_end(&call, result);
	return result;
}

int rbd_snap_rollback_with_progress(void *image, const char *snap, progress_fn progress, void *arg)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_snap_rollback_with_progress, -ENOSYS, image, snap, progress, arg);
	snapshot_begin(&call, image, "rollback", snap);
	int result = real(image, snap, progress, arg);
	snapshot_end(&call, result);
	return result;
}

/* ---- snapshots of a group of images ---- */

int rbd_group_snap_create(void *ioctx, const char *group, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_group_snap_create, -ENOSYS, ioctx, group, snap);
	snapshot_begin_group(&call, ioctx, "create", group, snap);
	int result = real(ioctx, group, snap);
	snapshot_end(&call, result);
	return result;
}

int rbd_group_snap_create2(void *ioctx, const char *group, const char *snap, uint32_t flags)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_group_snap_create2, -ENOSYS, ioctx, group, snap, flags);
	snapshot_begin_group(&call, ioctx, "create", group, snap);
	int result = real(ioctx, group, snap, flags);
	snapshot_end(&call, result);
	return result;
}

int rbd_group_snap_remove(void *ioctx, const char *group, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_group_snap_remove, -ENOSYS, ioctx, group, snap);
	snapshot_begin_group(&call, ioctx, "remove", group, snap);
	int result = real(ioctx, group, snap);
	snapshot_end(&call, result);
	return result;
}

int rbd_group_snap_rename(void *ioctx, const char *group, const char *snap, const char *new_name)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_group_snap_rename, -ENOSYS, ioctx, group, snap, new_name);
	snapshot_begin_group(&call, ioctx, "rename", group, snap);
	int result = real(ioctx, group, snap, new_name);
	snapshot_end(&call, result);
	return result;
}

int rbd_group_snap_rollback(void *ioctx, const char *group, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_group_snap_rollback, -ENOSYS, ioctx, group, snap);
	snapshot_begin_group(&call, ioctx, "rollback", group, snap);
	int result = real(ioctx, group, snap);
	snapshot_end(&call, result);
	return result;
}

int rbd_group_snap_rollback_with_progress(void *ioctx, const char *group, const char *snap, progress_fn progress, void *arg)
{
	struct snapshot_call call;

	REAL_OR_RETURN(rbd_group_snap_rollback_with_progress, -ENOSYS, ioctx, group, snap, progress, arg);
	snapshot_begin_group(&call, ioctx, "rollback", group, snap);
	int result = real(ioctx, group, snap, progress, arg);
	snapshot_end(&call, result);
	return result;
}
