/* SPDX-License-Identifier: MIT */
#include "fake_rados.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

uint64_t fake_next_cookie = 0x7f0000001000;
int fake_next_result, fake_next_completes;
_Atomic(void *) fake_begun;
_Atomic(int64_t) fake_age_ms = 1;
_Atomic(unsigned) fake_checks, fake_dangling_checks, fake_check_takes_ms;
_Atomic(int) fake_check_running;
int fake_hides_callbacks;

/* ---- completions ---- */

struct completion {
	uintptr_t unrelated[5];
	fake_callback callback;
	void *arg;
	int result;
	uint64_t cookie; /* of the watch that it is about */
	bool is_unwatch;
};

int rados_aio_create_completion(void *arg, fake_callback complete, fake_callback safe, void **completion)
{
	struct completion *made = calloc(1, sizeof *made);

	(void)safe;
	made->callback = complete;
	made->arg = arg;
	*completion = made;
	return 0;
}

void rados_aio_release(void *completion)
{
	free(completion);
}

int rados_aio_get_return_value(void *completion);
int rados_aio_get_return_value(void *completion)
{
	return ((struct completion *)completion)->result;
}

int set_complete_callback(void **self, void *arg, fake_callback callback) __asm__(
        "_ZN8librados7v14_2_013AioCompletion21set_complete_callbackEPvPFvS2_S2_E");
int set_complete_callback(void **self, void *arg, fake_callback callback)
{
	struct completion *completion = *self;

	if (!fake_hides_callbacks) {
		completion->callback = callback;
		completion->arg = arg;
	}
	return 0;
}

/* ---- watches ---- */

#define WATCHES 64

typedef void (*notify_fn)(void *arg, uint64_t notify_id, uint64_t cookie, uint64_t notifier, void *data, size_t length);
typedef void (*error_fn)(void *arg, uint64_t cookie, int error);

struct linger {
	uint64_t cookie; /* 0: free */
	void *ctx2;      /* C++, or these: */
	notify_fn notify;
	error_fn error;
	void *arg;
};

