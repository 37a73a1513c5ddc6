/* SPDX-License-Identifier: MIT */
#include "libraries.h"

#include "peek.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

/* libceph-common is .0 on Ceph 14 and .2 from 15 on. */
static const char *const sonames[LIB_COUNT][3] = {
	[LIB_RBD] = { "librbd.so.1" },
	[LIB_RADOS] = { "librados.so.2" },
	[LIB_CEPH_COMMON] = { "libceph-common.so.2", "libceph-common.so.0" },
	[LIB_C] = { "libc.so.6" },
};

#define ROW(id, symbol, ...) static const char symbol_##id[] __attribute__((unused)) = symbol;
#include "table.h"

/* What has both of these is a copy of the library; an interposer of a call or two is none. */
static const char *const marks[LIB_C][2] = {
	[LIB_RBD] = { "rbd_open", "rbd_close" },
	[LIB_RADOS] = { "rados_create", "rados_shutdown" },
	[LIB_CEPH_COMMON] = { symbol_MonClient_send_command, CEPH_VERSION_SYMBOL },
};

struct text {
	_Atomic(uintptr_t) begin, end;
};
static struct copies {
	_Atomic(unsigned) count; /* once there, a copy keeps its number */
	struct {
		_Atomic(object_id) object; /* 0: unloaded since */
		struct text text;
	} at[COPIES_MAX];
} copies[LIB_C];

/* Objects with Ceph's messenger in them. */
static struct text messengers[2 * COPIES_MAX];
static _Atomic(unsigned) messenger_count;
_Atomic(uintptr_t) ceph_common_begin, ceph_common_end;
_Atomic(bool) libraries_are_many;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of whoever looks anew */

static unsigned count_of(enum hook_library library)
{
	return library < LIB_C ? atomic_load_explicit(&copies[library].count, memory_order_acquire) : 0;
}

static object_id copy_at(enum hook_library library, unsigned i)
{
	return atomic_load_explicit(&copies[library].at[i].object, memory_order_acquire);
}

static bool is_copy(enum hook_library library, object_id object)
{
	for (unsigned i = 0; object && i < count_of(library); i++)
		if (copy_at(library, i) == object)
			return true;
	return false;
}

/* The only copy that is there; 0: none, or several. */
static object_id only_copy(enum hook_library library)
{
	object_id only = 0;

	for (unsigned i = 0; i < count_of(library); i++)
		if (copy_at(library, i)) {
			if (only)
				return 0;
			only = copy_at(library, i);
		}
	return only;
}

unsigned library_copies(enum hook_library library)
{
	unsigned there = 0;

	for (unsigned i = 0; i < count_of(library); i++)
		there += copy_at(library, i) != 0;
	return there;
}

/* ---- looking ---- */

static bool text_contains(const struct text *text, uintptr_t address)
{
	return address >= atomic_load_explicit(&text->begin, memory_order_relaxed) &&
	       address < atomic_load_explicit(&text->end, memory_order_relaxed);
}

static void set_text(struct text *text, object_id object)
{
	uintptr_t begin = 0, end = 0;

	object_text(object, &begin, &end);
	atomic_store_explicit(&text->begin, begin, memory_order_relaxed);
	atomic_store_explicit(&text->end, end, memory_order_relaxed);
}

static void add_copy(struct copies *of, object_id object)
{
	unsigned count = atomic_load(&of->count);

	if (count == COPIES_MAX)
		return;
	set_text(&of->at[count].text, object);
	atomic_store_explicit(&of->at[count].object, object, memory_order_relaxed);
	atomic_store_explicit(&of->count, count + 1, memory_order_release);
}

static void look_for_copies(enum hook_library library)
{
	struct object_symbol found[COPIES_MAX];
	struct copies *of = &copies[library];
	unsigned count = objects_defining(marks[library][0], found, COPIES_MAX);

	for (unsigned i = 0; i < atomic_load(&of->count); i++) {
		object_id object = atomic_load(&of->at[i].object);
		if (object && !object_defines(object, marks[library][0]))
			atomic_store(&of->at[i].object, 0);
	}
	for (unsigned i = 0; i < count && i < COPIES_MAX; i++)
		if (!is_copy(library, found[i].object) && object_defines(found[i].object, marks[library][1]))
			add_copy(of, found[i].object);
}

static void add_messenger(object_id object)
{
	unsigned count = atomic_load(&messenger_count);
	uintptr_t begin, end;

	if (count == sizeof messengers / sizeof *messengers || !object_text(object, &begin, &end))
		return;
	set_text(&messengers[count], object);
	atomic_store_explicit(&messenger_count, count + 1, memory_order_release);
	if (!atomic_load(&ceph_common_begin) || begin < atomic_load(&ceph_common_begin))
		atomic_store_explicit(&ceph_common_begin, begin, memory_order_relaxed);
	if (end > atomic_load(&ceph_common_end))
		atomic_store_explicit(&ceph_common_end, end, memory_order_release);
}

