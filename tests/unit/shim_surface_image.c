/* SPDX-License-Identifier: MIT */
/*
 * Every way to open and close an image through librbd's C API, on a real cluster. Prints the events that this must leave. Exits
 * with 1, and says why, if librbd does not do what it does without a shim. usage: surface_image POOL IMAGE
 */
#include "shim_surface.h"

#include <errno.h>
#include <rados/librados.h>
#include <rbd/librbd.h>
#include <string.h>

static rados_ioctx_t ioctx;
static const char *name;
static char id[64];

static void called(rbd_completion_t c, void *arg)
{
	(void)c;
	++*(int *)arg;
}

/* Tells what the image that was just opened must have left, uses it, and closes it. */
static void opened(rbd_image_t image, const char *snap, int read_only)
{
	static int close_aio;
	char byte = 'x';

	expect_open(name, id, snap, read_only, 0);
	MUST(rbd_read(image, 0, 1, &byte) == 1 && byte == 0);
	MUST(rbd_write(image, 0, 1, &byte) == (read_only || *snap ? -EROFS : 1));
	if (close_aio++ % 2) {
		int calls = 0;
		rbd_completion_t c;
		MUST(rbd_aio_create_completion(&calls, called, &c) == 0 && rbd_aio_close(image, c) == 0);
		MUST(rbd_aio_wait_for_complete(c) == 0 && rbd_aio_get_return_value(c) == 0);
		rbd_aio_release(c);
	} else {
		MUST(rbd_close(image) == 0);
	}
	expect_close(*images_opened());
}

typedef int open_fn(rados_ioctx_t, const char *, rbd_image_t *, const char *);
typedef int aio_open_fn(rados_ioctx_t, const char *, rbd_image_t *, const char *, rbd_completion_t);

static int aio_result(aio_open_fn *open, const char *what, rbd_image_t *image, const char *snap, rbd_callback_t callback)
{
	int calls = 0, result;
	rbd_completion_t c;

	MUST(rbd_aio_create_completion(&calls, callback, &c) == 0 && open(ioctx, what, image, snap, c) == 0);
	MUST(rbd_aio_wait_for_complete(c) == 0);
	result = rbd_aio_get_return_value(c);
	rbd_aio_release(c);
	return result;
}

static void each(open_fn *open, aio_open_fn *aio_open, int by_id, int read_only)
{
	const char *what = by_id ? id : name, *text = read_only ? READ_ONLY_SNAP : "snap", *snap = *text ? text : NULL;
	rbd_image_t image;

	MUST(open(ioctx, what, &image, NULL) == 0);
	opened(image, "", read_only);
	MUST(open(ioctx, what, &image, snap) == 0);
	opened(image, text, read_only);
	MUST(open(ioctx, "absent", &image, NULL) == -ENOENT);
	expect_open(by_id ? "" : "absent", by_id ? "absent" : "", "", read_only, -ENOENT);
	MUST(aio_result(aio_open, what, &image, NULL, NULL) == 0);
	opened(image, "", read_only);
	MUST(aio_result(aio_open, what, &image, snap, called) == 0);
	opened(image, text, read_only);
	MUST(aio_result(aio_open, "absent", &image, snap, called) == -ENOENT);
	expect_open(by_id ? "" : "absent", by_id ? "absent" : "", text, read_only, -ENOENT);
}

int main(int argc, char **argv)
{
	rados_t cluster;
	rbd_image_t image;

	MUST(argc == 3);
	name = argv[2];
	MUST(rados_create2(&cluster, "ceph", "client.admin", 0) == 0 && rados_conf_read_file(cluster, NULL) == 0);
	MUST(rados_connect(cluster) == 0 && rados_ioctx_create(cluster, argv[1], &ioctx) == 0);
	MUST(rbd_open(ioctx, name, &image, NULL) == 0 && rbd_get_id(image, id, sizeof id) == 0);
	MUST(rbd_snap_create(image, "snap") == 0);
	opened(image, "", 0);
	each(rbd_open, rbd_aio_open, 0, 0);
	each(rbd_open_read_only, rbd_aio_open_read_only, 0, 1);
	each(rbd_open_by_id, rbd_aio_open_by_id, 1, 0);
	each(rbd_open_by_id_read_only, rbd_aio_open_by_id_read_only, 1, 1);
	rados_ioctx_destroy(ioctx);
	rados_shutdown(cluster);
	expect_client();
	return 0;
}
