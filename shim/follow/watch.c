/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include "cookies.h"
#include "base/emit.h"
#include "base/hook.h"
#include "ioctx.h"
#include "base/layout.h"
#include "noted.h"
#include "base/process.h"
#include "base/ticker.h"

#include "fenceline/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A callback that librados has queued is delivered within seconds; where the end of an unwatch cannot be seen, minutes
 * must do: by then the unwatch has timed out or the process has bigger problems. */
#define REUSE_AFTER_NS        (60 * UINT64_C(1000000000))
#define REUSE_UNSEEN_AFTER_NS (1800 * UINT64_C(1000000000))
#define SAME_PING_NS          (500 * INT64_C(1000000))

static struct watch watches[WATCH_SLOTS];
static _Atomic(unsigned) slots_used; /* no slot at or beyond it was ever used */
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
_Static_assert(WATCH_SLOTS <= COOKIES_MAX, "each watch has a cookie");
_Atomic(unsigned) watches_active;

static enum watch_state state_of(const struct watch *watch)
{
	return (enum watch_state)atomic_load_explicit(&((struct watch *)watch)->state, memory_order_acquire);
}

static bool moves(struct watch *watch, int from, enum watch_state to)
{
	return atomic_compare_exchange_strong(&watch->state, &from, to);
}

static bool is_active(enum watch_state state)
{
	return state > WATCH_FREE && state < WATCH_GONE;
}

static void set_cookie(struct watch *watch, uint64_t cookie)
{
	atomic_store(&watch->cookie, cookie);
	cookie_set((unsigned)(watch - watches), cookie);
}

/* The slot may be given to another watch once `after_ns` have passed. */
static void retire(struct watch *watch, uint64_t after_ns)
{
	watch->reusable_ns = now_monotonic_ns() + after_ns;
	if (is_active((enum watch_state)atomic_exchange(&watch->state, WATCH_GONE))) {
		atomic_fetch_sub(&watches_active, 1);
		cookie_set((unsigned)(watch - watches), 0); /* the next watch may have it at once, and the next, and the next */
		pings_reset(&watch->pings);
	}
}

/* A free slot, or one whose watch is gone for long enough; it is REGISTERING, and the client's, from here on. NULL: all taken. */
static struct watch *take_slot(struct client *client)
{
	uint64_t now = now_monotonic_ns();
	struct watch *found = NULL;

	pthread_mutex_lock(&slots_lock);
	unsigned used = atomic_load(&slots_used);
	for (unsigned i = 0; !found && i < used; i++)
		if (state_of(&watches[i]) == WATCH_GONE && now >= watches[i].reusable_ns)
			found = &watches[i];
	if (!found && used < WATCH_SLOTS) {
		found = &watches[used];
		pthread_mutex_init(&found->lock, NULL);
		atomic_store_explicit(&slots_used, used + 1, memory_order_release);
	}
	if (found) {
		set_cookie(found, 0);
		found->client = client; /* once it is REGISTERING another client's shutdown asks whose it is */
		atomic_store(&found->image, NULL);
		found->completion = NULL;
		found->tapped = false;
		atomic_store(&found->pinged, false);
		found->handle = NULL;
		memset(&found->sample, 0, sizeof found->sample);
		atomic_store(&found->registered_ns, 0);
		atomic_store(&found->acked_sent_ns, 0);
		atomic_store(&found->acked_mono_ns, 0);
		atomic_store(&found->lock_request_ns, 0);
		atomic_store(&found->snapshot_ns, 0);
		pings_init(&found->pings);
		atomic_store_explicit(&found->state, WATCH_REGISTERING, memory_order_release);
		atomic_fetch_add(&watches_active, 1);
	}
	pthread_mutex_unlock(&slots_lock);
	return found;
}

struct watch *watch_begin(void *ioctx, enum hook hook, const char *oid, size_t oid_length, uint32_t timeout_s)
{
	int saved = errno;
	struct client *client = client_of_ioctx(ioctx);
	struct watch *watch = client && oid_length < sizeof watch->oid ? take_slot(client) : NULL;
	struct ioctx_names names;

