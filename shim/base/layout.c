/* SPDX-License-Identifier: MIT */
#include "layout.h"

#include "libraries.h"
#include "peek.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the release ---- */

typedef const char *version_fn(void);
typedef void rbd_version_fn(int *major, int *minor, int *extra);

/* Of the first library whose release is not known: 0 not met, 1 being written, 2 there. */
static _Atomic(int) unknown_met;
static char unknown_release[32];

int release_of_text(const char *text)
{
	char *end;
	long major;

	text += strcspn(text, "0123456789");
	major = strtol(text, &end, 10);
	return end > text && *end == '.' && major > 0 && major < 1000 ? (int)major : 0;
}

static bool is_known(int major)
{
	return major >= RELEASE_FIRST && major <= RELEASE_LAST;
}

static void remember_unknown(const char *version)
{
	int not_met = 0;

	if (!atomic_compare_exchange_strong(&unknown_met, &not_met, 1))
		return;
	snprintf(unknown_release, sizeof unknown_release, "%s", version && *version ? version : "that it does not tell");
	atomic_store_explicit(&unknown_met, 2, memory_order_release);
}

static bool known_by_version(void *symbol)
{
	const char *version = ((version_fn *)symbol)();
	bool known = version && is_known(release_of_text(version));

	if (!known)
		remember_unknown(version);
	return known;
}

/* librbd's own number is 1.12 on 14, 1.14 on 15, and from 16 on its second part is the release. */
static bool known_by_rbd(void *symbol)
{
	int major = 0, minor = 0, extra = 0;
	char text[32];

	((rbd_version_fn *)symbol)(&major, &minor, &extra);
	if (major == 1 && (minor == 12 || minor == 14 || (minor >= 16 && is_known(minor))))
		return true;
	snprintf(text, sizeof text, "of librbd %d.%d.%d", major, minor, extra);
	remember_unknown(text);
	return false;
}

/* Of several libraries each answers for itself. */
static bool known_by_scope(const void *function)
{
	struct object_symbol version = object_scope(function, CEPH_VERSION_SYMBOL), rbd;

	if (version.address)
		return known_by_version(version.address);
	rbd = object_scope(function, "rbd_version");
	if (rbd.address)
		return known_by_rbd(rbd.address);
	remember_unknown(NULL);
	return false;
}

bool release_is_known(const void *function)
{
	struct object_symbol only;
	int saved = errno;
	bool alone = objects_defining(CEPH_VERSION_SYMBOL, &only, 1) == 1 && !atomic_load(&libraries_are_many), known;

	known = alone ? known_by_version(only.address) : known_by_scope(function);
	errno = saved;
	return known;
}

/* ---- the C++ library's std::string ---- */

static _Atomic(bool) old_abi_met;

void layouts_look(void)
{
	if (objects_defining("_ZN8librados7v14_2_05IoCtx9aio_watchERKSsPNS0_13AioCompletionEPmPNS0_9WatchCtx2E", NULL, 0))
		atomic_store_explicit(&old_abi_met, true, memory_order_relaxed);
}

/* ---- the first use ---- */

#define TRIES 3

static const char *const names[LAYOUTS] = {
	[LAYOUT_MON_COMMAND] = "MonCommand",
	[LAYOUT_BUFFERLIST] = "bufferlist",
	[LAYOUT_WATCHERS] = "list of watchers",
};

static _Atomic(int) failed[LAYOUTS]; /* tries without one that parsed; -1: proven */

bool layout_may_be_tried(enum layout layout)
{
	return atomic_load_explicit(&failed[layout], memory_order_relaxed) < TRIES;
}

static _Atomic(bool) cannot_look;

const char *layout_reason(const char *reason)
{
	if (peek_works())
		return reason;
	atomic_store_explicit(&cannot_look, true, memory_order_relaxed);
	return "memory may not be looked at: process_vm_readv and /proc/self/mem are denied";
}

void layout_tried(enum layout layout, bool parsed)
{
	if (!parsed && !peek_works())
		return; /* that tells nothing about the layout */
	int before = atomic_load_explicit(&failed[layout], memory_order_relaxed);

	while (before >= 0 && before < TRIES && !atomic_compare_exchange_weak(&failed[layout], &before, parsed ? -1 : before + 1))
		;
}

/* ---- told ---- */

static void layout_add(char text[LAYOUTS_TEXT], const char *prefix, const char *what)
{
	size_t used = strlen(text);

	snprintf(text + used, LAYOUTS_TEXT - used, "%s%s%s", used ? ", " : "", prefix, what);
}

const char *layouts_not_understood(char text[LAYOUTS_TEXT])
{
	text[0] = '\0';
	if (atomic_load_explicit(&unknown_met, memory_order_acquire) == 2)
		layout_add(text, "release ", unknown_release);
	if (atomic_load_explicit(&old_abi_met, memory_order_relaxed))
		layout_add(text, "", "std::string of the old ABI");
	if (atomic_load_explicit(&cannot_look, memory_order_relaxed))
		layout_add(text, "", "memory that it may not look at");
	for (enum layout layout = 0; layout < LAYOUTS; layout++)
		if (atomic_load_explicit(&failed[layout], memory_order_relaxed) > 0)
			layout_add(text, "", names[layout]);
	return text;
}
