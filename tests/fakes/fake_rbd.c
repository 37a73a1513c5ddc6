/* SPDX-License-Identifier: MIT */
#include "fake_rbd.h"
#include "fake_rbd_submit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct image {
	char name[64];
	int event_fd;
	pthread_mutex_t lock;
	struct inner *done; /* completed and not polled yet */
};

struct inner {
	atomic_int refs;
	fake_callback *callback;
	void *arg, *outer;
	struct image *image;
	int64_t result;
	bool complete, submitted;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	struct inner *next, *next_done;
	struct image **opening; /* an aio_open: where the handle goes */
	bool closing;
};

void (*fake_when_named)(void);

static enum fake_mode mode = FAKE_AT_ONCE;
static int64_t wanted_result = 1;

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_filled = PTHREAD_COND_INITIALIZER;
static struct queue {
	struct inner *first, *last;
} held, for_workers; /* under queue_lock */

static void enqueue(struct queue *queue, struct inner *inner)
{
	pthread_mutex_lock(&queue_lock);
	if (queue->first)
		queue->last->next = inner;
	else
		queue->first = inner;
	queue->last = inner;
	if (queue == &for_workers)
		pthread_cond_signal(&queue_filled);
	pthread_mutex_unlock(&queue_lock);
}

static struct inner *dequeue(struct queue *queue)
{
	struct inner *inner;

	pthread_mutex_lock(&queue_lock);
	while (queue == &for_workers && !queue->first)
		pthread_cond_wait(&queue_filled, &queue_lock);
	inner = queue->first;
	if (inner)
		queue->first = inner->next;
	pthread_mutex_unlock(&queue_lock);
	return inner;
}

static void put(struct inner *inner)
{
	if (atomic_fetch_sub(&inner->refs, 1) != 1)
		return;
	pthread_mutex_destroy(&inner->lock);
	pthread_cond_destroy(&inner->cond);
	memset(inner, 0xdd, sizeof *inner);
	free(inner);
}

static void close_image(struct image *image)
{
	pthread_mutex_destroy(&image->lock);
	free(image);
}

static struct image *new_image(const char *name)
{
	struct image *image = calloc(1, sizeof *image);

	snprintf(image->name, sizeof image->name, "%s", name);
	image->event_fd = -1;
	pthread_mutex_init(&image->lock, NULL);
	return image;
}

static void notify_event_fd(struct inner *inner)
{
	struct image *image = inner->image;
	uint64_t one = 1;

	pthread_mutex_lock(&image->lock);
	inner->next_done = image->done;
	image->done = inner;
	/* under the lock: who has polled the last one may close the event fd */
	if (write(image->event_fd, &one, sizeof one) != sizeof one)
		abort();
	pthread_mutex_unlock(&image->lock);
}

static void set_complete(struct inner *inner)
{
	pthread_mutex_lock(&inner->lock);
	inner->complete = true;
	pthread_cond_broadcast(&inner->cond);
	pthread_mutex_unlock(&inner->lock);
}

static void call_back(struct inner *inner)
{
	if (inner->callback)
		inner->callback(inner->outer, inner->arg);
	put(inner);
}

static void complete(struct inner *inner)
{
	if (inner->complete) { /* its callback had been put off */
		call_back(inner);
		return;
	}
	/* Asked now: once it knows of the completion a caller without an event fd may close the image. */
	bool polled = !inner->closing && inner->image && inner->image->event_fd >= 0;

	if (inner->opening)
		*inner->opening = inner->result < 0 ? NULL : new_image("aio");
	if (inner->closing)
		close_image(inner->image);
	if (mode == FAKE_PUT_OFF) {
		set_complete(inner);
		enqueue(&held, inner);
		return;
	}
	if (inner->callback)
		inner->callback(inner->outer, inner->arg);
	if (polled)
		notify_event_fd(inner);
	set_complete(inner);
	put(inner);
}

static void *worker(void *arg)
{
	for (;;)
		complete(dequeue(&for_workers));
	return arg;
}

static void start_workers(void)
{
	pthread_t thread;

	for (int i = 0; i < 4; i++)
		if (pthread_create(&thread, NULL, worker, NULL) || pthread_detach(thread))
			abort();
}

void fake_set(enum fake_mode new_mode, int64_t result)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (new_mode == FAKE_THREADS)
		pthread_once(&once, start_workers);
	mode = new_mode;
	wanted_result = result;
}

size_t fake_complete(size_t count)
{
	size_t done = 0;
	struct inner *inner;

	for (; done < count && (inner = dequeue(&held)); done++)
		complete(inner);
	return done;
}

int64_t fake_result_of(size_t read_length)
{
	return wanted_result == 1 ? (int64_t)read_length : wanted_result;
}

int fake_submit(void *image, size_t read_length, void *c)
{
	struct inner *inner = *(struct inner **)c;

	if (mode == FAKE_REFUSED)
		return (int)wanted_result;
	if (inner->submitted)
		abort(); /* as librbd asserts */
	inner->submitted = true;
	inner->image = image;
	inner->result = fake_result_of(read_length);
	inner->next = NULL;
	atomic_fetch_add(&inner->refs, 1);
	if (mode == FAKE_AT_ONCE || mode == FAKE_PUT_OFF) {
		complete(inner);
		return 0;
	}
	enqueue(mode == FAKE_HELD ? &held : &for_workers, inner);
	return 0;
}

