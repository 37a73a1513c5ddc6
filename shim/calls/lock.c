/* SPDX-License-Identifier: MIT */
/* break_lock and lock_break of librbd's API, C and C++. */
#include "base/hook.h"
#include "follow/lock_break.h"

#include <errno.h>

/* ---- the C API ---- */

FL_EXPORT int rbd_break_lock(void *image, const char *client, const char *cookie);
FL_EXPORT int rbd_lock_break(void *image, int lock_mode, const char *lock_owner);

int rbd_break_lock(void *image, const char *client, const char *cookie)
{
	struct lock_break call;

	REAL_OR_RETURN(rbd_break_lock, -ENOSYS, image, client, cookie);
	lock_break_begin(&call, HOOK_rbd_break_lock, "rbd_break_lock", image, client, cookie);
	int result = real(image, client, cookie);
	lock_break_end(&call, result);
	return result;
}

int rbd_lock_break(void *image, int lock_mode, const char *lock_owner)
{
	struct lock_break call;

	REAL_OR_RETURN(rbd_lock_break, -ENOSYS, image, lock_mode, lock_owner);
	lock_break_begin(&call, HOOK_rbd_lock_break, "rbd_lock_break", image, lock_owner, NULL);
	int result = real(image, lock_mode, lock_owner);
	lock_break_end(&call, result);
	return result;
}

/* ---- the C++ API: a std::string begins with the pointer to its text ---- */

FL_EXPORT int Image_break_lock(void **self, const char *const *client, const char *const *cookie) __asm__(
        "_ZN6librbd5Image10break_lockERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEES8_");
FL_EXPORT int Image_lock_break(void **self, int lock_mode, const char *const *lock_owner) __asm__(
        "_ZN6librbd5Image10lock_breakE15rbd_lock_mode_tRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE");

int Image_break_lock(void **self, const char *const *client, const char *const *cookie)
{
	struct lock_break call;

	REAL_OR_RETURN(Image_break_lock, -ENOSYS, self, client, cookie);
	lock_break_begin(&call, HOOK_Image_break_lock, "librbd::Image::break_lock", *self, *client, *cookie);
	int result = real(self, client, cookie);
	lock_break_end(&call, result);
	return result;
}

int Image_lock_break(void **self, int lock_mode, const char *const *lock_owner)
{
	struct lock_break call;

	REAL_OR_RETURN(Image_lock_break, -ENOSYS, self, lock_mode, lock_owner);
	lock_break_begin(&call, HOOK_Image_lock_break, "librbd::Image::lock_break", *self, *lock_owner, NULL);
	int result = real(self, lock_mode, lock_owner);
	lock_break_end(&call, result);
	return result;
}
