/* SPDX-License-Identifier: MIT */
/* An image that is opened before the shim's constructor has run, by the constructor of another library, as it may be: no order is
 * promised between the two. */
#include "capture.h"
#include "calls/completion.h"
#include "fake_rbd.h"
#include "follow/client.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void *cluster, *image;

/* The ticker has its first turn meanwhile. */
__attribute__((constructor(101))) static void open_early(void)
{
	const struct timespec second_and_a_half = { 1, 500000000 };

	if (!rados_create(&cluster, "admin") && !rados_connect(cluster) && !rbd_open(cluster, "vm", &image, NULL))
		nanosleep(&second_and_a_half, NULL);
}

static void who_opens_before_the_constructor_lives(void **state)
{
	(void)state;
	assert_non_null(image);
	assert_non_null(client_find(cluster));
}

static void its_child_forgets_what_it_had(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (!child)
		_exit(client_find(cluster) != NULL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_opens_before_the_constructor_lives),
		cmocka_unit_test(its_child_forgets_what_it_had),
	};

	return cmocka_run_group_tests_name("an image that is opened before the shim's constructor", tests, NULL, NULL);
}
