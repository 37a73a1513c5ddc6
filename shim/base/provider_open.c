/* SPDX-License-Identifier: MIT */
#include "provider_open.h"

#include "emit.h"
#include "hook.h"
#include "lttng_calls.h"
#include "process.h"
#include "wait_files.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_NS UINT64_C(900000000) /* the longest a start waits, with a margin to the second that was promised */

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(bool) put_off; /* the wait files were not in place */
static char place[PATH_MAX];  /* of libfenceline.so, with the last slash; "": not known, and then there is no provider */

/* LD_PRELOAD may name a link, or a path from where the process was started and is no longer. */
void provider_note_place(void)
{
	Dl_info us;
	char *slash;

	if (!dladdr(&put_off, &us) || !us.dli_fname || !realpath(us.dli_fname, place))
		place[0] = '\0';
	slash = strrchr(place, '/');
	if (slash)
		slash[1] = '\0';
}

/* ---- may liblttng-ust begin? ---- */

/* The file that the dynamic linker would take for this name, as far as its search path tells (all but what only ld.so.conf
 * names). The search path is that of the program: the provider has none of its own. */
static bool find_library(const char *soname, char path[PATH_MAX])
{
	void *program = dlopen(NULL, RTLD_LAZY);
	Dl_serinfo size, *search;
	bool found = false;

	if (!program || dlinfo(program, RTLD_DI_SERINFOSIZE, &size) || !(search = malloc(size.dls_size)))
		return false;
	search->dls_size = size.dls_size;
	search->dls_cnt = size.dls_cnt;
	if (dlinfo(program, RTLD_DI_SERINFOSIZE, search) == 0 && dlinfo(program, RTLD_DI_SERINFO, search) == 0)
		for (unsigned i = 0; i < search->dls_cnt && !found; i++)
			found = snprintf(path, PATH_MAX, "%s/%s", search->dls_serpath[i].dls_name, soname) < PATH_MAX &&
			        access(path, R_OK) == 0;
	free(search);
	dlclose(program);
	return found;
}

static bool wait_files_are_good(const unsigned *numbers)
{
	gid_t groups[256];
	int count = getgroups(255, groups);
	struct wait_files_user user = { getuid(), groups, 0 };
	char path[WAIT_FILES_PATH];

	user.group_count = count > 0 ? count : 0;
	groups[user.group_count++] = getegid();
	for (; *numbers; numbers++) {
		enum wait_file is = wait_files_look(WAIT_FILES_FOLDER, *numbers, &user, path);

		if (is == WAIT_FILE_GOOD && user.uid != 0 && (access(path, W_OK) == 0 || count < 0))
			is = WAIT_FILE_WRITABLE; /* by an access list */
		if (is != WAIT_FILE_GOOD) {
			emit_log("no provider: %s %s, and under a seccomp filter LTTng cannot make it", path, wait_file_text(is));
			return false;
		}
	}
	return true;
}

/* Where the library's number is not known, the files of all numbers have to be there. */
static bool may_begin(const char *ust_soname)
{
	char path[PATH_MAX];
	void *there = dlopen(ust_soname, RTLD_LAZY | RTLD_NOLOAD);

	if (there) { /* somebody else's, and it has begun already */
		dlclose(there);
		return true;
	}
	dlerror();
	if (!process_is_filtered())
		return true;
	if (secure_getenv("LTTNG_UST_APP_PATH")) /* one more wait file, in a folder of its own, from 2.14 on */
		return false;
	const unsigned known[] = { find_library(ust_soname, path) ? wait_files_number_of(path) : 0, 0 };
	return wait_files_are_good(*known ? known : wait_files_numbers);
}

/* ---- opening it ---- */

static const struct fl_provider *open_file(const char *path, struct lttng_wait *wait)
{
	struct lttng_watch watch;
	fl_provider_fn *get;
	void *handle;

	if (!wait_files_holds(path, FL_PROVIDER_MARK)) {
		hook_pass(HOOK_rados_create, "the trace provider is of another build: not opened");
		emit_log("%s is of another build: not opened", path);
		return NULL;
	}
	lttng_watch(&watch, START_NS, true);
	lttng_begin();
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	lttng_begun(wait);
	lttng_watch_end(&watch);
	if (!handle) {
		emit_log("no provider: %s", text_or_empty(dlerror()));
		return NULL;
	}
	get = (fl_provider_fn *)dlsym(handle, FL_PROVIDER_SYMBOL);
	return get ? get(FL_PROVIDER_ABI, FL_EV_COUNT) : NULL;
}