/* In libceph-common; in a librados that needs none it must be inside. */
static void look_for_messengers(void)
{
	atomic_store(&messenger_count, 0);
	for (unsigned i = 0; i < count_of(LIB_CEPH_COMMON); i++)
		if (copy_at(LIB_CEPH_COMMON, i))
			add_messenger(copy_at(LIB_CEPH_COMMON, i));
	if (library_copies(LIB_CEPH_COMMON) >= library_copies(LIB_RADOS))
		return;
	for (unsigned i = 0; i < count_of(LIB_RADOS); i++) {
		object_id object = copy_at(LIB_RADOS, i);
		void *code = object ? object_defines(object, marks[LIB_RADOS][0]) : NULL;
		if (code && !object_scope(code, marks[LIB_CEPH_COMMON][1]).address)
			add_messenger(object);
	}
}

static bool any_is_many(void)
{
	return library_copies(LIB_RBD) > 1 || library_copies(LIB_RADOS) > 1 || library_copies(LIB_CEPH_COMMON) > 1;
}

/* Here, where a library is first seen and its user has just called: librbd's own threads, which call next, find it done and need
 * not take ld.so's lock, with which a plugin's constructor may be waiting for them. */
static void pin_copies(void)
{
	for (enum hook_library library = 0; library < LIB_C; library++)
		for (unsigned i = 0; i < count_of(library); i++) {
			object_id object = copy_at(library, i);
			struct object_symbol mark = { object_defines(object, marks[library][0]), object };
			if (mark.address)
				object_pin(&mark);
		}
}

bool libraries_look(void)
{
	static _Atomic(uint64_t) looked_at;
	uint64_t changes = objects_changes();
	int saved = errno;

	if (atomic_load_explicit(&looked_at, memory_order_acquire) == changes)
		return false;
	pthread_mutex_lock(&lock);
	for (enum hook_library library = 0; library < LIB_C; library++)
		look_for_copies(library);
	look_for_messengers();
	atomic_store(&libraries_are_many, any_is_many());
	pthread_mutex_unlock(&lock);
	pin_copies();
	/* Only now: this thread may still have waited for who holds ld.so's lock, and that one has to look and pin itself. */
	atomic_store_explicit(&looked_at, changes, memory_order_release);
	errno = saved;
	return true;
}

void libraries_after_fork_child(void)
{
	pthread_mutex_init(&lock, NULL);
}

bool library_contains(enum hook_library library, const void *address)
{
	for (unsigned i = 0; i < count_of(library); i++)
		if (copy_at(library, i) && text_contains(&copies[library].at[i].text, (uintptr_t)address))
			return true;
	return false;
}

bool library_has_messenger(uintptr_t address)
{
	for (unsigned i = 0; i < atomic_load_explicit(&messenger_count, memory_order_acquire); i++)
		if (text_contains(&messengers[i], address))
			return true;
	return false;
}

/* ---- handles ---- */

#define HANDLES 8192

static struct made {
	_Atomic(const void *) handle; /* NULL: free */
	_Atomic(object_id) home;
	_Atomic(int) library;
} made[HANDLES];
static _Atomic(unsigned) made_used; /* none at or beyond it was ever used */

static struct made *find_made(const void *handle)
{
	unsigned used = atomic_load_explicit(&made_used, memory_order_acquire);

	for (unsigned i = 0; handle && i < used; i++)
		if (atomic_load_explicit(&made[i].handle, memory_order_acquire) == handle)
			return &made[i];
	return NULL;
}

static struct made *free_made(const void *handle)
{
	for (unsigned i = 0; i < HANDLES; i++) {
		const void *none = NULL;
		if (!atomic_load_explicit(&made[i].handle, memory_order_relaxed) &&
		    atomic_compare_exchange_strong(&made[i].handle, &none, handle)) {
			unsigned used = atomic_load(&made_used);
			while (used <= i && !atomic_compare_exchange_weak(&made_used, &used, i + 1))
				;
			return &made[i];
		}
	}
	return NULL;
}

void handle_made(enum hook_library library, const void *handle, const void *real)
{
	int saved = errno;
	object_id home = handle ? object_of(real) : 0;
	struct made *entry = home ? find_made(handle) : NULL;

	if (home && !entry)
		entry = free_made(handle);
	if (entry) {
		atomic_store(&entry->library, (int)library);
		atomic_store_explicit(&entry->home, home, memory_order_release);
	}
	errno = saved;
}

