/* SPDX-License-Identifier: MIT */
/* The same as shim_surface_watch.c through librados' C++ API, which librbd itself uses. */
#include "shim_surface.h"

#include <atomic>
#include <cerrno>
#include <rados/librados.hpp>
#include <string>

static librados::Rados cluster, other_cluster;
static librados::IoCtx ioctx, other; /* `other` belongs to another client: it notifies */
static std::string oid;
static std::atomic<int> notified;
static uint64_t seen_cookie;

/* With members and a virtual function of its own, as librbd's: the shim stands between it and librados. */
struct Watcher : librados::WatchCtx2 {
	std::string mine = "a text that is no short string of std::string";
	virtual void reply(uint64_t notify_id, uint64_t cookie)
	{
		ceph::bufferlist list;
		list.append("thanks");
		ioctx.notify_ack(oid, notify_id, cookie, list);
	}
	void handle_notify(uint64_t notify_id, uint64_t cookie, uint64_t notifier, ceph::bufferlist &list) override
	{
		MUST(mine.size() == 45 && notifier && list.to_str() == "hello");
		seen_cookie = cookie;
		notified++;
		reply(notify_id, cookie);
	}
	void handle_error(uint64_t, int error) override
	{
		fprintf(stderr, "%s: watch error %d\n", oid.c_str(), error);
		exit(1);
	}
};

struct OldWatcher : librados::WatchCtx {
	void notify(uint8_t, uint64_t, ceph::bufferlist &) override { notified++; }
};

static int finish(librados::AioCompletion *c)
{
	c->wait_for_complete();
	int result = c->get_return_value();
	c->release();
	return result;
}

static librados::AioCompletion *completion() { return librados::Rados::aio_create_completion(); }

static void next_object(const char *what)
{
	ceph::bufferlist list;

	oid = std::string("cpp.") + what;
	list.append("x");
	MUST(ioctx.write_full(oid, list) == 0);
	notified = 0;
}

static void notify_by_all_means(bool old_watch)
{
	ceph::bufferlist hello, reply;
	auto *c = completion();

	hello.append("hello");
	MUST(other.notify2(oid, hello, 10000, &reply) == 0);
	MUST(other.aio_notify(oid, c, hello, 10000, &reply) == 0 && finish(c) == 0);
	MUST(other.notify(oid, 0, hello) == 0);
	MUST(cluster.watch_flush() == 0);
	c = completion();
	MUST(cluster.aio_watch_flush(c) == 0 && finish(c) == 0);
	MUST(notified == 3);
	for (int i = 0; i < 3 && !old_watch; i++)
		printf("notify oid=\"%s\" payload_bytes=5\n", oid.c_str());
}

static void registered(unsigned timeout_s, uint64_t cookie)
{
	printf("watch_registered oid=\"%s\" timeout_s=%u result=0\n", oid.c_str(), timeout_s);
	MUST(ioctx.watch_check(cookie) > 0);
}

static void ended() { printf("watch_unregistered oid=\"%s\"\n", oid.c_str()); }

int main(int argc, char **argv)
{
	Watcher watcher;
	OldWatcher old_watcher;
	uint64_t cookie;

	MUST(argc > 1);
	MUST(cluster.init(nullptr) == 0 && cluster.conf_read_file(nullptr) == 0 && cluster.connect() == 0);
	MUST(other_cluster.init(nullptr) == 0 && other_cluster.conf_read_file(nullptr) == 0 && other_cluster.connect() == 0);
	MUST(cluster.ioctx_create(argv[1], ioctx) == 0 && other_cluster.ioctx_create(argv[1], other) == 0);

	next_object("watch");
	MUST(ioctx.watch(oid, 0, &cookie, &old_watcher) == 0);
	registered(0, cookie);
	notify_by_all_means(true);
	MUST(ioctx.unwatch(oid, cookie) == 0);
	ended();

	next_object("watch2");
	MUST(ioctx.watch2(oid, &cookie, &watcher) == 0);
	registered(0, cookie);
	notify_by_all_means(false);
	MUST(seen_cookie == cookie && ioctx.unwatch2(cookie) == 0);
	ended();

	next_object("watch3");
	MUST(ioctx.watch3(oid, &cookie, &watcher, 77) == 0);
	registered(77, cookie);
	notify_by_all_means(false);
	auto *c = completion();
	MUST(seen_cookie == cookie && ioctx.aio_unwatch(cookie, c) == 0 && finish(c) == 0);
	ended();

	next_object("aio_watch");
	c = completion();
	MUST(ioctx.aio_watch(oid, c, &cookie, &watcher) == 0 && finish(c) == 0);
	registered(0, cookie);
	notify_by_all_means(false);
	MUST(seen_cookie == cookie && ioctx.unwatch2(cookie) == 0);
	ended();

	next_object("aio_watch2");
	c = completion();
	MUST(ioctx.aio_watch2(oid, c, &cookie, &watcher, 66) == 0 && finish(c) == 0);
	registered(66, cookie);
	notify_by_all_means(false);
	c = completion();
	MUST(seen_cookie == cookie && ioctx.aio_unwatch(cookie, c) == 0 && finish(c) == 0);
	ended();

	oid = "cpp.nothing";
	MUST(ioctx.watch2(oid, &cookie, &watcher) == -ENOENT);
	printf("watch_registered oid=\"%s\" timeout_s=0 result=%d\n", oid.c_str(), -ENOENT);
	c = completion();
	MUST(ioctx.aio_watch(oid, c, &cookie, &watcher) == 0 && finish(c) == -ENOENT);
	printf("watch_registered oid=\"%s\" timeout_s=0 result=%d\n", oid.c_str(), -ENOENT);
	return 0;
}
