/* SPDX-License-Identifier: MIT */
/*
 * Every way to call a class on an image's header and to ask who watches it through librados' C++ API, which librbd itself uses,
 * on a real cluster: the lock calls of librbd on an object of that name. Prints the events that this must leave. Exits with 1,
 * and says why, if librados does not do what it does without a shim. usage: surface_header POOL IMAGE
 */
#include "shim_surface.h"

#include <cerrno>
#include <cstring>
#include <list>
#include <rados/librados.hpp>
#include <string>
#include <vector>

static librados::Rados cluster;
static librados::IoCtx ioctx;
static std::string oid;

/* ---- what the class `lock` reads: each structure with its version, the oldest one that reads it, and its length ---- */

struct Encoded {
	std::string bytes;
	template <typename T> Encoded &number(T value)
	{
		bytes.append((const char *)&value, sizeof value);
		return *this;
	}
	Encoded &text(const std::string &value)
	{
		number((uint32_t)value.size()).bytes += value;
		return *this;
	}
	ceph::bufferlist list() const
	{
		ceph::bufferlist list;
		uint32_t length = bytes.size();
		list.append("\1\1", 2);
		list.append((const char *)&length, sizeof length);
		list.append(bytes);
		return list;
	}
};

static ceph::bufferlist get_info()
{
	return Encoded().text("rbd_lock").list();
}

/* An exclusive lock: name, type, cookie, tag, description, how long, flags. */
static ceph::bufferlist lock(const char *cookie)
{
	return Encoded()
	        .text("rbd_lock")
	        .number((uint8_t)1)
	        .text(cookie)
	        .text("")
	        .text("")
	        .number((uint64_t)0)
	        .number((uint8_t)0)
	        .list();
}

static ceph::bufferlist unlock(const char *cookie)
{
	return Encoded().text("rbd_lock").text(cookie).list();
}

/* ---- each call with each kind of operation ---- */

static void expect_op(const char *method, int result)
{
	printf("header_op oid=\"%s\" method=\"%s\" result=%d\n", oid.c_str(), method, result);
}

static void count(librados::completion_t, void *arg)
{
	++*(int *)arg;
}

static int calls;
static librados::AioCompletion *completion()
{
#if CEPH_MAJOR >= 16
	return librados::Rados::aio_create_completion(&calls, count);
#else
	return librados::Rados::aio_create_completion(&calls, count, nullptr);
#endif
}

static int finish(librados::AioCompletion *c)
{
	MUST(c->wait_for_complete_and_cb() == 0);
	int result = c->get_return_value();
	c->release();
	return result;
}

/* `call` is one form of operate or aio_operate with a read operation; tells what it must leave. */
template <typename Call> static void reads(Call call)
{
	ceph::bufferlist in = get_info(), out, own;
	librados::ObjectReadOperation op;
	int result = -1;

	op.exec("lock", "get_info", in, &own, &result);
	op.exec("lock", "assert_locked", in); /* fails, and is no event */
	MUST(call(&op, &out) < 0);
	expect_op("lock.get_info", -EINVAL);
	librados::ObjectReadOperation good;
	result = -1;
	good.exec("lock", "get_info", in, &own, &result);
	MUST(call(&good, &out) == 0 && result == 0 && own.length() > 6);
	expect_op("lock.get_info", 0);
}

/* The same with a write operation: takes the lock, is refused it, and gives it back. */
template <typename Call> static void writes(Call call)
{
	for (const char *cookie : { "auto 1", "auto 2", "" }) {
		ceph::bufferlist in = *cookie ? lock(cookie) : unlock("auto 1");
		librados::ObjectWriteOperation op;
		int wanted = !strcmp(cookie, "auto 2") ? -EBUSY : 0;
		op.exec("lock", *cookie ? "lock" : "unlock", in);
		MUST(call(&op) == wanted);
		expect_op(*cookie ? "lock.lock" : "lock.unlock", wanted);
	}
}

struct Completed : librados::ObjectOperationCompletion {
	int *result;
	size_t *length;
	Completed(int *result, size_t *length) : result(result), length(length) {}
	void handle_completion(int r, ceph::bufferlist &out) override
	{
		*result = r;
		*length = out.length();
	}
};

static void each_operation()
{
	ceph::bufferlist in = get_info(), out;
	librados::ObjectReadOperation op;
	int result = -1;
	size_t length = 0;

	op.exec("lock", "get_info", in, new Completed(&result, &length));
	MUST(ioctx.operate(oid, &op, &out) == 0 && result == 0 && length > 6);
	expect_op("lock.get_info", 0);
	MUST(ioctx.exec(oid, "lock", "get_info", in, out) >= 0 && out.length() > 6);
	expect_op("lock.get_info", 0);
	auto *c = completion();
	out.clear();
	MUST(ioctx.aio_exec(oid, c, "lock", "get_info", in, &out) == 0 && finish(c) >= 0 && out.length() > 6);
	expect_op("lock.get_info", 0);
	MUST(ioctx.exec(oid, "lock", "no_such_method", in, out) == -EOPNOTSUPP);
	expect_op("lock.no_such_method", -EOPNOTSUPP);
}