void handle_gone(const void *handle)
{
	struct made *entry = find_made(handle);

	if (entry) {
		atomic_store(&entry->home, 0);
		atomic_store_explicit(&entry->handle, NULL, memory_order_release);
	}
}

static object_id home_of(enum hook_library library, const void *handle)
{
	const struct made *entry = find_made(handle);

	return entry && atomic_load(&((struct made *)entry)->library) == (int)library
	               ? atomic_load_explicit(&((struct made *)entry)->home, memory_order_acquire)
	               : 0;
}

#define WORDS 4

static object_id home_of_any(enum hook_library library, const uintptr_t *words, size_t count)
{
	object_id home = 0;

	for (size_t i = 0; i < count && !home; i++)
		home = home_of(library, (const void *)words[i]);
	return home;
}

/*
 * A C++ object begins with its handle. An IoCtxImpl holds its rados_t among its first words and begins with a reference
 * count, which is the address of nothing: that tells a rados_ioctx_t from a librados::IoCtx. (Ceph 14 to 20; on others the
 * home is not known, and what the caller's scope has is called.)
 */
object_id handle_home(enum hook_library library, const void *handle)
{
	uintptr_t words[WORDS], inner[WORDS];
	object_id home = handle ? home_of(library, handle) : 0;
	size_t count, inner_count;

	if (home || !handle)
		return home;
	count = peek_some(handle, words, sizeof words) / sizeof *words;
	home = count ? home_of(library, (const void *)words[0]) : 0;
	if (home || !count || library != LIB_RADOS)
		return home;
	inner_count = peek_some((const void *)words[0], inner, sizeof inner) / sizeof *inner;
	return inner_count ? home_of_any(library, inner, inner_count) : home_of_any(library, words + 1, count - 1);
}

/* ---- finding ---- */

static struct object_symbol of_soname(enum hook_library library, const char *symbol)
{
	struct object_symbol found = { NULL, 0 };

	for (int i = 0; i < 3 && sonames[library][i] && !found.address; i++)
		found = object_soname(sonames[library][i], symbol);
	return found;
}

static struct object_symbol find_libc(const char *symbol)
{
	struct object_symbol found = object_next(symbol);

	return found.address ? found : of_soname(LIB_C, symbol);
}

struct object_symbol library_find(enum hook_library library, const char *symbol, const void *caller, const void *handle,
                                  bool *for_all)
{
	struct object_symbol only = { NULL, 0 }, found;
	unsigned owners;
	object_id home;

	*for_all = true;
	if (library == LIB_C)
		return find_libc(symbol);
	owners = objects_defining(symbol, &only, 1);
	if (owners == 1)
		return only;
	found = object_next(symbol);
	*for_all = found.address && library_copies(library) < 2;
	home = *for_all ? 0 : handle_home(library, handle);
	/* An interposer that is next in line is asked whoever made the handle. */
	if (home && home != found.object && (!found.address || is_copy(library, found.object))) {
		struct object_symbol own = { object_defines(home, symbol), home };
		if (own.address)
			return own;
	}
	if (!found.address)
		found = object_scope(caller, symbol);
	if (!found.address)
		found = of_soname(library, symbol);
	/* A caller that jumped here cannot be seen, so any library with that name may be meant: the first one that was loaded is
	 * better than none. */
	return found.address || !owners ? found : only;
}

void *library_symbol_for(enum hook_library library, const char *symbol, const void *handle)
{
	object_id copy = only_copy(library);
	struct object_symbol found = { NULL, 0 };

	if (!copy && count_of(library))
		copy = handle_home(library, handle);
	if (copy)
		found = (struct object_symbol){ object_defines(copy, symbol), copy };
	else if (!count_of(library) && !(found = of_soname(library, symbol)).address && objects_defining(symbol, &found, 1) != 1)
		found.address = NULL;
	if (found.address)
		object_pin(&found);
	return found.address;
}

void *library_symbol(enum hook_library library, const char *symbol)
{
	return library_symbol_for(library, symbol, NULL);
}

void *library_symbol_of_copy(enum hook_library library, const char *symbol, unsigned copy)
{
	if (!copy || copy > count_of(library))
		return library_symbol(library, symbol);
	object_id object = copy_at(library, copy - 1);
	return object ? object_defines(object, symbol) : NULL;
}

unsigned library_copy_of(enum hook_library library, const void *function)
{
	object_id object = atomic_load_explicit(&libraries_are_many, memory_order_relaxed) ? object_of(function) : 0;

	for (unsigned i = 0; object && i < count_of(library); i++)
		if (copy_at(library, i) == object)
			return i + 1;
	return 0;
}
