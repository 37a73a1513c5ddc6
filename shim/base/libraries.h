/* SPDX-License-Identifier: MIT */
/*
 * Ceph's libraries in this process. Mostly there is one of each, under Debian's soname; a wheel or a vendor may have renamed
 * them, a plugin may hold librbd statically and export it, and there may be several copies: then a handle belongs to the copy
 * that made it.
 *
 * Any thread, but no signal handler; errno is preserved where it says so.
 */
#ifndef FENCELINE_SHIM_LIBRARIES_H
#define FENCELINE_SHIM_LIBRARIES_H

#include "objects.h"

#include <stdatomic.h>
#include <stdbool.h>

#define CEPH_VERSION_SYMBOL "_Z19ceph_version_to_strv" /* ceph_version_to_str() of libceph-common, in all of 14 to 20 */

enum hook_library { LIB_RBD, LIB_RADOS, LIB_CEPH_COMMON, LIB_C, LIB_COUNT };

#define COPIES_MAX 8 /* of one library; those beyond are called all the same, but the shim asks them nothing */

/* What a call of `symbol` from `caller` (a code address in it, or NULL) reaches without the shim, or, where several copies of
 * the library are loaded and `handle` (the call's first argument, or NULL) was made by one of them, that copy's. for_all:
 * it is so for every caller and handle, as long as nothing is loaded. address NULL: nobody has it. */
struct object_symbol library_find(enum hook_library library, const char *symbol, const void *caller, const void *handle,
                                  bool *for_all);

/* How many copies of a library are loaded. */
unsigned library_copies(enum hook_library library);
/* A function that is not wrapped, only asked. With one copy of the library: its; else that of the copy that made `handle`, and
 * NULL if that is not known. */
void *library_symbol(enum hook_library library, const char *symbol);
void *library_symbol_for(enum hook_library library, const char *symbol, const void *handle);
/* The same of the copy with this number, see library_copy_of; 0: as library_symbol. */
void *library_symbol_of_copy(enum hook_library library, const char *symbol, unsigned copy);

/* More than one copy of any of the three is loaded. */
extern _Atomic(bool) libraries_are_many;

/* As library_symbol_for, with a place to keep the answer in while there is one copy of each. */
static inline void *library_symbol_cached(_Atomic(void *) *cache, enum hook_library library, const char *symbol,
                                          const void *handle)
{
	void *found = atomic_load_explicit(cache, memory_order_acquire);

	if (atomic_load_explicit(&libraries_are_many, memory_order_relaxed))
		return library_symbol_for(library, symbol, handle);
	if (!found) {
		found = library_symbol_for(library, symbol, handle);
		atomic_store_explicit(cache, found, memory_order_release);
	}
	return found;
}

/* The number of the copy that this function is in, from 1; 0 while there is one, or if it is in none. */
unsigned library_copy_of(enum hook_library library, const void *function);

/* `real` has made this rados_t or rbd_image_t; it is no more. Preserve errno. */
void handle_made(enum hook_library library, const void *handle, const void *real);
void handle_gone(const void *handle);
/* The object that made the handle: rados_t, rados_ioctx_t, rbd_image_t or a C++ object that begins with one. 0: not known. */
object_id handle_home(enum hook_library library, const void *handle);

/* Is this code address inside a copy of the library? */
bool library_contains(enum hook_library library, const void *address);
/* Where Ceph's messenger is: what lies outside of these two is none of it; 0 while it is not loaded. For what lies between
 * them there is a closer look. */
extern _Atomic(uintptr_t) ceph_common_begin, ceph_common_end;
bool library_has_messenger(uintptr_t address);

/* Looks which libraries are loaded by now; true if anything has been loaded or unloaded since it last did. What it finds stays
 * loaded. */
bool libraries_look(void);
void libraries_after_fork_child(void);

#endif
