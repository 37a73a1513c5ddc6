/* SPDX-License-Identifier: MIT */
/* librados' own calls that blocklist: blacklist_add (its name up to Ceph 15, kept in C) and blocklist_add, C and C++. */
#include "follow/blocklist.h"
#include "base/hook.h"
#include "base/peek.h"

#include <errno.h>
#include <string.h>

static void begin(struct blocklist_action *action, void *cluster, const char *address, size_t length, uint32_t expire_s,
                  const char *call, const void *caller)
{
	struct blocklist_command command;

	*action = (struct blocklist_action){ 0 };
	if (!blocklist_wanted())
		return;
	blocklist_command_add(&command, address, length, expire_s);
	blocklist_begin(action, &command, FL_ENTRY_BLOCKLIST_API, call, client_of_cluster(cluster), caller);
}

/* ---- the C API ---- */

FL_EXPORT int rados_blacklist_add(void *cluster, char *address, uint32_t expire_s);
FL_EXPORT int rados_blocklist_add(void *cluster, char *address, uint32_t expire_s);

int rados_blacklist_add(void *cluster, char *address, uint32_t expire_s)
{
	struct blocklist_action action;

	REAL_OR_RETURN(rados_blacklist_add, -ENOSYS, cluster, address, expire_s);
	begin(&action, cluster, address, strlen(address), expire_s, "rados_blacklist_add", __builtin_return_address(0));
	int result = real(cluster, address, expire_s);
	blocklist_end(&action, result);
	return result;
}

int rados_blocklist_add(void *cluster, char *address, uint32_t expire_s)
{
	struct blocklist_action action;

	REAL_OR_RETURN(rados_blocklist_add, -ENOSYS, cluster, address, expire_s);
	begin(&action, cluster, address, strlen(address), expire_s, "rados_blocklist_add", __builtin_return_address(0));
	int result = real(cluster, address, expire_s);
	blocklist_end(&action, result);
	return result;
}

/* ---- the C++ API, which is also librbd's way on Ceph 14 and in its break_lock ---- */

FL_EXPORT int Rados_blacklist_add(void **self, const struct std_string *address, uint32_t expire_s) __asm__(
        "_ZN8librados7v14_2_05Rados13blacklist_addERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEj");
FL_EXPORT int Rados_blocklist_add(void **self, const struct std_string *address, uint32_t expire_s) __asm__(
        "_ZN8librados7v14_2_05Rados13blocklist_addERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEj");

int Rados_blacklist_add(void **self, const struct std_string *address, uint32_t expire_s)
{
	struct blocklist_action action;

	REAL_OR_RETURN(Rados_blacklist_add, -ENOSYS, self, address, expire_s);
	begin(&action, *self, address->text, address->length, expire_s, "librados::Rados::blacklist_add",
	      __builtin_return_address(0));
	int result = real(self, address, expire_s);
	blocklist_end(&action, result);
	return result;
}

int Rados_blocklist_add(void **self, const struct std_string *address, uint32_t expire_s)
{
	struct blocklist_action action;

	REAL_OR_RETURN(Rados_blocklist_add, -ENOSYS, self, address, expire_s);
	begin(&action, *self, address->text, address->length, expire_s, "librados::Rados::blocklist_add",
	      __builtin_return_address(0));
	int result = real(self, address, expire_s);
	blocklist_end(&action, result);
	return result;
}
