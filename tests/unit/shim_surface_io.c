/* SPDX-License-Identifier: MIT */
/*
 * Every way to do I/O through librbd's C API, on a real image, with every use of a completion that librbd allows. Prints for
 * each I/O the event that it must leave: `io op=N offset=N length=N result=N`. Exits with 1, and says why, if librbd does not
 * do what it does without a shim. usage: surface_io POOL IMAGE
 */
#include "shim_surface.h"

#include <errno.h>
#include <poll.h>
#include <rados/librados.h>
#include <rbd/librbd.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LENGTH ((size_t)4096)

static rbd_image_t image;
static char data[LENGTH], back[2 * LENGTH];
static sem_t called;
static atomic_int calls;

/* ---- completions ---- */

static void post(rbd_completion_t c, void *arg)
{
	MUST(rbd_aio_get_arg(c) == arg && arg == &called);
	calls++;
	sem_post(&called);
}

static void post_and_release(rbd_completion_t c, void *arg)
{
	post(c, arg);
	rbd_aio_release(c);
}

/* The completion was released before: it must not be touched. */
static void only_count(rbd_completion_t c, void *arg)
{
	(void)c;
	MUST(arg == &called);
	calls++;
	sem_post(&called);
}

static rbd_completion_t completion(rbd_callback_t callback)
{
	rbd_completion_t c;

	MUST(rbd_aio_create_completion(&called, callback, &c) == 0);
	MUST(rbd_aio_get_arg(c) == &called);
	return c;
}

static int64_t finish(rbd_completion_t c)
{
	int64_t result;

	MUST(rbd_aio_wait_for_complete(c) == 0);
	sem_wait(&called);
	result = rbd_aio_get_return_value(c);
	rbd_aio_release(c);
	return result;
}

/* ---- each asynchronous call ---- */

#ifdef HAVE_WRITE_WITH_CRC32C
/* As librbd wants it: from -1, and not inverted at the end. */
static uint32_t crc32c(const char *from, size_t length)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		crc ^= (unsigned char)from[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	return crc;
}
#endif

static void asynchronous_calls(void)
{
	struct iovec two[] = { { data, LENGTH / 2 }, { data + LENGTH / 2, LENGTH / 2 } };
	struct iovec into[] = { { back, LENGTH }, { back + LENGTH, LENGTH } };
	uint64_t mismatch = 0;
	rbd_completion_t c;

#define ASYNC(op, length, wanted, call) \
	do { \
		uint64_t at = (op) == FL_IO_FLUSH ? 0 : next_place(); \
		c = completion(post); \
		MUST((call) >= 0); \
		int64_t result = finish(c); \
		MUST(result == (wanted)); \
		expect(op, at, length, wanted); \
	} while (0)
	ASYNC(FL_IO_WRITE, LENGTH, 0, rbd_aio_write(image, at, LENGTH, data, c));
	ASYNC(FL_IO_WRITE, LENGTH, 0, rbd_aio_write2(image, at, LENGTH, data, c, LIBRADOS_OP_FLAG_FADVISE_DONTNEED));
	ASYNC(FL_IO_WRITE, LENGTH, 0, rbd_aio_writev(image, two, 2, at, c));
	ASYNC(FL_IO_READ, LENGTH, (int64_t)LENGTH, rbd_aio_read(image, at, LENGTH, back, c));
	ASYNC(FL_IO_READ, LENGTH, (int64_t)LENGTH, rbd_aio_read2(image, at, LENGTH, back, c, LIBRADOS_OP_FLAG_FADVISE_RANDOM));
	ASYNC(FL_IO_READ, 2 * LENGTH, 2 * (int64_t)LENGTH, rbd_aio_readv(image, into, 2, at, c));
	ASYNC(FL_IO_DISCARD, 65536, 0, rbd_aio_discard(image, at, 65536, c));
#ifdef LIBRBD_SUPPORTS_WRITE_ZEROES
	ASYNC(FL_IO_WRITE_ZEROES, 65536, 0, rbd_aio_write_zeroes(image, at, 65536, c, 0, 0));
#endif
	ASYNC(FL_IO_WRITESAME, 65536, 0, rbd_aio_writesame(image, at, 65536, data, LENGTH, c, 0));
	ASYNC(FL_IO_COMPARE_AND_WRITE, 512, 0, rbd_aio_compare_and_write(image, at, 512, back, data, c, &mismatch, 0));
	ASYNC(FL_IO_COMPARE_AND_WRITE, 512, -EILSEQ, rbd_aio_compare_and_write(image, at, 512, data, data, c, &mismatch, 0));
#ifdef HAVE_COMPARE_AND_WRITEV
	struct iovec zeroes = { back, 512 }, new = { data, 512 };
	ASYNC(FL_IO_COMPARE_AND_WRITE, 512, 0, rbd_aio_compare_and_writev(image, at, &zeroes, 1, &new, 1, c, &mismatch, 0));
#endif
#ifdef HAVE_WRITE_WITH_CRC32C
	ASYNC(FL_IO_WRITE, LENGTH, 0, rbd_aio_write_with_crc32c(image, at, LENGTH, data, crc32c(data, LENGTH), c, 0));
#endif
	ASYNC(FL_IO_FLUSH, 0, 0, rbd_aio_flush(image, c));
}

