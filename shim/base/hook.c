/* SPDX-License-Identifier: MIT */
#include "hook.h"

#include "emit.h"
#include "layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUIRED                                              true
#define OPTIONAL                                              false
#define HOOK_ROW(id, symbol, library, need, first, last, ...) [HOOK_##id] = { symbol, library, need, first, last },
const struct hook_row hook_rows[HOOK_COUNT] = {
#define ROW HOOK_ROW
#include "table.h"
};

_Atomic(void *) hook_real[HOOK_COUNT];

/* No hook has more reasons than this; what finds no place of its own is counted with the last one. */
#define REASONS 4
static struct passed {
	_Atomic(const char *) reason;
	_Atomic(uint64_t) count;
} passed[HOOK_COUNT][REASONS];
static _Atomic(uint64_t) passed_total;

/* ---- whether at all ---- */

#define DISABLE_FILE "/etc/fenceline/disable"

bool hook_disabled(void)
{
	static _Atomic(int) looked; /* 0 not yet, 1 no, 2 yes */
	int answer = atomic_load_explicit(&looked, memory_order_relaxed);

	if (!answer) {
		const char *text = secure_getenv("FENCELINE_DISABLE");
		int saved = errno, before = 0;
		answer = (text && *text && strcmp(text, "0") != 0) || access(DISABLE_FILE, F_OK) == 0 ? 2 : 1;
		errno = saved;
		if (!atomic_compare_exchange_strong(&looked, &before, answer))
			answer = before; /* of two that look at once the first one's answer stays */
	}
	return answer == 2;
}

/* ---- what has been found ---- */

static _Atomic(void *) found_for_all[HOOK_COUNT]; /* like hook_real, and there where it is only jumped to, too */
static _Atomic(bool) found_unknown[HOOK_COUNT];   /* what stands there is of a release that nobody knows */

/*
 * Where several libraries have a symbol: found for one call from one place. An entry is written once by whoever finds it free
 * or from before the last look; `ready` is the look that it belongs to, 0 while it is being written.
 */
#define SITES 4096
#define NEAR  8
static struct site {
	_Atomic(uint64_t) ready;
	_Atomic(uint32_t) hook;
	_Atomic(const void *) caller;
	_Atomic(object_id) home;
	_Atomic(void *) real;
	_Atomic(bool) unknown;
} sites[SITES];

struct found {
	void *real;   /* NULL: nobody has it */
	bool unknown; /* its release is not known, and the call needs a layout */
};
static _Atomic(uint64_t) look = 1;
static atomic_flag writing = ATOMIC_FLAG_INIT; /* who does not get it does not keep what he found: nobody waits */

static struct site *first_site(enum hook hook, const void *caller, object_id home)
{
	uint64_t mixed = ((uintptr_t)caller ^ (uint64_t)home << 7 ^ (uint64_t)hook << 40) * UINT64_C(0x9e3779b97f4a7c15);

	return &sites[(mixed >> 40) % (SITES - NEAR)];
}

static struct found site_find(enum hook hook, const void *caller, object_id home)
{
	uint64_t now = atomic_load_explicit(&look, memory_order_acquire);
	struct site *site = first_site(hook, caller, home);

	for (struct site *end = site + NEAR; site < end; site++) {
		if (atomic_load_explicit(&site->ready, memory_order_acquire) != now ||
		    atomic_load(&site->hook) != (uint32_t)hook || atomic_load(&site->caller) != caller ||
		    atomic_load(&site->home) != home)
			continue;
		struct found found = { atomic_load(&site->real), atomic_load(&site->unknown) };
		if (atomic_load(&site->ready) == now)
			return found;
	}
	return (struct found){ NULL, false };
}

static void site_keep(enum hook hook, const void *caller, object_id home, struct found found)
{
	uint64_t now = atomic_load(&look);
	struct site *site = first_site(hook, caller, home), *end = site + NEAR;

	if (atomic_flag_test_and_set_explicit(&writing, memory_order_acquire))
		return;
	while (site < end && atomic_load(&site->ready) == now)
		site++;
	if (site < end) {
		atomic_store(&site->ready, 0);
		atomic_store(&site->hook, (uint32_t)hook);
		atomic_store(&site->caller, caller);
		atomic_store(&site->home, home);
		atomic_store(&site->real, found.real);
		atomic_store(&site->unknown, found.unknown);
		atomic_store(&site->ready, now);
	}
	atomic_flag_clear_explicit(&writing, memory_order_release);
}

