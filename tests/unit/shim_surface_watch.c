/* SPDX-License-Identifier: MIT */
/*
 * Every way to watch an object, to end that and to notify through librados' C API, on a real cluster. Prints the events that
 * this must leave. Exits with 1, and says why, if librados does not do what it does without a shim. usage: surface_watch POOL
 */
#include "shim_surface.h"

#include <errno.h>
#include <rados/librados.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static rados_t cluster, other_cluster;
static rados_ioctx_t ioctx, other; /* `other` belongs to another client: it notifies */
static char oid[32];
static atomic_int notified;
static uint64_t seen_cookie;

static void notify(void *arg, uint64_t notify_id, uint64_t cookie, uint64_t notifier, void *payload, size_t length)
{
	MUST(arg == &notified && notifier && length == 5 && !memcmp(payload, "hello", 5));
	seen_cookie = cookie;
	notified++;
	MUST(rados_notify_ack(ioctx, oid, notify_id, cookie, "thanks", 6) == 0);
}

static void failed(void *arg, uint64_t cookie, int error)
{
	(void)arg, (void)cookie;
	fprintf(stderr, "%s: watch error %d\n", oid, error);
	exit(1);
}

static void old_notify(uint8_t opcode, uint64_t version, void *arg)
{
	(void)opcode, (void)version;
	MUST(arg == &notified);
	notified++;
}

static void post(rados_completion_t c, void *arg)
{
	(void)c;
	sem_post(arg);
}

static sem_t completed;
static rados_completion_t completion(void)
{
	rados_completion_t c;

	MUST(rados_aio_create_completion(&completed, post, NULL, &c) == 0);
	return c;
}

static int finish(rados_completion_t c)
{
	int result;

	MUST(rados_aio_wait_for_complete(c) == 0);
	sem_wait(&completed);
	result = rados_aio_get_return_value(c);
	rados_aio_release(c);
	return result;
}

static void next_object(const char *what)
{
	snprintf(oid, sizeof oid, "c.%s", what);
	MUST(rados_write_full(ioctx, oid, "x", 1) == 0);
	notified = 0;
}

/* Its four ways, of which a watch sees the same. */
static void notify_by_all_means(int old_watch)
{
	char *reply = NULL;
	size_t length = 0;
	rados_completion_t c = completion();

	MUST(rados_notify2(other, oid, "hello", 5, 10000, &reply, &length) == 0);
	rados_buffer_free(reply);
	MUST(rados_aio_notify(other, oid, c, "hello", 5, 10000, &reply, &length) == 0 && finish(c) == 0);
	rados_buffer_free(reply);
	MUST(rados_notify(other, oid, 0, "hello", 5) == 0);
	MUST(rados_watch_flush(cluster) == 0);
	c = completion();
	MUST(rados_aio_watch_flush(cluster, c) == 0 && finish(c) == 0);
	MUST(notified == 3);
	for (int i = 0; i < 3 && !old_watch; i++)
		printf("notify oid=\"%s\" payload_bytes=5\n", oid);
}

static void registered(unsigned timeout_s, uint64_t cookie)
{
	printf("watch_registered oid=\"%s\" timeout_s=%u result=0\n", oid, timeout_s);
	MUST(rados_watch_check(ioctx, cookie) > 0);
}

static void ended(void)
{
	printf("watch_unregistered oid=\"%s\"\n", oid);
}

static void refused(const char *object, int error)
{
	uint64_t cookie = 0;
	rados_completion_t c = completion();

	MUST(rados_watch2(ioctx, object, &cookie, notify, failed, &notified) == error);
	printf("watch_registered oid=\"%s\" timeout_s=0 result=%d\n", object, error);
	MUST(rados_aio_watch(ioctx, object, c, &cookie, notify, failed, &notified) == 0 && finish(c) == error);
	printf("watch_registered oid=\"%s\" timeout_s=0 result=%d\n", object, error);
}

int main(int argc, char **argv)
{
	rados_completion_t c;
	uint64_t cookie;

	MUST(argc > 1 && sem_init(&completed, 0, 0) == 0);
	MUST(rados_create(&cluster, NULL) == 0 && rados_conf_read_file(cluster, NULL) == 0 && rados_connect(cluster) == 0);
	MUST(rados_create(&other_cluster, NULL) == 0 && rados_conf_read_file(other_cluster, NULL) == 0 &&
	     rados_connect(other_cluster) == 0);
	MUST(rados_ioctx_create(cluster, argv[1], &ioctx) == 0 && rados_ioctx_create(other_cluster, argv[1], &other) == 0);

	next_object("watch");
	MUST(rados_watch(ioctx, oid, 0, &cookie, old_notify, &notified) == 0);
	registered(0, cookie);
	notify_by_all_means(1);
	MUST(rados_unwatch(ioctx, oid, cookie) == 0);
	ended();

	next_object("watch2");
	MUST(rados_watch2(ioctx, oid, &cookie, notify, failed, &notified) == 0);
	registered(0, cookie);
	notify_by_all_means(0);
	MUST(seen_cookie == cookie && rados_unwatch2(ioctx, cookie) == 0);
	ended();

	next_object("watch3");
	MUST(rados_watch3(ioctx, oid, &cookie, notify, failed, 77, &notified) == 0);
	registered(77, cookie);
	notify_by_all_means(0);
	c = completion();
	MUST(seen_cookie == cookie && rados_aio_unwatch(ioctx, cookie, c) == 0 && finish(c) == 0);
	ended();

	next_object("aio_watch");
	c = completion();
	MUST(rados_aio_watch(ioctx, oid, c, &cookie, notify, failed, &notified) == 0 && finish(c) == 0);
	registered(0, cookie);
	notify_by_all_means(0);
	MUST(seen_cookie == cookie && rados_unwatch2(ioctx, cookie) == 0);
	ended();

	next_object("aio_watch2");
	c = completion();
	MUST(rados_aio_watch2(ioctx, oid, c, &cookie, notify, failed, 66, &notified) == 0 && finish(c) == 0);
	registered(66, cookie);
	notify_by_all_means(0);
	c = completion();
	MUST(seen_cookie == cookie && rados_aio_unwatch(ioctx, cookie, c) == 0 && finish(c) == 0);
	ended();

	refused("c.nothing", -ENOENT);
	next_object("left_to_shutdown");
	MUST(rados_watch2(ioctx, oid, &cookie, notify, failed, &notified) == 0);
	registered(0, cookie);
	rados_ioctx_destroy(other);
	rados_ioctx_destroy(ioctx);
	rados_shutdown(other_cluster);
	rados_shutdown(cluster);
	return 0;
}
