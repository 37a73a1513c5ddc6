/* SPDX-License-Identifier: MIT */
/* A look at a cluster of this test's own (-Wl,--wrap): what became of those that lived in an earlier one. */
#include "guard/guarded.h"
#include "guard/look.h"
#include "guard/owner_daemon.h"
#include "guard/owner_page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OWNER "10.99.2.2:0/1981367033"

/* ---- the cluster ---- */

static struct lock locked;
static struct watchers watching;
static const char *blocklist; /* NULL: it may not be read */
static struct owner_process owner;

int __wrap_image_lockers(struct open_image *image, struct lock *lock, struct fault *fault);
int __wrap_image_watchers(struct open_image *image, struct watchers *watchers, struct fault *fault);
int __wrap_cluster_command(struct cluster *cluster, bool to_manager, const char *json, const char *doing, char **out,
                           size_t *size);
void __wrap_cluster_free_answer(struct cluster *cluster, char *out);
bool __wrap_owner_by_status_page(const char *address, uint64_t cookie, struct owner_process *process);
bool __wrap_owner_by_daemon(const char *host, unsigned port, const char *address, struct owner_process *process);

int __wrap_image_lockers(struct open_image *image, struct lock *lock, struct fault *fault)
{
	(void)image, (void)fault;
	*lock = locked;
	return 0;
}

int __wrap_image_watchers(struct open_image *image, struct watchers *watchers, struct fault *fault)
{
	(void)image, (void)fault;
	*watchers = watching;
	return 0;
}

int __wrap_cluster_command(struct cluster *cluster, bool to_manager, const char *json, const char *doing, char **out,
                           size_t *size)
{
	(void)cluster, (void)to_manager, (void)json, (void)doing;
	*out = NULL;
	if (!blocklist)
		return -EACCES;
	*out = strdup(blocklist);
	*size = strlen(blocklist);
	return 0;
}

void __wrap_cluster_free_answer(struct cluster *cluster, char *out)
{
	(void)cluster;
	free(out);
}

bool __wrap_owner_by_status_page(const char *address, uint64_t cookie, struct owner_process *process)
{
	(void)address, (void)cookie, (void)process;
	return false;
}

bool __wrap_owner_by_daemon(const char *host, unsigned port, const char *address, struct owner_process *process)
{
	(void)host, (void)port, (void)address;
	*process = owner;
	return true;
}

static void a_vm_holds_the_lock(void)
{
	locked = (struct lock){ .exclusive = true, .count = 1, .shown = 1, .tag = "internal" };
	locked.lockers[0] = (struct locker){ .client = "client.4166", .cookie = "auto 140", .address = OWNER };
	watching = (struct watchers){ .count = 1, .shown = 1 };
	watching.list[0].cookie = 140;
	strcpy(watching.list[0].address, OWNER);
	blocklist = "[]";
	owner = (struct owner_process){ .state = PROCESS_LIVES, .witness = WITNESS_DAEMON };
}

static void and_is_fenced(void)
{
	locked = (struct lock){ .shown = 0 };
	watching = (struct watchers){ .shown = 0 };
	blocklist = "[{\"addr\":\"" OWNER "\",\"until\":\"2026-11-29T07:20:39.793443+0000\"}]";
}

static struct look *looked(const struct look *earlier)
{
	static struct cluster cluster;
	struct open_image image = { .cluster = &cluster, .features = IMAGE_EXCLUSIVE_LOCK };
	struct look_options options = { .earlier = earlier };
	struct look *look = calloc(1, sizeof *look);

	assert_non_null(look);
	look_take(look, &image, &options);
	return look;
}

/* ---- the looks ---- */

static void a_fence_is_told_of_an_owner_that_watched(void **state)
{
	struct look *before, *after;

	(void)state;
	a_vm_holds_the_lock();
	before = looked(NULL);
	assert_int_equal(before->watch, WATCH_THERE);
	and_is_fenced();
	after = looked(before);
	assert_true(after->earlier_fenced);
	assert_string_equal(after->earlier_address, OWNER);
	free(before);
	free(after);
}

static enum owner_after became(struct look *before, struct look *after)
{
	enum owner_after after_that = guard_after(before, after, false);

	free(before);
	free(after);
	return after_that;
}

static void a_blocklist_that_cannot_be_read_clears_nobody(void **state)
{
	struct look *before;

	(void)state;
	a_vm_holds_the_lock();
	before = looked(NULL);
	and_is_fenced();
	blocklist = NULL; /* EACCES: narrower caps */
	assert_int_equal(became(before, looked(before)), AFTER_NOT_KNOWN);
	a_vm_holds_the_lock();
	before = looked(NULL);
	and_is_fenced();
	blocklist = "no JSON";
	assert_int_equal(became(before, looked(before)), AFTER_NOT_KNOWN);
	a_vm_holds_the_lock();
	before = looked(NULL);
	blocklist = NULL;
	assert_int_equal(became(before, looked(before)),
	                 AFTER_LIVES); /* it watches: the cluster keeps no watch of a fenced client */
	a_vm_holds_the_lock();
	before = looked(NULL);
	and_is_fenced();
	blocklist = "[]";
	assert_int_equal(became(before, looked(before)), AFTER_UNWATCHED);
}

static void nor_does_it_clear_a_watcher_without_the_lock(void **state)
{
	struct look *before;

	(void)state;
	a_vm_holds_the_lock();
	locked = (struct lock){ .shown = 0 };
	before = looked(NULL);
	blocklist = NULL;
	assert_int_equal(became(before, looked(before)), AFTER_NOT_KNOWN);
	before = looked(NULL);
	blocklist = "[]";
	assert_int_equal(became(before, looked(before)), AFTER_NOT_ASKED);
}

static void nor_does_a_look_that_failed(void **state)
{
	struct look *before, *after;

	(void)state;
	a_vm_holds_the_lock();
	locked = (struct lock){ .shown = 0 };
	before = looked(NULL);
	after = looked(before);
	after->fault.kind = FAULT_CLUSTER;
	assert_int_equal(became(before, after), AFTER_NOT_KNOWN);
}

static void the_fence_of_a_dead_owner_is_no_news(void **state)
{
	struct look *before, *after;

	(void)state;
	a_vm_holds_the_lock();
	watching = (struct watchers){ .shown = 0 };
	owner.state = PROCESS_GONE;
	before = looked(NULL);
	and_is_fenced();
	after = looked(before);
	assert_false(after->earlier_fenced);
	free(before);
	free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fence_is_told_of_an_owner_that_watched),
		cmocka_unit_test(a_blocklist_that_cannot_be_read_clears_nobody),
		cmocka_unit_test(nor_does_it_clear_a_watcher_without_the_lock),
		cmocka_unit_test(nor_does_a_look_that_failed),
		cmocka_unit_test(the_fence_of_a_dead_owner_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