	if (watch) {
		watch->ioctx = ioctx;
		watch->global_id = client_id(client);
		memcpy(watch->oid, oid, oid_length);
		watch->oid[oid_length] = '\0';
		ioctx_names(ioctx, &names);
		snprintf(watch->pool, sizeof watch->pool, "%s", names.pool);
		snprintf(watch->nspace, sizeof watch->nspace, "%s", names.nspace);
		watch->timeout_s = timeout_s;
		watch->begun_ns = now_monotonic_ns();
	} else {
		hook_pass(hook, client ? "too many watches, or too long a name" : "client not known");
	}
	errno = saved;
	return watch;
}

/* ---- a watch and the image whose header it is on ---- */

/* rbd_header.ID, and NAME.rbd for an image of format 1. */
static bool is_header_of(const struct image *image, const char *oid)
{
	static const char prefix[] = "rbd_header.";
	size_t length = strlen(image->name);

	if (!strncmp(oid, prefix, sizeof prefix - 1))
		return image->id[0] && !strcmp(oid + sizeof prefix - 1, image->id);
	return length && !strncmp(oid, image->name, length) && !strcmp(oid + length, ".rbd");
}

static void tie_if_same(struct image *image, struct watch *watch)
{
	if (image_client(image) != watch->client || strcmp(image->pool, watch->pool) || strcmp(image->nspace, watch->nspace) ||
	    !is_header_of(image, watch->oid))
		return;
	atomic_store(&watch->image_serial, image_serial(image));
	atomic_store_explicit(&watch->image, image, memory_order_release);
	atomic_store(&image->cookie, atomic_load(&watch->cookie));
}

static void visit_image(struct image *image, void *watch)
{
	tie_if_same(image, watch);
}

static void visit_watch(struct watch *watch, void *image)
{
	if (state_of(watch) == WATCH_LIVE || state_of(watch) == WATCH_ERROR)
		tie_if_same(image, watch);
}

void watch_image_opened(struct image *image)
{
	int saved = errno;

	ticker_start(); /* an image without a watch has state and io_summary all the same */
	watch_each(visit_watch, image);
	errno = saved;
}

/* The image if it is still the one that the watch was tied to. */
static struct image *image_of(struct watch *watch)
{
	struct image *image = atomic_load_explicit(&watch->image, memory_order_acquire);

	return image && image_serial(image) == atomic_load(&watch->image_serial) ? image : NULL;
}

void watch_acknowledged(struct watch *watch, int64_t sent_ns, int64_t sent_mono_ns)
{
	struct image *image = image_of(watch);
	/* The same ping is seen exactly on the wire and, some 100 us off, by the sampler: what came first stays. */
	bool newer = sent_mono_ns > atomic_load(&watch->acked_mono_ns) + SAME_PING_NS;

	if (newer) {
		atomic_store(&watch->acked_sent_ns, sent_ns);
		atomic_store(&watch->acked_mono_ns, sent_mono_ns);
	}
	if (image && (newer || !atomic_load(&image->last_ack_sent_ns)))
		atomic_store(&image->last_ack_sent_ns, sent_ns);
}

/* ---- for the status page ---- */

uint32_t watch_image_serial(const struct watch *watch)
{
	return image_serial(image_of((struct watch *)watch));
}

void watch_sampled(struct watch *watch, struct fl_status_watch *entry)
{
	int64_t by_wire_ns = atomic_load(&watch->acked_mono_ns);

	pthread_mutex_lock(&watch->lock);
	entry->tick_s = watch->sample.tick_s;
	entry->error = watch->sample.error;
	entry->overdue = (uint32_t)watch->sample.overdue;
	entry->last_ack_sent_ns = watch->sample.acked_sent_ns;
	entry->last_ack_mono_ns = watch->sample.acked_mono_ms * 1000000;
	pthread_mutex_unlock(&watch->lock);
	if (by_wire_ns > entry->last_ack_mono_ns) { /* newer than the sampler's last look */
		entry->last_ack_mono_ns = by_wire_ns;
		entry->last_ack_sent_ns = atomic_load(&watch->acked_sent_ns);
	}
}

/* librbd's NotifyOp, its numbers the same in Ceph 14 to 20: librbd/WatchNotifyTypes.h. */
enum {
	NOTIFY_REQUEST_LOCK = 2,
	NOTIFY_SNAP_CREATE = 8,
	NOTIFY_SNAP_REMOVE = 9,
	NOTIFY_SNAP_RENAME = 11,
	NOTIFY_SNAP_UNPROTECT = 13
};

