/* SPDX-License-Identifier: MIT */
/* The snapshot calls of librbd's C++ API, which is that of `rbd`. The first word of a librbd::Image is its rbd_image_t,
 * that of a librados::IoCtx its rados_ioctx_t; a ProgressContext& is passed on as it is. */
#include "base/hook.h"
#include "follow/snapshot.h"

#include <errno.h>

FL_EXPORT int Image_snap_create(void **self, const char *snap) __asm__("_ZN6librbd5Image11snap_createEPKc");
FL_EXPORT int Image_snap_create2(void **self, const char *snap, uint32_t flags,
                                 void *progress) __asm__("_ZN6librbd5Image12snap_create2EPKcjRNS_15ProgressContextE");
FL_EXPORT int Image_snap_remove(void **self, const char *snap) __asm__("_ZN6librbd5Image11snap_removeEPKc");
FL_EXPORT int Image_snap_remove2(void **self, const char *snap, uint32_t flags,
                                 void *progress) __asm__("_ZN6librbd5Image12snap_remove2EPKcjRNS_15ProgressContextE");
FL_EXPORT int Image_snap_remove_by_id(void **self, uint64_t snap_id) __asm__("_ZN6librbd5Image17snap_remove_by_idEm");
FL_EXPORT int Image_snap_rename(void **self, const char *snap,
                                const char *new_name) __asm__("_ZN6librbd5Image11snap_renameEPKcS2_");
FL_EXPORT int Image_snap_protect(void **self, const char *snap) __asm__("_ZN6librbd5Image12snap_protectEPKc");
FL_EXPORT int Image_snap_unprotect(void **self, const char *snap) __asm__("_ZN6librbd5Image14snap_unprotectEPKc");
FL_EXPORT int Image_snap_rollback(void **self, const char *snap) __asm__("_ZN6librbd5Image13snap_rollbackEPKc");
FL_EXPORT int Image_snap_rollback_with_progress(void **self, const char *snap, void *progress) __asm__(
        "_ZN6librbd5Image27snap_rollback_with_progressEPKcRNS_15ProgressContextE");
FL_EXPORT int
RBD_group_snap_create(void *self, void **ioctx, const char *group,
                      const char *snap) __asm__("_ZN6librbd3RBD17group_snap_createERN8librados7v14_2_05IoCtxEPKcS6_");
FL_EXPORT int
RBD_group_snap_create2(void *self, void **ioctx, const char *group, const char *snap,
                       uint32_t flags) __asm__("_ZN6librbd3RBD18group_snap_create2ERN8librados7v14_2_05IoCtxEPKcS6_j");
FL_EXPORT int
RBD_group_snap_remove(void *self, void **ioctx, const char *group,
                      const char *snap) __asm__("_ZN6librbd3RBD17group_snap_removeERN8librados7v14_2_05IoCtxEPKcS6_");
FL_EXPORT int
RBD_group_snap_rename(void *self, void **ioctx, const char *group, const char *snap,
                      const char *new_name) __asm__("_ZN6librbd3RBD17group_snap_renameERN8librados7v14_2_05IoCtxEPKcS6_S6_");
FL_EXPORT int
RBD_group_snap_rollback(void *self, void **ioctx, const char *group,
                        const char *snap) __asm__("_ZN6librbd3RBD19group_snap_rollbackERN8librados7v14_2_05IoCtxEPKcS6_");
FL_EXPORT int
RBD_group_snap_rollback_with_progress(void *self, void **ioctx, const char *group, const char *snap, void *progress) __asm__(
        "_ZN6librbd3RBD33group_snap_rollback_with_progressERN8librados7v14_2_05IoCtxEPKcS6_RNS_15ProgressContextE");

int Image_snap_create(void **self, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_create, -ENOSYS, self, snap);
	snapshot_begin(&call, *self, "create", snap);
	int result = real(self, snap);
	snapshot_end(&call, result);
	return result;
}

int Image_snap_create2(void **self, const char *snap, uint32_t flags, void *progress)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_create2, -ENOSYS, self, snap, flags, progress);
	snapshot_begin(&call, *self, "create", snap);
	int result = real(self, snap, flags, progress);
	snapshot_end(&call, result);
	return result;
}

int Image_snap_remove(void **self, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_remove, -ENOSYS, self, snap);
	snapshot_begin(&call, *self, "remove", snap);
	int result = real(self, snap);
	snapshot_end(&call, result);
	return result;
}