/* ---- each synchronous call ---- */

static int sum(uint64_t offset, size_t length, const char *from, void *arg)
{
	(void)offset, (void)from;
	*(size_t *)arg += length;
	return 0;
}

static void synchronous_calls(void)
{
	uint64_t mismatch = 0;
	size_t seen;

#define SYNC(op, length, wanted, call) \
	do { \
		uint64_t at = (op) == FL_IO_FLUSH ? 0 : next_place(); \
		seen = 0; \
		int64_t result = (call); \
		MUST(result == (wanted)); \
		expect(op, at, length, wanted); \
	} while (0)
	SYNC(FL_IO_WRITE, LENGTH, (int64_t)LENGTH, rbd_write(image, at, LENGTH, data));
	SYNC(FL_IO_WRITE, LENGTH, (int64_t)LENGTH, rbd_write2(image, at, LENGTH, data, 0));
	SYNC(FL_IO_READ, LENGTH, (int64_t)LENGTH, rbd_read(image, at, LENGTH, back));
	SYNC(FL_IO_READ, LENGTH, (int64_t)LENGTH, rbd_read2(image, at, LENGTH, back, 0));
	SYNC(FL_IO_READ, LENGTH, (int64_t)LENGTH, rbd_read_iterate(image, at, LENGTH, sum, &seen));
	MUST(seen == LENGTH);
	SYNC(FL_IO_READ, LENGTH, 0, rbd_read_iterate2(image, at, LENGTH, sum, &seen));
	MUST(seen == LENGTH);
	SYNC(FL_IO_DISCARD, 65536, 65536, rbd_discard(image, at, 65536));
#ifdef LIBRBD_SUPPORTS_WRITE_ZEROES
	SYNC(FL_IO_WRITE_ZEROES, 65536, 65536, rbd_write_zeroes(image, at, 65536, 0, 0));
#endif
	SYNC(FL_IO_WRITESAME, 65536, 65536, rbd_writesame(image, at, 65536, data, LENGTH, 0));
	memset(back, 0, sizeof back);
	SYNC(FL_IO_COMPARE_AND_WRITE, 512, 512, rbd_compare_and_write(image, at, 512, back, data, &mismatch, 0));
	SYNC(FL_IO_COMPARE_AND_WRITE, 512, -EILSEQ, rbd_compare_and_write(image, at, 512, data, data, &mismatch, 0));
	SYNC(FL_IO_FLUSH, 0, 0, rbd_flush(image));
	/* beyond the end */
	MUST(rbd_write(image, IMAGE_SIZE + 4096, LENGTH, data) == -EINVAL);
	expect(FL_IO_WRITE, IMAGE_SIZE + 4096, LENGTH, -EINVAL);
}

/* ---- each use of a completion ---- */

static void write_at(rbd_completion_t c, uint64_t at)
{
	MUST(rbd_aio_write(image, at, LENGTH, data, c) == 0);
	expect(FL_IO_WRITE, at, LENGTH, 0);
}

static void released_in_the_callback(void)
{
	write_at(completion(post_and_release), next_place());
	sem_wait(&called);
}

static void released_before_the_callback(void)
{
	for (int i = 0; i < 20; i++) {
		rbd_completion_t c = completion(only_count);
		write_at(c, next_place());
		rbd_aio_release(c);
	}
	for (int i = 0; i < 20; i++)
		sem_wait(&called);
}

static void no_callback(void)
{
	rbd_completion_t c = completion(NULL);

	write_at(c, next_place());
	MUST(rbd_aio_wait_for_complete(c) == 0 && rbd_aio_get_return_value(c) == 0 && rbd_aio_is_complete(c));
	rbd_aio_release(c);
	if (!MAY_BE_RELEASED_FIRST)
		return;
	c = completion(NULL);
	write_at(c, next_place());
	while (!rbd_aio_is_complete(c))
		usleep(100);
	MUST(rbd_aio_get_return_value(c) == 0);
	rbd_aio_release(c);
}

/* From Ceph 16 on librbd runs callbacks one after the other, and completes what has none without waiting for them. (A write waits
 * there with and without a shim.) */