static struct linger lingers[WATCHES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct linger *find(uint64_t cookie)
{
	for (int i = 0; i < WATCHES; i++)
		if (lingers[i].cookie == cookie)
			return &lingers[i];
	return NULL;
}

static void forget(uint64_t cookie)
{
	pthread_mutex_lock(&lock);
	struct linger *linger = cookie ? find(cookie) : NULL;
	if (linger)
		linger->cookie = 0;
	pthread_mutex_unlock(&lock);
}

unsigned fake_watches(void)
{
	unsigned count = 0;

	for (int i = 0; i < WATCHES; i++)
		count += lingers[i].cookie != 0;
	return count;
}

void fake_complete(void *arg, int result)
{
	struct completion *completion = arg;

	completion->result = result;
	if (completion->is_unwatch || result < 0)
		forget(completion->cookie);
	if (completion->callback)
		completion->callback(completion, completion->arg);
}

static int begin(const struct linger *with, struct completion *completion, uint64_t *handle)
{
	struct linger *linger;

	if (fake_next_result < 0)
		return fake_next_result;
	pthread_mutex_lock(&lock);
	linger = find(0);
	*linger = *with;
	linger->cookie = *handle = fake_next_cookie;
	fake_next_cookie += 0x100;
	pthread_mutex_unlock(&lock);
	if (completion) {
		completion->cookie = linger->cookie;
		if (fake_next_completes)
			fake_complete(completion, 0);
		atomic_store(&fake_begun, completion);
	}
	return 0;
}

int rados_aio_watch(void *io, const char *oid, void *completion, uint64_t *handle, notify_fn notify, error_fn error, void *arg);
int rados_aio_watch(void *io, const char *oid, void *completion, uint64_t *handle, notify_fn notify, error_fn error, void *arg)
{
	(void)io, (void)oid;
	return begin(&(struct linger){ .notify = notify, .error = error, .arg = arg }, completion, handle);
}

int rados_watch3(void *io, const char *oid, uint64_t *cookie, notify_fn notify, error_fn error, uint32_t timeout, void *arg);
int rados_watch3(void *io, const char *oid, uint64_t *cookie, notify_fn notify, error_fn error, uint32_t timeout, void *arg)
{
	(void)io, (void)oid, (void)timeout;
	return begin(&(struct linger){ .notify = notify, .error = error, .arg = arg }, NULL, cookie);
}

int rados_unwatch2(void *io, uint64_t cookie);
int rados_unwatch2(void *io, uint64_t cookie)
{
	(void)io;
	forget(cookie);
	return 0;
}

int aio_watch(void **self, const void *oid, void **completion, uint64_t *handle,
              void *ctx2) __asm__("_ZN8librados7v14_2_05IoCtx9aio_watchERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
                                  "PNS0_13AioCompletionEPmPNS0_9WatchCtx2E");
int aio_watch(void **self, const void *oid, void **completion, uint64_t *handle, void *ctx2)
{
	(void)self, (void)oid;
	return begin(&(struct linger){ .ctx2 = ctx2 }, *completion, handle);
}

int aio_unwatch(void **self, uint64_t cookie,
                void **completion) __asm__("_ZN8librados7v14_2_05IoCtx11aio_unwatchEmPNS0_13AioCompletionE");
int aio_unwatch(void **self, uint64_t cookie, void **completion)
{
	struct completion *c = *completion;

	(void)self;
	c->cookie = cookie;
	c->is_unwatch = true;
	return 0;
}

int rados_watch_check(void *io, uint64_t cookie);
int rados_watch_check(void *io, uint64_t cookie)
{
	unsigned ms = atomic_load(&fake_check_takes_ms);
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	(void)io;
	atomic_fetch_add(&fake_check_running, 1);
	nanosleep(&pause, NULL);
	pthread_mutex_lock(&lock);
	if (!find(cookie))
		atomic_fetch_add(&fake_dangling_checks, 1);
	pthread_mutex_unlock(&lock);
	atomic_fetch_add(&fake_checks, 1);
	atomic_fetch_sub(&fake_check_running, 1);
	return (int)fake_age_ms;
}

/* ---- what librados does on its own ---- */

void fake_notify_list(uint64_t cookie, void *list)
{
	struct linger *linger = find(cookie);

	(*(void (***)(void *, uint64_t, uint64_t, uint64_t, void *))linger->ctx2)[2](linger->ctx2, 77, cookie, 4200, list);
}

void fake_notify(uint64_t cookie, const void *data, size_t length)
{
	struct linger *linger = find(cookie);
	struct fake_part part = { NULL, data };

	if (linger->ctx2)
		fake_notify_list(cookie, &(struct fake_list){ &part, (unsigned)length });
	else
		linger->notify(linger->arg, 77, cookie, 4200, (void *)data, length);
}

void fake_error(uint64_t cookie, int error)
{
	struct linger *linger = find(cookie);

	if (linger->ctx2)
		(*(void (***)(void *, uint64_t, int))linger->ctx2)[3](linger->ctx2, cookie, error);
	else
		linger->error(linger->arg, cookie, error);
}

/* ---- who is asked about an ioctx ---- */

void *rados_ioctx_get_cluster(struct fake_ioctx *io);
uint64_t rados_get_instance_id(struct fake_cluster *cluster);
int rados_getaddrs(void *cluster, char **address);
int rados_cluster_fsid(void *cluster, char *text, size_t size);
int rados_ioctx_get_pool_name(struct fake_ioctx *io, char *text, unsigned size);
int rados_ioctx_get_namespace(struct fake_ioctx *io, char *text, unsigned size);
int rados_conf_get(void *cluster, const char *key, char *text, size_t size);
void rados_shutdown(void *cluster);

void *rados_ioctx_get_cluster(struct fake_ioctx *io)
{
	return io->cluster;
}
uint64_t rados_get_instance_id(struct fake_cluster *cluster)
{
	return cluster->global_id;
}

/* As the real one: without a connection there is no messenger to ask, and nobody looks whether there is. */
int rados_getaddrs(void *cluster, char **address)
{
	if (!((struct fake_cluster *)cluster)->global_id)
		raise(SIGSEGV);
	*address = strdup("10.0.0.2:0/123");
	return 0;
}

int rados_cluster_fsid(void *cluster, char *text, size_t size)
{
	(void)cluster;
	return snprintf(text, size, "0b6c4e34-0000-4000-8000-000000000000");
}

int rados_ioctx_get_pool_name(struct fake_ioctx *io, char *text, unsigned size)
{
	return snprintf(text, size, "%s", io->pool);
}
int rados_ioctx_get_namespace(struct fake_ioctx *io, char *text, unsigned size)
{
	return snprintf(text, size, "%s", io->nspace);
}

int rados_conf_get(void *cluster, const char *key, char *text, size_t size)
{
	(void)cluster;
	return strcmp(key, "objecter_tick_interval") ? -ENOENT : snprintf(text, size, "5.000000") * 0;
}

/* All watches end with the client, whoever's they are: the tests use one client where they shut one down. */
void rados_shutdown(void *cluster)
{
	(void)cluster;
	for (int i = 0; i < WATCHES; i++)
		forget(lingers[i].cookie);
}
