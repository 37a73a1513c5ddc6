/* SPDX-License-Identifier: MIT */
/* The same as shim_surface_io.c through librbd's C++ API, as rbd, Ceph's own tools and the tests of Ceph use it. */
#include "shim_surface.h"

#include <atomic>
#include <cerrno>
#include <poll.h>
#include <rados/librados.hpp>
#include <rbd/librbd.hpp>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const uint64_t LENGTH = 4096;

static librbd::RBD rbd;
static librbd::Image image;
static sem_t called;
static std::atomic<int> calls;

static ceph::bufferlist filled(uint64_t length, char with = 'y')
{
	ceph::bufferlist list;

	list.append(std::string(length, with));
	return list;
}

/* `c` is librbd's own completion, no RBD::AioCompletion. */
static void post(librbd::completion_t, void *arg)
{
	MUST(arg == &called);
	calls++;
	sem_post(&called);
}

static librbd::RBD::AioCompletion *completion(librbd::callback_t callback)
{
	auto *c = new librbd::RBD::AioCompletion(&called, callback);

	MUST(c->get_arg() == &called);
	return c;
}

static int64_t finish(librbd::RBD::AioCompletion *c)
{
	MUST(c->wait_for_complete() == 0);
	sem_wait(&called);
	MUST(c->is_complete() && c->get_arg() == &called);
	int64_t result = c->get_return_value();
	c->release();
	return result;
}

static void asynchronous_calls()
{
	ceph::bufferlist in = filled(LENGTH), sector = filled(512), zeroes = filled(512, '\0'), out;
	uint64_t mismatch = 0;
	librbd::RBD::AioCompletion *c;

#define ASYNC(op, length, wanted, call) \
	do { \
		uint64_t at = (op) == FL_IO_FLUSH ? 0 : next_place(); \
		c = completion(post); \
		out.clear(); \
		MUST((call) >= 0); \
		int64_t result = finish(c); \
		MUST(result == (int64_t)(wanted)); \
		expect(op, at, length, wanted); \
	} while (0)
	ASYNC(FL_IO_WRITE, LENGTH, 0, image.aio_write(at, LENGTH, in, c));
	ASYNC(FL_IO_WRITE, LENGTH, 0, image.aio_write2(at, LENGTH, in, c, 0));
	ASYNC(FL_IO_READ, LENGTH, LENGTH, image.aio_read(at, LENGTH, out, c));
	MUST(out.length() == LENGTH);
	ASYNC(FL_IO_READ, LENGTH, LENGTH, image.aio_read2(at, LENGTH, out, c, 0));
	ASYNC(FL_IO_DISCARD, 65536, 0, image.aio_discard(at, 65536, c));
#ifdef LIBRBD_SUPPORTS_WRITE_ZEROES
	ASYNC(FL_IO_WRITE_ZEROES, 65536, 0, image.aio_write_zeroes(at, 65536, c, 0, 0));
#endif
	ASYNC(FL_IO_WRITESAME, 65536, 0, image.aio_writesame(at, 65536, in, c, 0));
	ASYNC(FL_IO_COMPARE_AND_WRITE, 512, 0, image.aio_compare_and_write(at, 512, zeroes, sector, c, &mismatch, 0));
	ASYNC(FL_IO_COMPARE_AND_WRITE, 512, -EILSEQ, image.aio_compare_and_write(at, 512, sector, sector, c, &mismatch, 0));
	ASYNC(FL_IO_FLUSH, 0, 0, image.aio_flush(c));
}

static int sum(uint64_t, size_t length, const char *, void *arg)
{
	*(uint64_t *)arg += length;
	return 0;
}