void watch_notified(struct watch *watch, int32_t op)
{
	if (op == NOTIFY_REQUEST_LOCK)
		atomic_store(&watch->lock_request_ns, now_realtime_ns());
	else if (op == NOTIFY_SNAP_CREATE || op == NOTIFY_SNAP_REMOVE ||
	         (op >= NOTIFY_SNAP_RENAME && op <= NOTIFY_SNAP_UNPROTECT))
		atomic_store(&watch->snapshot_ns, now_realtime_ns());
}

/* ---- registration ---- */

void watch_registered(struct watch *watch, int result, uint64_t cookie)
{
	int saved = errno;

	pthread_mutex_lock(&watch->lock);
	watch->handle = NULL;
	set_cookie(watch, cookie);
	bool first = moves(watch, WATCH_REGISTERING, result < 0 ? WATCH_FAILED : WATCH_LIVE);
	pthread_mutex_unlock(&watch->lock);
	if (first) {
		atomic_store(&watch->registered_ns, now_realtime_ns());
		EMIT(watch_registered, .pid = process_id(), .global_id = watch->global_id, .cookie = cookie, .oid = watch->oid,
		     .pool = watch->pool, .nspace = watch->nspace, .timeout_s = watch->timeout_s, .result = result,
		     .latency_ns = now_monotonic_ns() - watch->begun_ns);
		if (result < 0) {
			retire(watch, REUSE_AFTER_NS);
		} else {
			image_each(visit_image, watch);
			ticker_start();
		}
	}
	errno = saved;
}

#define WATCH_OF(tap, member) ((struct watch *)((char *)(tap)-offsetof(struct watch, member)))

/* The caller's completion has completed, its own callback comes right after this: *handle is still there. */
static void registration_done(struct completion_tap *tap, int result)
{
	struct watch *watch = WATCH_OF(tap, registered);
	uint64_t cookie;

	pthread_mutex_lock(&watch->lock);
	/* Under the lock: the call may return just now, and then it has the cookie (watch_after_aio). */
	cookie = watch->handle ? *watch->handle : atomic_load(&watch->cookie);
	pthread_mutex_unlock(&watch->lock);
	watch_registered(watch, result, cookie);
}

void watch_before_aio(struct watch *watch, enum hook hook, void *completion, uint64_t *handle)
{
	watch->handle = handle;
	watch->completion = completion;
	watch->registered.done = registration_done;
	watch->tapped = completion_tap(completion, &watch->registered);
	if (!watch->tapped) {
		hook_pass(hook, layout_reason("completion not understood: a ping must show that the watch is registered"));
		ticker_start(); /* for watch_settle */
	}
}

void watch_after_aio(struct watch *watch, int result)
{
	int saved = errno;

	if (result < 0) {
		if (watch->tapped)
			completion_untap(watch->completion, &watch->registered);
		watch_registered(watch, result, 0);
	} else {
		/* The caller may have dropped *handle as soon as its callback ran; registration_done has then taken the cookie.
		 */
		pthread_mutex_lock(&watch->lock);
		if (watch->handle)
			set_cookie(watch, *watch->handle);
		watch->handle = NULL;
		pthread_mutex_unlock(&watch->lock);
	}
	errno = saved;
}

void watch_pings(struct watch *watch)
{
	if (__builtin_expect(state_of(watch) == WATCH_REGISTERING, 0))
		atomic_store(&watch->pinged, true);
}

void watch_settle(struct watch *watch, void *arg)
{
	(void)arg;
	if (state_of(watch) == WATCH_REGISTERING && !watch->tapped && atomic_load(&watch->pinged))
		watch_registered(watch, 0, atomic_load(&watch->cookie));
}

/* ---- the end ---- */

void watch_failed(struct watch *watch, int result)
{
	int saved = errno;

	moves(watch, WATCH_LIVE, WATCH_ERROR);
	if (result == -ESHUTDOWN)
		noted_fenced(watch->client);
	EMIT(watch_error, .pid = process_id(), .global_id = watch->global_id, .cookie = atomic_load(&watch->cookie),
	     .oid = watch->oid, .result = result);
	errno = saved;
}

static void unwatch_done(struct completion_tap *tap, int result)
{
	(void)result;
	retire(WATCH_OF(tap, unwatched), REUSE_AFTER_NS);
}

