/* SPDX-License-Identifier: MIT */
/* The same as shim_surface_image.c through librbd's C++ API: an Image closes what it holds when another one is opened into it
 * and when it ends, as its own class and as the base of another. */
#include "shim_surface.h"

#include <atomic>
#include <cerrno>
#include <rados/librados.hpp>
#include <rbd/librbd.hpp>
#include <string>
#include <unistd.h>

static librbd::RBD rbd;
static librados::IoCtx ioctx;
static std::string name, id;

struct DerivedCluster : librados::Rados {
	std::string mine = "a text that is no short string of std::string";
};
struct DerivedImage : librbd::Image {
	std::string mine = "a text that is no short string of std::string";
};
/* librbd deletes it as what it is derived from: no members. */
struct DerivedCompletion : librbd::RBD::AioCompletion {
	using librbd::RBD::AioCompletion::AioCompletion;
};

static void called(librbd::completion_t, void *arg)
{
	++*(std::atomic<int> *)arg;
}

static void used(librbd::Image &image, bool writable)
{
	ceph::bufferlist out, in;

	in.append("x");
	MUST(image.read(0, 1, out) == 1 && out.to_str() == std::string(1, '\0'));
	MUST(image.write(0, 1, in) == (writable ? 1 : -EROFS));
	in.clear();
	in.append(std::string(1, '\0'));
	MUST(image.write(0, 1, in) == (writable ? 1 : -EROFS));
}

static int finish(librbd::RBD::AioCompletion *c)
{
	MUST(c->wait_for_complete() == 0);
	int result = c->get_return_value();
	c->release();
	return result;
}

/* Each way for an image to be closed. `open` opens an image or, if told so, one that is not there. */
template <typename Open> static void each(Open open, bool by_id, const char *snap, bool read_only)
{
	auto must_open = [&](librbd::Image &image) {
		MUST(open(image, by_id ? id.c_str() : name.c_str()) == 0);
		expect_open(name.c_str(), id.c_str(), snap, read_only, 0);
		used(image, !read_only && !*snap);
		return *images_opened();
	};
	librbd::Image image;
	std::atomic<int> calls{ 0 };

	must_open(image);
	MUST(image.close() == 0 && image.close() == 0);
	expect_close(*images_opened());
	must_open(image);
	MUST(image.aio_close(new librbd::RBD::AioCompletion(&calls, called)) == 0);
	while (!calls)
		usleep(1000);
	expect_close(*images_opened());
	/* by opening another into it, and by trying to */
	unsigned first = must_open(image), second = must_open(image);
	expect_close(first);
	MUST(open(image, "absent") == -ENOENT);
	expect_close(second);
	expect_open(by_id ? "" : "absent", by_id ? "absent" : "", snap, read_only, -ENOENT);
	MUST(image.close() == 0); /* it holds none */
	{
		librbd::Image by_destructor;
		must_open(by_destructor);
	}
	expect_close(*images_opened());
	{
		DerivedImage by_destructor;
		must_open(by_destructor);
		MUST(by_destructor.mine.size() == 45);
	}
	expect_close(*images_opened());
}

#define SYNC(call) [](librbd::Image &image, const char *what) { return call; }
#define ASYNC(call) \
	[](librbd::Image &image, const char *what) { \
		auto *c = new DerivedCompletion(nullptr, nullptr); \
		MUST(call == 0); \
		return finish(c); \
	}

int main(int argc, char **argv)
{
	MUST(argc == 3);
	name = argv[2];
	{
		DerivedCluster cluster;
		MUST(cluster.init2("client.admin", "ceph", 0) == 0 && cluster.conf_read_file(nullptr) == 0 &&
		     cluster.connect() == 0);
		MUST(cluster.ioctx_create(argv[1], ioctx) == 0);
		{
			librbd::Image image;
			MUST(rbd.open(ioctx, image, name.c_str()) == 0 && image.get_id(&id) == 0 &&
			     image.snap_create("snap") == 0);
			expect_open(name.c_str(), id.c_str(), "", false, 0);
		}
		expect_close(1);
		each(SYNC(rbd.open(ioctx, image, what)), false, "", false);
		each(SYNC(rbd.open(ioctx, image, what, "snap")), false, "snap", false);
		each(SYNC(rbd.open_by_id(ioctx, image, what)), true, "", false);
		each(SYNC(rbd.open_by_id(ioctx, image, what, "snap")), true, "snap", false);
		each(SYNC(rbd.open_read_only(ioctx, image, what, nullptr)), false, "", true);
		each(SYNC(rbd.open_by_id_read_only(ioctx, image, what, nullptr)), true, "", true);
		each(ASYNC(rbd.aio_open(ioctx, image, what, "snap", c)), false, "snap", false);
		each(ASYNC(rbd.aio_open_by_id(ioctx, image, what, nullptr, c)), true, "", false);
		each(ASYNC(rbd.aio_open_read_only(ioctx, image, what, *READ_ONLY_SNAP ? READ_ONLY_SNAP : nullptr, c)), false,
		     READ_ONLY_SNAP, true);
		each(ASYNC(rbd.aio_open_by_id_read_only(ioctx, image, what, nullptr, c)), true, "", true);
		ioctx.close();
		MUST(cluster.mine.size() == 45);
	}
	expect_client();
	return 0;
}