static void synchronous_calls()
{
	ceph::bufferlist in = filled(LENGTH), sector = filled(512), zeroes = filled(512, '\0'), out;
	uint64_t mismatch = 0, seen = 0;

#define SYNC(op, length, wanted, call) \
	do { \
		uint64_t at = (op) == FL_IO_FLUSH ? 0 : next_place(); \
		out.clear(); \
		int64_t result = (call); \
		MUST(result == (int64_t)(wanted)); \
		expect(op, at, length, wanted); \
	} while (0)
	SYNC(FL_IO_WRITE, LENGTH, LENGTH, image.write(at, LENGTH, in));
	SYNC(FL_IO_WRITE, LENGTH, LENGTH, image.write2(at, LENGTH, in, 0));
	SYNC(FL_IO_READ, LENGTH, LENGTH, image.read(at, LENGTH, out));
	SYNC(FL_IO_READ, LENGTH, LENGTH, image.read2(at, LENGTH, out, 0));
	SYNC(FL_IO_READ, LENGTH, LENGTH, image.read_iterate(at, LENGTH, sum, &seen));
	SYNC(FL_IO_READ, LENGTH, 0, image.read_iterate2(at, LENGTH, sum, &seen));
	MUST(seen == 2 * LENGTH);
	SYNC(FL_IO_DISCARD, 65536, 65536, image.discard(at, 65536));
#ifdef LIBRBD_SUPPORTS_WRITE_ZEROES
	SYNC(FL_IO_WRITE_ZEROES, 65536, 65536, image.write_zeroes(at, 65536, 0, 0));
#endif
	SYNC(FL_IO_WRITESAME, 65536, 65536, image.writesame(at, 65536, in, 0));
	SYNC(FL_IO_COMPARE_AND_WRITE, 512, 512, image.compare_and_write(at, 512, zeroes, sector, &mismatch, 0));
	SYNC(FL_IO_COMPARE_AND_WRITE, 512, -EILSEQ, image.compare_and_write(at, 512, sector, sector, &mismatch, 0));
	SYNC(FL_IO_FLUSH, 0, 0, image.flush());
}

/* ---- each use of a completion ---- */

static void write_at(librbd::RBD::AioCompletion *c, uint64_t at)
{
	static ceph::bufferlist in = filled(LENGTH);

	MUST(image.aio_write(at, LENGTH, in, c) == 0);
	expect(FL_IO_WRITE, at, LENGTH, 0);
}

static void released_before_the_callback()
{
	for (int i = 0; i < 20; i++) {
		auto *c = completion(post);
		write_at(c, next_place());
		c->release();
	}
	for (int i = 0; i < 20; i++)
		sem_wait(&called);
}

static void no_callback()
{
	auto *c = completion(nullptr);

	write_at(c, next_place());
	MUST(c->wait_for_complete() == 0 && c->get_return_value() == 0);
	c->release();
	if (!MAY_BE_RELEASED_FIRST)
		return;
	c = completion(nullptr);
	write_at(c, next_place());
	while (!c->is_complete())
		usleep(100);
	MUST(c->get_return_value() == 0);
	c->release();
}

static librbd::RBD::AioCompletion *outer;
static void read_and_wait(librbd::completion_t, void *arg)
{
	auto *inner = completion(nullptr);
	uint64_t at = next_place();
	ceph::bufferlist back;

	MUST(image.aio_read(at, LENGTH, back, inner) == 0);
	expect(FL_IO_READ, at, LENGTH, LENGTH);
	MUST(inner->wait_for_complete() == 0 && inner->get_return_value() == (ssize_t)LENGTH);
	inner->release();
	sem_post((sem_t *)arg);
}

static void waited_for_inside_a_callback()
{
	for (int i = 0; i < 10; i++) {
		outer = completion(read_and_wait);
		write_at(outer, next_place());
		MUST(outer->wait_for_complete() == 0);
		sem_wait(&called);
		outer->release();
	}
}

static void created_and_never_used()
{
	int before = calls;

	for (int i = 0; i < 1000; i++)
		completion(i % 2 ? post : nullptr)->release();
	MUST(calls == before);
}

