/* SPDX-License-Identifier: MIT */
/*
 * The objects that are loaded into this process (ld.so's link map): which of them define a symbol themselves, where an address
 * belongs, what an object's own scope binds. The shim itself is never among the answers. Any thread but a signal handler's;
 * errno and dlerror() may change.
 *
 * Whoever loads or unloads something holds ld.so's lock, and a constructor or destructor that opens or closes an image waits for
 * librbd's threads with it: in these, what takes that lock is not to be called.
 */
#ifndef FENCELINE_SHIM_OBJECTS_H
#define FENCELINE_SHIM_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An object is known by where its dynamic section lies: 0 is none. (A load address may be 0.) */
typedef uintptr_t object_id;

struct object_symbol {
	void *address; /* NULL: not found */
	object_id object;
};

/* How many objects define `symbol` themselves, for whoever asks without a version; the first `max` of them are put into found. */
unsigned objects_defining(const char *symbol, struct object_symbol *found, unsigned max);
/* The same of one object. */
void *object_defines(object_id object, const char *symbol);

/* The object that this address lies in. */
object_id object_of(const void *address);
/* Its executable segment; false: it is not loaded any more. */
bool object_text(object_id object, uintptr_t *begin, uintptr_t *end);

/* These take ld.so's lock. */

/* What comes after the shim in the process's global scope: another interposer, or the library itself. */
struct object_symbol object_next(const char *symbol);
/* What the object that this code address lies in has in its own scope: itself and its DT_NEEDED, and theirs. */
struct object_symbol object_scope(const void *code, const char *symbol);
/* Does a call of this symbol reach another object before the shim? */
bool object_precedes(const char *symbol);
/* What an object of this soname has, if one is loaded; its DT_NEEDED may have it, too. */
struct object_symbol object_soname(const char *soname, const char *symbol);

/* The symbol's object stays loaded from now on. Takes ld.so's lock once for each object, not again when it is pinned. */
void object_pin(const struct object_symbol *symbol);

/* Another number whenever an object has been loaded or unloaded since. Cheap: no object is looked at. */
uint64_t objects_changes(void);

#endif
