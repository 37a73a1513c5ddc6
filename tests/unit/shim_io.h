/* SPDX-License-Identifier: MIT */
/*
 * What test_shim_io.c, test_shim_completion.c and test_shim_records.c share: a caller of librbd's asynchronous calls, and an
 * image for each case.
 *
 * The I/O wrappers run against a librbd that does as it is told (tests/fakes/fake_rbd.h). Each program is made of the shim's
 * own sources, so its rbd_* calls are the wrappers; they find the fake by its soname.
 */
#ifndef FENCELINE_TESTS_SHIM_IO_H
#define FENCELINE_TESTS_SHIM_IO_H

#include "capture.h"
#include "calls/completion.h"
#include "fake_rbd.h"
#include "follow/image.h"
#include "follow/io.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *image;
static void *ioctx = &image; /* any pointer will do */

/* ---- what callers do ---- */

struct call {
	void *c;
	atomic_int called;
	int64_t result;
	void *arg_seen;
	bool release; /* in the callback, as QEMU does */
};

static void callback(void *c, void *arg)
{
	struct call *call = arg;

	call->result = rbd_aio_get_return_value(c);
	call->arg_seen = rbd_aio_get_arg(c);
	if (call->release)
		rbd_aio_release(c);
	atomic_fetch_add(&call->called, 1);
}

static void *create(struct call *call, bool release)
{
	memset(call, 0, sizeof *call);
	call->release = release;
	assert_int_equal(rbd_aio_create_completion(call, callback, &call->c), 0);
	return call->c;
}

static int begin(void **state)
{
	(void)state;
	capture_reset();
	fake_set(FAKE_AT_ONCE, 1);
	assert_int_equal(rbd_open(ioctx, "disk", &image, NULL), 0);
	capture_enable("all");
	return 0;
}

static int finish(void **state)
{
	(void)state;
	fake_complete(1000000);
	assert_int_equal(io_inflight(image_find(image)), 0);
	assert_int_equal(rbd_close(image), 0);
	assert_null(image_find(image));
	return 0;
}

/* ---- many threads ---- */

static useconds_t patience = 100;

static void *submitter(void *arg)
{
	struct call *calls = calloc((size_t)(uintptr_t)arg, sizeof *calls);

	for (uintptr_t i = 0; i < (uintptr_t)arg; i++)
		rbd_aio_write(image, 0, 512, NULL, create(&calls[i], true));
	for (uintptr_t i = 0; i < (uintptr_t)arg; i++)
		while (!atomic_load(&calls[i].called))
			usleep(patience);
	free(calls);
	return NULL;
}

static inline void run_threads(int threads, uintptr_t ios)
{
	pthread_t ids[400];

	for (int i = 0; i < threads; i++)
		assert_int_equal(pthread_create(&ids[i], NULL, submitter, (void *)ios), 0);
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
}

#endif