int Image_snap_remove2(void **self, const char *snap, uint32_t flags, void *progress)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_remove2, -ENOSYS, self, snap, flags, progress);
	snapshot_begin(&call, *self, "remove", snap);
	int result = real(self, snap, flags, progress);
	snapshot_end(&call, result);
	return result;
}

int Image_snap_remove_by_id(void **self, uint64_t snap_id)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_remove_by_id, -ENOSYS, self, snap_id);
	snapshot_begin_by_id(&call, *self, "remove", snap_id);
	int result = real(self, snap_id);
	snapshot_end(&call, result);
	return result;
}

int Image_snap_rename(void **self, const char *snap, const char *new_name)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_rename, -ENOSYS, self, snap, new_name);
	snapshot_begin(&call, *self, "rename", snap);
	int result = real(self, snap, new_name);
	snapshot_end(&call, result);
	return result;
}

int Image_snap_protect(void **self, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_protect, -ENOSYS, self, snap);
	snapshot_begin(&call, *self, "protect", snap);
	int result = real(self, snap);
	snapshot_end(&call, result);
	return result;
}

int Image_snap_unprotect(void **self, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_unprotect, -ENOSYS, self, snap);
	snapshot_begin(&call, *self, "unprotect", snap);
	int result = real(self, snap);
	snapshot_end(&call, result);
	return result;
}

int Image_snap_rollback(void **self, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_rollback, -ENOSYS, self, snap);
	snapshot_begin(&call, *self, "rollback", snap);
	int result = real(self, snap);
	snapshot_end(&call, result);
	return result;
}

int Image_snap_rollback_with_progress(void **self, const char *snap, void *progress)
{
	struct snapshot_call call;

	REAL_OR_RETURN(Image_snap_rollback_with_progress, -ENOSYS, self, snap, progress);
	snapshot_begin(&call, *self, "rollback", snap);
	int result = real(self, snap, progress);
	snapshot_end(&call, result);
	return result;
}

/* ---- snapshots of a group of images ---- */

int RBD_group_snap_create(void *self, void **ioctx, const char *group, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(RBD_group_snap_create, -ENOSYS, self, ioctx, group, snap);
	snapshot_begin_group(&call, *ioctx, "create", group, snap);
	int result = real(self, ioctx, group, snap);
	snapshot_end(&call, result);
	return result;
}

int RBD_group_snap_create2(void *self, void **ioctx, const char *group, const char *snap, uint32_t flags)
{
	struct snapshot_call call;

	REAL_OR_RETURN(RBD_group_snap_create2, -ENOSYS, self, ioctx, group, snap, flags);
	snapshot_begin_group(&call, *ioctx, "create", group, snap);
	int result = real(self, ioctx, group, snap, flags);
	snapshot_end(&call, result);
	return result;
}

int RBD_group_snap_remove(void *self, void **ioctx, const char *group, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(RBD_group_snap_remove, -ENOSYS, self, ioctx, group, snap);
	snapshot_begin_group(&call, *ioctx, "remove", group, snap);
	int result = real(self, ioctx, group, snap);
	snapshot_end(&call, result);
	return result;
}

int RBD_group_snap_rename(void *self, void **ioctx, const char *group, const char *snap, const char *new_name)
{
	struct snapshot_call call;

	REAL_OR_RETURN(RBD_group_snap_rename, -ENOSYS, self, ioctx, group, snap, new_name);
	snapshot_begin_group(&call, *ioctx, "rename", group, snap);
	int result = real(self, ioctx, group, snap, new_name);
	snapshot_end(&call, result);
	return result;
}

int RBD_group_snap_rollback(void *self, void **ioctx, const char *group, const char *snap)
{
	struct snapshot_call call;

	REAL_OR_RETURN(RBD_group_snap_rollback, -ENOSYS, self, ioctx, group, snap);
	snapshot_begin_group(&call, *ioctx, "rollback", group, snap);
	int result = real(self, ioctx, group, snap);
	snapshot_end(&call, result);
	return result;
}

int RBD_group_snap_rollback_with_progress(void *self, void **ioctx, const char *group, const char *snap, void *progress)
{
	struct snapshot_call call;

	REAL_OR_RETURN(RBD_group_snap_rollback_with_progress, -ENOSYS, self, ioctx, group, snap, progress);
	snapshot_begin_group(&call, *ioctx, "rollback", group, snap);
	int result = real(self, ioctx, group, snap, progress);
	snapshot_end(&call, result);
	return result;
}