#define READ(call)  reads([](librados::ObjectReadOperation *op, ceph::bufferlist *out) { return ioctx.call; })
#define WRITE(call) writes([](librados::ObjectWriteOperation *op) { return ioctx.call; })
#define AIO_READ(call) \
	reads([](librados::ObjectReadOperation *op, ceph::bufferlist *out) { \
		auto *c = completion(); \
		MUST(ioctx.call == 0); \
		return finish(c); \
	})
#define AIO_WRITE(call) \
	writes([](librados::ObjectWriteOperation *op) { \
		auto *c = completion(); \
		MUST(ioctx.call == 0); \
		return finish(c); \
	})

static std::vector<librados::snap_t> snaps;
static const blkin_trace_info *no_trace;

static void each_form()
{
	READ(operate(oid, op, out));
	WRITE(operate(oid, op));
#if CEPH_MAJOR >= 16
	READ(operate(oid, op, out, 0));
	WRITE(operate(oid, op, 0));
#endif
	AIO_READ(aio_operate(oid, c, op, out));
	AIO_READ(aio_operate(oid, c, op, 0, out));
	AIO_READ(aio_operate(oid, c, op, 0, out, no_trace));
	AIO_READ(aio_operate(oid, c, op, (librados::snap_t)LIBRADOS_SNAP_HEAD, 0, out));
	AIO_WRITE(aio_operate(oid, c, op));
	AIO_WRITE(aio_operate(oid, c, op, 0));
	AIO_WRITE(aio_operate(oid, c, op, (librados::snap_t)0, snaps));
	AIO_WRITE(aio_operate(oid, c, op, (librados::snap_t)0, snaps, no_trace));
	AIO_WRITE(aio_operate(oid, c, op, (librados::snap_t)0, snaps, 0, no_trace));
#if CEPH_MAJOR >= 20
	WRITE(operate(oid, op, 0, nullptr));
	AIO_WRITE(aio_operate(oid, c, op, 0, nullptr));
#endif
}

/* ---- who watches ---- */

struct Watcher : librados::WatchCtx2 {
	void handle_notify(uint64_t, uint64_t, uint64_t, ceph::bufferlist &) override {}
	void handle_error(uint64_t, int) override {}
};

static void expect_watchers(const std::list<obj_watch_t> &watchers)
{
	printf("watchers_listed oid=\"%s\" result=0 watchers=%zu\n", oid.c_str(), watchers.size());
	for (const auto &watch : watchers)
		printf("watcher_listed oid=\"%s\" watcher_gid=%lld cookie=%llu timeout_s=%u\n", oid.c_str(),
		       (long long)watch.watcher_id, (unsigned long long)watch.cookie, watch.timeout_seconds);
}

static void each_list_of_watchers()
{
	Watcher watcher[3];
	uint64_t cookie[3] = { 0 };

	for (int n = 0; n <= 3; n++) {
		std::list<obj_watch_t> watchers, operation, asynchronous;
		librados::ObjectReadOperation op, aio_op;
		int result = -1;
		auto *c = completion();
		MUST(ioctx.list_watchers(oid, &watchers) == 0 && watchers.size() == (size_t)n);
		expect_watchers(watchers);
		op.list_watchers(&operation, &result);
		MUST(ioctx.operate(oid, &op, nullptr) == 0 && result == 0 && operation.size() == (size_t)n);
		expect_watchers(operation);
		aio_op.list_watchers(&asynchronous, nullptr);
		MUST(ioctx.aio_operate(oid, c, &aio_op, nullptr) == 0 && finish(c) == 0 && asynchronous.size() == (size_t)n);
		expect_watchers(asynchronous);
		MUST(n == 3 || ioctx.watch3(oid, &cookie[n], &watcher[n], 40 + n) == 0);
	}
	for (uint64_t each : cookie)
		MUST(ioctx.unwatch2(each) == 0);
	std::list<obj_watch_t> none;
	oid += ".absent";
	MUST(ioctx.list_watchers(oid, &none) == -ENOENT);
	printf("watchers_listed oid=\"%s\" result=%d watchers=0\n", oid.c_str(), -ENOENT);
}

int main(int argc, char **argv)
{
	ceph::bufferlist text;

	MUST(argc == 3);
	oid = std::string("rbd_header.") + argv[2];
	text.append("x");
	MUST(cluster.init("admin") == 0 && cluster.conf_read_file(nullptr) == 0 && cluster.connect() == 0);
	MUST(cluster.ioctx_create(argv[1], ioctx) == 0 && ioctx.write_full(oid, text) == 0);
	each_operation();
	each_form();
	each_list_of_watchers();
	return 0;
}