static void read_and_wait(rbd_completion_t c, void *arg)
{
	rbd_completion_t inner = completion(NULL);
	uint64_t at = next_place();

	MUST(rbd_aio_read(image, at, LENGTH, back, inner) == 0);
	expect(FL_IO_READ, at, LENGTH, (int64_t)LENGTH);
	MUST(rbd_aio_wait_for_complete(inner) == 0 && rbd_aio_get_return_value(inner) == (int64_t)LENGTH);
	rbd_aio_release(inner);
	post(c, arg);
}

static void waited_for_inside_a_callback(void)
{
	for (int i = 0; i < 10; i++) {
		rbd_completion_t c = completion(read_and_wait);
		write_at(c, next_place());
		MUST(finish(c) == 0);
	}
}

static void created_and_never_used(void)
{
	int before = calls;

	for (int i = 0; i < 1000; i++)
		rbd_aio_release(completion(i % 2 ? post : NULL));
	MUST(calls == before);
}

/* A chain: each callback submits the next. */
static int to_go;
static void submit_next(rbd_completion_t c, void *arg)
{
	rbd_aio_release(c);
	if (to_go-- > 0)
		write_at(completion(submit_next), next_place());
	else
		sem_post(arg);
}

static void submitted_in_a_callback(void)
{
	to_go = 50;
	submit_next(completion(NULL), &called);
	sem_wait(&called);
}

/* As tgt and SPDK do: an event fd says that something has completed, rbd_poll_io_events what. Before anything is in flight:
 * librbd notes the fd for what is submitted from then on. */
static void polled_with_an_event_fd(const char *name, rados_ioctx_t ioctx)
{
	enum { COUNT = 16 };
	rbd_image_t polled;
	rbd_completion_t done[COUNT];
	int fd = eventfd(0, EFD_NONBLOCK), total = 0;

	MUST(rbd_open(ioctx, name, &polled, NULL) == 0);
	MUST(fd >= 0 && rbd_set_image_notification(polled, fd, EVENT_TYPE_EVENTFD) == 0);
	for (int i = 0; i < COUNT; i++) {
		uint64_t at = next_place();
		MUST(rbd_aio_read(polled, at, 512, back, completion(i % 2 ? post : NULL)) == 0);
		expect(FL_IO_READ, at, 512, 512);
	}
	while (total < COUNT) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		uint64_t count;
		MUST(poll(&wait, 1, 30000) == 1 && read(fd, &count, sizeof count) == sizeof count);
		int got = rbd_poll_io_events(polled, done, COUNT);
		MUST(got >= 0);
		for (int i = 0; i < got; i++) {
			MUST(rbd_aio_get_arg(done[i]) == &called && rbd_aio_get_return_value(done[i]) == 512);
			rbd_aio_release(done[i]);
		}
		total += got;
	}
	for (int i = 0; i < COUNT / 2; i++)
		sem_wait(&called);
	MUST(rbd_close(polled) == 0);
	close(fd);
}

/* The close waits for all of it, and every callback comes. */
static void closed_with_io_in_flight(const char *name, rados_ioctx_t ioctx)
{
	for (int round = 0; round < 5; round++) {
		rbd_image_t closing;
		int before = calls;
		MUST(rbd_open(ioctx, name, &closing, NULL) == 0);
		for (int i = 0; i < 64; i++) {
			uint64_t at = next_place();
			MUST(rbd_aio_write(closing, at, LENGTH, data, completion(post_and_release)) == 0);
			expect(FL_IO_WRITE, at, LENGTH, 0);
		}
		if (round % 2) {
			rbd_completion_t c = completion(post);
			MUST(rbd_aio_close(closing, c) == 0 && finish(c) == 0);
		} else {
			MUST(rbd_close(closing) == 0);
			calls++; /* what finish would have */
		}
		MUST(calls == before + 65);
		for (int i = 0; i < 64; i++)
			sem_wait(&called);
	}
}

int main(int argc, char **argv)
{
	rados_t cluster;
	rados_ioctx_t ioctx;

	MUST(argc == 3 && sem_init(&called, 0, 0) == 0);
	memset(data, 'x', sizeof data);
	MUST(rados_create(&cluster, NULL) == 0 && rados_conf_read_file(cluster, NULL) == 0 && rados_connect(cluster) == 0);
	MUST(rados_ioctx_create(cluster, argv[1], &ioctx) == 0 && rbd_open(ioctx, argv[2], &image, NULL) == 0);
	synchronous_calls();
	asynchronous_calls();
	released_in_the_callback();
	if (MAY_BE_RELEASED_FIRST)
		released_before_the_callback();
	no_callback();
	if (MAY_BE_RELEASED_FIRST)
		waited_for_inside_a_callback();
	created_and_never_used();
	submitted_in_a_callback();
	MUST(rbd_close(image) == 0);
	polled_with_an_event_fd(argv[2], ioctx);
	closed_with_io_in_flight(argv[2], ioctx);
	rados_ioctx_destroy(ioctx);
	rados_shutdown(cluster);
	return 0;
}