static int to_go = 50;
static librbd::RBD::AioCompletion *chained;
static void submit_next(librbd::completion_t, void *arg)
{
	chained->release();
	if (to_go-- > 0) {
		chained = completion(submit_next);
		write_at(chained, next_place());
	} else {
		sem_post((sem_t *)arg);
	}
}

static void submitted_in_a_callback()
{
	chained = completion(nullptr);
	submit_next(nullptr, &called);
	sem_wait(&called);
}

static void polled_with_an_event_fd(librados::IoCtx &ioctx, const char *name)
{
	const int COUNT = 16;
	librbd::Image polled;
	librbd::RBD::AioCompletion *done[COUNT];
	ceph::bufferlist lists[COUNT];
	int fd = eventfd(0, EFD_NONBLOCK), total = 0;

	MUST(rbd.open(ioctx, polled, name) == 0);
	MUST(fd >= 0 && polled.set_image_notification(fd, EVENT_TYPE_EVENTFD) == 0);
	for (int i = 0; i < COUNT; i++) {
		uint64_t at = next_place();
		MUST(polled.aio_read(at, 512, lists[i], completion(i % 2 ? post : nullptr)) == 0);
		expect(FL_IO_READ, at, 512, 512);
	}
	while (total < COUNT) {
		struct pollfd wait = { fd, POLLIN, 0 };
		uint64_t count;
		MUST(poll(&wait, 1, 30000) == 1 && read(fd, &count, sizeof count) == sizeof count);
		int got = polled.poll_io_events(done, COUNT);
		MUST(got >= 0);
		for (int i = 0; i < got; i++) {
			MUST(done[i]->get_arg() == &called && done[i]->get_return_value() == 512);
			done[i]->release();
		}
		total += got;
	}
	for (int i = 0; i < COUNT / 2; i++)
		sem_wait(&called);
	MUST(polled.close() == 0);
	close(fd);
}

static void closed_with_io_in_flight(librados::IoCtx &ioctx, const char *name)
{
	ceph::bufferlist in = filled(LENGTH);
	librbd::RBD::AioCompletion *in_flight[64];

	for (int round = 0; round < 4; round++) {
		auto *closing = new librbd::Image;
		int before = calls;
		MUST(rbd.open(ioctx, *closing, name) == 0);
		for (auto &c : in_flight) {
			uint64_t at = next_place();
			c = completion(post);
			MUST(closing->aio_write(at, LENGTH, in, c) == 0);
			expect(FL_IO_WRITE, at, LENGTH, 0);
		}
		if (round == 1) {
			auto *c = completion(post);
			MUST(closing->aio_close(c) == 0 && finish(c) == 0);
			calls--;
		} else if (round == 2) {
			MUST(closing->close() == 0);
		} /* else its destructor closes it */
		delete closing;
		MUST(calls == before + 64);
		for (auto *c : in_flight) {
			sem_wait(&called);
			c->release();
		}
	}
}

int main(int argc, char **argv)
{
	librados::Rados cluster;
	librados::IoCtx ioctx;

	MUST(argc == 3 && sem_init(&called, 0, 0) == 0);
	MUST(cluster.init(nullptr) == 0 && cluster.conf_read_file(nullptr) == 0 && cluster.connect() == 0);
	MUST(cluster.ioctx_create(argv[1], ioctx) == 0 && rbd.open(ioctx, image, argv[2]) == 0);
	synchronous_calls();
	asynchronous_calls();
	if (MAY_BE_RELEASED_FIRST)
		released_before_the_callback();
	no_callback();
	if (MAY_BE_RELEASED_FIRST)
		waited_for_inside_a_callback();
	created_and_never_used();
	submitted_in_a_callback();
	MUST(image.close() == 0);
	polled_with_an_event_fd(ioctx, argv[2]);
	closed_with_io_in_flight(ioctx, argv[2]);
	return 0;
}