/* ---- completions ---- */

void cpp_completion(void *self, void *cb_arg, fake_callback *complete_cb)
{
	struct inner *inner = calloc(1, sizeof *inner);

	atomic_store(&inner->refs, 1);
	inner->callback = complete_cb;
	inner->arg = cb_arg;
	inner->outer = self;
	pthread_mutex_init(&inner->lock, NULL);
	pthread_cond_init(&inner->cond, NULL);
	*(struct inner **)self = inner;
}

void cpp_release(void *self)
{
	struct inner *inner = *(struct inner **)self;

	put(inner);
	memset(self, 0xdd, sizeof(void *));
	free(self);
}

int fake_calls_back(void *c)
{
	return (*(struct inner **)c)->callback != NULL;
}

void *cpp_get_arg(void *self)
{
	return (*(struct inner **)self)->arg;
}
ssize_t cpp_get_return_value(void *self)
{
	return (*(struct inner **)self)->result;
}

int cpp_wait_for_complete(void *self)
{
	struct inner *inner = *(struct inner **)self;

	pthread_mutex_lock(&inner->lock);
	while (!inner->complete)
		pthread_cond_wait(&inner->cond, &inner->lock);
	pthread_mutex_unlock(&inner->lock);
	return 0;
}

int rbd_aio_create_completion(void *cb_arg, fake_callback *complete_cb, void **c)
{
	*c = malloc(sizeof(void *));
	cpp_completion(*c, cb_arg, complete_cb);
	return 0;
}

void rbd_aio_release(void *c)
{
	cpp_release(c);
}
void *rbd_aio_get_arg(void *c)
{
	return cpp_get_arg(c);
}
int rbd_aio_wait_for_complete(void *c)
{
	return cpp_wait_for_complete(c);
}
ssize_t rbd_aio_get_return_value(void *c)
{
	return cpp_get_return_value(c);
}

bool cpp_is_complete(void *self)
{
	struct inner *inner = *(struct inner **)self;

	pthread_mutex_lock(&inner->lock);
	bool is = inner->complete;
	pthread_mutex_unlock(&inner->lock);
	return is;
}

int rbd_aio_is_complete(void *c)
{
	return cpp_is_complete(c);
}

int rbd_set_image_notification(void *handle, int fd, int type)
{
	(void)type;
	((struct image *)handle)->event_fd = fd;
	return 0;
}

int rbd_poll_io_events(void *handle, void **comps, int numcomp)
{
	struct image *image = handle;
	int i = 0;

	pthread_mutex_lock(&image->lock);
	for (; i < numcomp && image->done; i++) {
		comps[i] = image->done->outer;
		image->done = image->done->next_done;
	}
	pthread_mutex_unlock(&image->lock);
	return i;
}

/* ---- images ---- */

int rbd_open(void *ioctx, const char *name, void **image, const char *snap)
{
	(void)ioctx, (void)snap;
	if (!strcmp(name, "missing"))
		return -ENOENT;
	*image = new_image(name);
	return 0;
}

int rbd_open_read_only(void *ioctx, const char *name, void **image, const char *snap)
{
	(void)ioctx, (void)snap;
	*image = new_image(name);
	return 0;
}

int rbd_open_by_id(void *ioctx, const char *id, void **image, const char *snap)
{
	(void)ioctx, (void)snap;
	*image = new_image(id);
	return 0;
}

int rbd_aio_open(void *ioctx, const char *name, void **image, const char *snap, void *c)
{
	(void)ioctx, (void)name, (void)snap;
	(*(struct inner **)c)->opening = (struct image **)image;
	return fake_submit(NULL, 0, c);
}

int rbd_close(void *image)
{
	close_image(image);
	return 0;
}

int rbd_aio_close(void *image, void *c)
{
	(*(struct inner **)c)->closing = true;
	return fake_submit(image, 0, c);
}

void rbd_version(int *major, int *minor, int *extra);
void rbd_version(int *major, int *minor, int *extra)
{
	*major = 1, *minor = 16, *extra = 0;
}

int rbd_get_id(void *image, char *id, size_t size);
int rbd_get_id(void *image, char *id, size_t size)
{
	void (*now)(void) = __atomic_exchange_n(&fake_when_named, NULL, __ATOMIC_ACQ_REL); /* images are opened side by side */

	if (now)
		now();
	snprintf(id, size, "id-of-%s", ((struct image *)image)->name);
	return 0;
}

int rbd_get_name(void *image, char *name, size_t *size);
int rbd_get_name(void *image, char *name, size_t *size)
{
	snprintf(name, *size, "name-of-%s", ((struct image *)image)->name);
	return 0;
}

int cpp_open(void *rbd, void **ioctx, void **image, const char *name)
{
	return cpp_open_snap(rbd, ioctx, image, name, NULL);
}

int cpp_open_snap(void *rbd, void **ioctx, void **image, const char *name, const char *snap)
{
	(void)rbd, (void)ioctx, (void)snap;
	if (*image)
		close_image(*image);
	*image = NULL;
	if (!strcmp(name, "missing"))
		return -ENOENT;
	*image = new_image(name);
	return 0;
}

int cpp_close(void **image)
{
	if (*image)
		close_image(*image);
	*image = NULL;
	return 0;
}

void cpp_destroy(void **image)
{
	cpp_close(image);
}