static struct watch *watch_find(struct client *client, uint64_t cookie)
{
	unsigned used = atomic_load_explicit(&slots_used, memory_order_acquire);

	for (unsigned i = 0; cookie && i < used; i++) {
		enum watch_state state = state_of(&watches[i]);
		if (atomic_load(&watches[i].cookie) == cookie && state >= WATCH_REGISTERING && state <= WATCH_ERROR &&
		    watches[i].client == client)
			return &watches[i];
	}
	return NULL;
}

/* Waits for a sample that is under way; after it there is none. What has ended meanwhile stays ended. */
static void stop_sampling(struct watch *watch)
{
	struct image *image = image_of(watch);
	uint64_t cookie = atomic_load(&watch->cookie);

	pthread_mutex_lock(&watch->lock);
	if (state_of(watch) <= WATCH_ERROR)
		atomic_store_explicit(&watch->state, WATCH_UNWATCHING, memory_order_release);
	pthread_mutex_unlock(&watch->lock);
	if (image)
		atomic_compare_exchange_strong(&image->cookie, &cookie, 0);
}

struct watch *watch_unwatch_begin(void *ioctx, uint64_t cookie, void *completion)
{
	int saved = errno;
	struct watch *watch = watch_find(client_of_ioctx(ioctx), cookie);

	if (watch) {
		stop_sampling(watch);
		watch->completion = completion;
		watch->unwatched.done = unwatch_done;
		watch->tapped = completion && completion_tap(completion, &watch->unwatched);
		EMIT(watch_unregistered, .pid = process_id(), .global_id = watch->global_id, .cookie = cookie, .oid = watch->oid);
	}
	errno = saved;
	return watch;
}

void watch_unwatch_returned(struct watch *watch, int result)
{
	int saved = errno;

	if (!watch->completion)
		retire(watch, REUSE_AFTER_NS);
	else if (!watch->tapped)
		retire(watch, REUSE_UNSEEN_AFTER_NS);
	else if (result < 0) {
		completion_untap(watch->completion, &watch->unwatched);
		retire(watch, REUSE_AFTER_NS);
	}
	errno = saved;
}

void watch_client_shutdown(struct client *client)
{
	unsigned used = atomic_load_explicit(&slots_used, memory_order_acquire);

	for (unsigned i = 0; i < used; i++)
		if (is_active(state_of(&watches[i])) && watches[i].client == client) {
			stop_sampling(&watches[i]);
			retire(&watches[i], REUSE_AFTER_NS);
		}
}

void watch_after_fork_child(void)
{
	unsigned used = atomic_load(&slots_used);

	pthread_mutex_init(&slots_lock, NULL);
	cookies_after_fork_child();
	for (unsigned i = 0; i < used; i++) {
		pthread_mutex_init(&watches[i].lock, NULL);
		pthread_mutex_init(&watches[i].pings.lock, NULL);
		retire(&watches[i], REUSE_AFTER_NS);
	}
}

/* ---- looking ---- */

void watch_each(void (*visit)(struct watch *watch, void *arg), void *arg)
{
	unsigned used = atomic_load_explicit(&slots_used, memory_order_acquire);

	for (unsigned i = 0; i < used; i++) {
		enum watch_state state = state_of(&watches[i]);
		if (state >= WATCH_REGISTERING && state <= WATCH_ERROR && atomic_load(&watches[i].cookie))
			visit(&watches[i], arg);
	}
}

/* A cookie may be given again while its old watch's unwatch is being ended: what is registered goes first. */
static int fit(const struct watch *watch, const struct wire_op *op)
{
	enum watch_state state = state_of(watch);

	return !is_active(state) || !wire_name_is(op, watch->oid) ? 0 : state <= WATCH_ERROR ? 2 : 1;
}

struct watch *watch_find_on_wire(const struct wire_op *op)
{
	unsigned slots[COOKIE_SLOTS], count = cookie_slots(op->cookie, slots);
	struct watch *best = NULL;
	int best_fit = 0;
	bool ambiguous = false;

	for (unsigned i = 0; i < count; i++) {
		int its_fit = fit(&watches[slots[i]], op);
		if (its_fit < best_fit || its_fit == 0)
			continue;
		ambiguous = its_fit == best_fit;
		best_fit = its_fit;
		best = &watches[slots[i]];
	}
	return ambiguous ? NULL : best;
}