/* The provider lies beside libfenceline.so; which of the two sonames loads tells which LTTng is installed. */
static const struct fl_provider *open_beside(struct lttng_wait *wait)
{
	static const char *const suffixes[] = { "1", "0" };
	const struct fl_provider *found = NULL;
	char path[PATH_MAX], ust[32];

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes && !found; i++) {
		if (snprintf(path, sizeof path, "%slibfenceline-ust.so.%s", place, suffixes[i]) >= (int)sizeof path ||
		    access(path, R_OK))
			continue;
		snprintf(ust, sizeof ust, "liblttng-ust.so.%s", suffixes[i]);
		if (may_begin(ust))
			found = open_file(path, wait);
		else
			atomic_store(&put_off, true);
	}
	return found;
}

/* ---- from then on ---- */

#define FORK_NS UINT64_C(40000000) /* the longest that a fork waits for LTTng's lock */

/* LTTng's listener threads are gone in a forked child: its own hooks start them again. QEMU -daemonize forks before the
 * first rados_create, so there the provider is not open yet; others fork later. */
static __thread const struct fl_provider *forking_with; /* it may be opened by another thread between the two */

static void before_fork(void)
{
	struct lttng_watch watch;

	lttng_watch(&watch, FORK_NS, false);
	forking_with = atomic_load_explicit(&emit_provider, memory_order_acquire);
	forking_with->before_fork();
	lttng_watch_end(&watch);
}
static void after_fork_parent(void)
{
	if (forking_with)
		forking_with->after_fork_parent();
	forking_with = NULL;
}
static void after_fork_child(void)
{
	struct lttng_wait wait; /* nobody waits here: most children exec at once */

	process_after_fork();
	lttng_after_fork_child();
	lttng_begin();
	if (forking_with)
		forking_with->after_fork_child();
	lttng_begun(&wait);
	forking_with = NULL;
}

/* From now on events go to this provider, in this process and in what it forks. Once. */
static void provider_open_use(const struct fl_provider *found)
{
	/* LTTng's wrapper takes a lock and blocks all signals: called once more inside, it would wait for itself for ever */
	if (lttng_wraps_fork())
		pthread_atfork(NULL, NULL, process_after_fork);
	else
		pthread_atfork(before_fork, after_fork_parent, after_fork_child);
	atomic_store_explicit(&emit_provider, found, memory_order_release);
}

static void try_to_open(void)
{
	const struct process_identity *process = process_identity();
	uint64_t until = now_monotonic_ns() + START_NS;
	struct lttng_wait wait = { 0 };
	const struct fl_provider *found;
	bool before = atomic_exchange(&put_off, false);

	found = *place ? open_beside(&wait) : NULL;
	if (found)
		provider_open_use(found);
	else if (atomic_load(&put_off) && !before)
		hook_pass(HOOK_rados_create, "no LTTng: its wait files are not in place, and it may not fork to make them");
	else if (!*place)
		emit_log("no provider: where libfenceline.so lies could not be told");
	if (found && !before && !process->is_service)
		lttng_wait_until(&wait, until);
}

void provider_open(void)
{
	static _Atomic(bool) done; /* others wait for the first one */
	int saved = errno;

	if (!atomic_load_explicit(&done, memory_order_acquire)) {
		pthread_mutex_lock(&opening);
		if (!lttng_may_come()) {
			atomic_store(&lttng_called, true);
			try_to_open();
		}
		atomic_store_explicit(&done, true, memory_order_release);
		pthread_mutex_unlock(&opening);
	}
	errno = saved;
}

void provider_look_again(void)
{
	if (atomic_load(&put_off) && pthread_mutex_trylock(&opening) == 0) {
		try_to_open();
		pthread_mutex_unlock(&opening);
	}
}

void provider_after_fork_child(void)
{
	pthread_mutex_init(&opening, NULL);
}
