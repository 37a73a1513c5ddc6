/* SPDX-License-Identifier: MIT */
#include "hook.h"

#include "emit.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

#define REQUIRED                                         true
#define OPTIONAL                                         false
#define HOOK_ROW(id, symbol, library, need, first, last) [HOOK_##id] = { symbol, library, need, first, last },
const struct hook_row hook_rows[HOOK_COUNT] = {
#define ROW HOOK_ROW
#include "table.h"
#undef ROW
};

_Atomic(void *) hook_real[HOOK_COUNT];
_Atomic(uintptr_t) ceph_common_begin, ceph_common_end;

/* No hook has more reasons than this; what finds no place of its own is counted with the last one. */
#define REASONS 4
static struct passed {
	_Atomic(const char *) reason;
	_Atomic(uint64_t) count;
} passed[HOOK_COUNT][REASONS];
static _Atomic(uint64_t) passed_total;

/* Sonames to try, newest first: libceph-common is .0 on Ceph 14 and .2 from 15 on. */
static const char *const sonames[LIB_COUNT][3] = {
	[LIB_RBD] = { "librbd.so.1" },
	[LIB_RADOS] = { "librados.so.2" },
	[LIB_CEPH_COMMON] = { "libceph-common.so.2", "libceph-common.so.0" },
	[LIB_C] = { "libc.so.6" },
};

static struct library {
	_Atomic(void *) handle;
	_Atomic(uintptr_t) begin, end; /* executable segment */
} libraries[LIB_COUNT];

/* dl_iterate_phdr callback: the bounds of the executable segment of the object that holds a given address. */
struct segment_search {
	uintptr_t address, begin, end;
};

static int find_segment(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct segment_search *search = arg;

	(void)size;
	if (info->dlpi_addr != search->address)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
			search->begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			search->end = search->begin + info->dlpi_phdr[i].p_memsz;
			return 1;
		}
	return 1;
}

/* A library that some part of the process has loaded already; NULL if none has. It stays loaded from then on. */
static void *library_handle(enum hook_library which)
{
	struct library *library = &libraries[which];
	void *handle = atomic_load_explicit(&library->handle, memory_order_acquire);
	struct segment_search search = { 0 };
	struct link_map *map;

	if (handle)
		return handle;
	for (int i = 0; i < 3 && sonames[which][i] && !handle; i++)
		handle = dlopen(sonames[which][i], RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
	if (!handle) {
		dlerror(); /* ours, not one for the host to find */
		return NULL;
	}
	if (dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0) {
		search.address = map->l_addr;
		dl_iterate_phdr(find_segment, &search);
	}
	atomic_store_explicit(&library->begin, search.begin, memory_order_relaxed);
	atomic_store_explicit(&library->end, search.end, memory_order_relaxed);
	atomic_store_explicit(&library->handle, handle, memory_order_release);
	if (which == LIB_CEPH_COMMON) {
		atomic_store_explicit(&ceph_common_end, search.end, memory_order_relaxed);
		atomic_store_explicit(&ceph_common_begin, search.begin, memory_order_release);
	}
	return handle;
}

void libraries_refresh(void)
{
	static _Atomic(bool) all;

	if (atomic_load_explicit(&all, memory_order_relaxed))
		return;
	bool found = library_handle(LIB_RADOS) && library_handle(LIB_CEPH_COMMON) && library_handle(LIB_RBD);
	atomic_store_explicit(&all, found, memory_order_relaxed);
}

bool library_contains(enum hook_library which, const void *address)
{
	uintptr_t a = (uintptr_t)address;

	return library_handle(which) && a >= atomic_load_explicit(&libraries[which].begin, memory_order_relaxed) &&
	       a < atomic_load_explicit(&libraries[which].end, memory_order_relaxed);
}

void *library_symbol(enum hook_library which, const char *symbol)
{
	void *handle = library_handle(which);
	void *found = handle ? dlsym(handle, symbol) : NULL;

	if (handle && !found)
		dlerror();
	return found;
}

/* Is this one of the shim's own functions? A lookup that ends here would call itself for ever. */
static bool is_ours(const void *address)
{
	Dl_info us, them;

	return dladdr(hook_rows, &us) && dladdr(address, &them) && us.dli_fbase == them.dli_fbase;
}

void *hook_resolve(enum hook hook)
{
	const struct hook_row *row = &hook_rows[hook];
	void *found = library_symbol(row->library, row->symbol);

	if (found && is_ours(found))
		found = NULL;
	if (!found) {
		hook_pass(hook, "no library has the symbol");
		return NULL;
	}
	atomic_store_explicit(&hook_real[hook], found, memory_order_release);
	return found;
}

static struct passed *passed_for(enum hook hook, const char *reason)
{
	for (struct passed *at = passed[hook]; at < passed[hook] + REASONS; at++) {
		const char *there = NULL;
		if (atomic_compare_exchange_strong(&at->reason, &there, reason) || !strcmp(there, reason))
			return at;
	}
	return &passed[hook][REASONS - 1];
}

void hook_pass(enum hook hook, const char *reason)
{
	atomic_fetch_add_explicit(&passed_for(hook, reason)->count, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&passed_total, 1, memory_order_relaxed);
}

uint64_t hook_passed(void)
{
	return atomic_load_explicit(&passed_total, memory_order_relaxed);
}

void hook_emit_passed(uint32_t pid, uint64_t global_id)
{
	for (enum hook hook = 0; hook < HOOK_COUNT; hook++)
		for (const struct passed *at = passed[hook]; at < passed[hook] + REASONS; at++) {
			uint64_t count = atomic_load_explicit((_Atomic(uint64_t) *)&at->count, memory_order_relaxed);
			if (count)
				EMIT(passthrough, .pid = pid, .global_id = global_id, .hook = hook_rows[hook].symbol,
				     .reason = atomic_load_explicit((_Atomic(const char *) *)&at->reason, memory_order_relaxed),
				     .count = count);
		}
}