/* Something has been loaded: perhaps another copy of a library. */
void libraries_refresh(void)
{
	if (!libraries_look())
		return;
	atomic_fetch_add(&look, 1);
	layouts_look();
	for (enum hook hook = 0; hook < HOOK_COUNT; hook++)
		if (hook_rows[hook].library != LIB_C) {
			atomic_store_explicit(&found_for_all[hook], NULL, memory_order_relaxed);
			atomic_store_explicit(&hook_real[hook], NULL, memory_order_relaxed);
		}
}

/* Clients and images begin and end here, perhaps of a library that has been loaded just now: each call looks. */
static bool is_beginning_or_end(enum hook hook)
{
	return hook <= HOOK_Image_D2;
}

/* A C++ method's object begins with its handle, a MonCommand's strings lie somewhere in it: on the releases that were looked
 * at. A C call's handle is opaque. */
static bool needs_layout(const struct hook_row *row)
{
	return !strncmp(row->symbol, "_Z", 2);
}

static struct found hook_look_up(enum hook hook, const void *caller, const void *handle)
{
	const struct hook_row *row = &hook_rows[hook];
	/* a call that makes a handle has none yet; what stands there is from before */
	bool makes_it = hook <= HOOK_rados_create_with_context ||
	                (hook >= HOOK_Rados_init && hook <= HOOK_Rados_init_with_context) ||
	                (hook >= HOOK_RBD_open && hook <= HOOK_RBD_aio_open_by_id_read_only);
	object_id home = 0;
	bool for_all = true;
	struct object_symbol symbol;
	struct found found;

	if (makes_it)
		handle = NULL;
	if (atomic_load_explicit(&libraries_are_many, memory_order_relaxed))
		home = handle_home(row->library, handle);
	found = site_find(hook, caller, home);
	if (found.real)
		return found;
	symbol = library_find(row->library, row->symbol, caller, handle, &for_all);
	found.real = symbol.address;
	if (!found.real)
		return found;
	object_pin(&symbol);
	found.unknown = needs_layout(row) && !release_is_known(found.real);
	if (for_all) {
		atomic_store_explicit(&found_unknown[hook], found.unknown, memory_order_relaxed);
		atomic_store_explicit(&found_for_all[hook], found.real, memory_order_release);
	} else {
		site_keep(hook, caller, home, found);
	}
	return found;
}

struct hook_found hook_resolve(enum hook hook, const void *caller, const void *handle)
{
	bool is_libc = hook_rows[hook].library == LIB_C, alone = !is_libc && hook_disabled();
	struct found found;
	uint64_t looked;
	int saved = errno;

	if (!is_libc && is_beginning_or_end(hook))
		libraries_refresh();
	looked = atomic_load(&look);
	found.real = atomic_load_explicit(&found_for_all[hook], memory_order_acquire);
	found.unknown = atomic_load_explicit(&found_unknown[hook], memory_order_relaxed);
	if (!found.real)
		found = hook_look_up(hook, caller, handle);
	if (!found.real)
		hook_pass(hook, "no library has the symbol");
	else if (found.unknown && !alone && caller)
		hook_pass(hook, "a release that this shim does not know");
	alone |= found.unknown;
	if (found.real && !alone && !is_beginning_or_end(hook) &&
	    atomic_load_explicit(&found_for_all[hook], memory_order_acquire) == found.real)
		atomic_store_explicit(&hook_real[hook], found.real, memory_order_release);
	if (!is_libc && atomic_load(&look) != looked) { /* meanwhile another copy may have come */
		atomic_store(&found_for_all[hook], NULL);
		atomic_store(&hook_real[hook], NULL);
	}
	errno = saved;
	return (struct hook_found){ found.real, alone };
}

/* ---- what was passed through ---- */

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

void hook_after_fork_child(void)
{
	atomic_flag_clear(&writing); /* by whom was not copied */
	atomic_store(&passed_total, 0);
	for (enum hook hook = 0; hook < HOOK_COUNT; hook++)
		for (struct passed *at = passed[hook]; at < passed[hook] + REASONS; at++)
			if (atomic_load(&at->count)) /* else its page stays the parent's */
				atomic_store(&at->count, 0);
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
