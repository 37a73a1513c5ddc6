/* SPDX-License-Identifier: MIT */
#include "fakes/watch_fixture.h"

#include "base/hook.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a provider that keeps the last event of each kind; of samples, which come from a thread, the first not yet forgotten ----
 */

_Atomic(int) enabled[FL_EV_COUNT];
static _Atomic(unsigned) counts[FL_EV_COUNT];
struct fl_watch_registered registered;
struct fl_watch_error error_event;
struct fl_notify notify_event;
struct fl_ping_sent sent_event;
struct fl_ping_reply reply_event;
struct fl_watch_reconnect_reply reconnect_event;
struct fl_ping_sample sample_event;
char blocklisted[128];
static char not_understood[128];
static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER; /* the test's thread and the sampler's tell states */

void forget_not_understood(void)
{
	pthread_mutex_lock(&state_lock);
	strcpy(not_understood, "?");
	pthread_mutex_unlock(&state_lock);
}

const char *last_not_understood(void)
{
	static char copy[sizeof not_understood];

	pthread_mutex_lock(&state_lock);
	memcpy(copy, not_understood, sizeof copy);
	pthread_mutex_unlock(&state_lock);
	return copy;
}

static void keep(enum fl_event event, const void *payload)
{
	switch (event) {
	case FL_EV_watch_registered:
		registered = *(const struct fl_watch_registered *)payload;
		break;
	case FL_EV_watch_error:
		error_event = *(const struct fl_watch_error *)payload;
		break;
	case FL_EV_notify:
		notify_event = *(const struct fl_notify *)payload;
		break;
	case FL_EV_ping_sent:
		sent_event = *(const struct fl_ping_sent *)payload;
		break;
	case FL_EV_ping_reply:
		reply_event = *(const struct fl_ping_reply *)payload;
		break;
	case FL_EV_watch_reconnect_reply:
		reconnect_event = *(const struct fl_watch_reconnect_reply *)payload;
		break;
	case FL_EV_ping_sample:
		if (!atomic_load(&counts[event]))
			sample_event = *(const struct fl_ping_sample *)payload;
		break;
	case FL_EV_state:
		pthread_mutex_lock(&state_lock);
		snprintf(not_understood, sizeof not_understood, "%s", ((const struct fl_state *)payload)->not_understood);
		pthread_mutex_unlock(&state_lock);
		break;
	case FL_EV_blocklist:
		snprintf(blocklisted, sizeof blocklisted, "%s", ((const struct fl_blocklist *)payload)->target);
		break;
	default:
		break;
	}
	atomic_fetch_add(&counts[event], 1);
}

#define KEEP(event, level, when) \
	static void keep_##event(const void *payload) \
	{ \
		keep(FL_EV_##event, payload); \
	}
FL_EVENTS(KEEP)
static int no_frames(uintptr_t *addresses, int max)
{
	return (void)addresses, (void)max, 0;
}
static void no_hook(void) {}
#define ENABLED(event, level, when) (const volatile int *)&enabled[FL_EV_##event],
#define EMITTER(event, level, when) keep_##event,
static const struct fl_provider provider = {
	.abi = FL_PROVIDER_ABI,
	.events = FL_EV_COUNT,
	.enabled = { FL_EVENTS(ENABLED) },
	.emit = { FL_EVENTS(EMITTER) },
	.backtrace = no_frames,
	.before_fork = no_hook,
	.after_fork_parent = no_hook,
	.after_fork_child = no_hook,
};

unsigned count(enum fl_event event)
{
	return atomic_load(&counts[event]);
}

void forget_count(enum fl_event event)
{
	atomic_store(&counts[event], 0);
}

/* ---- a caller ---- */

struct fake_cluster cluster = { 4123 }, other_cluster = { 4999 };
struct fake_ioctx ioctx = { &cluster, "volumes", "" }, other_ioctx = { &other_cluster, "volumes", "" };

static void ctx2_destroy(void *self)
{
	(void)self, fail();
}
static void ctx2_notify(struct ctx2 *self, uint64_t id, uint64_t cookie, uint64_t notifier, void *list)
{
	(void)cookie, (void)list;
	assert_int_equal(id, 77);
	assert_int_equal(notifier, 4200);
	self->notifies++;
}
static void ctx2_error(struct ctx2 *self, uint64_t cookie, int error)
{
	(void)cookie;
	self->error = error;
	self->errors++;
}
void *const ctx2_vtable[] = { (void *)ctx2_destroy, (void *)ctx2_destroy, (void *)ctx2_notify, (void *)ctx2_error };

unsigned called_back;
void *called_with;
void callback(void *completion, void *arg)
{
	(void)completion;
	called_back++;
	called_with = arg;
}

void *begin_watch(struct fake_ioctx *io, const char *oid, uint64_t *handle, struct ctx2 *ctx2)
{
	struct std_string name = { oid, strlen(oid), "" };
	void *self = io, *completion;

	rados_aio_create_completion(&called_back, callback, NULL, &completion);
	assert_int_equal(cpp_aio_watch(&self, &name, &completion, handle, ctx2), 0);
	return completion;
}

uint64_t live_watch(struct fake_ioctx *io, const char *oid, struct ctx2 *ctx2)
{
	uint64_t handle = 0;
	void *completion = begin_watch(io, oid, &handle, ctx2);

	fake_complete(completion, 0);
	rados_aio_release(completion);
	return handle;
}

void end_watch(struct fake_ioctx *io, uint64_t handle)
{
	void *self = io, *completion;

	rados_aio_create_completion(NULL, NULL, NULL, &completion);
	assert_int_equal(cpp_aio_unwatch(&self, handle, &completion), 0);
	fake_complete(completion, 0);
	rados_aio_release(completion);
}

/* ---- the wire ---- */

struct connection connection_open(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	return (struct connection){ fds[0], fds[1] };
}

void connection_close(struct connection c)
{
	close(c.client);
	close(c.osd);
}

static uint64_t tid = 100; /* of the last ping */

size_t make_ping(uint8_t message[PING_MAX], uint64_t cookie, const char *oid, size_t *op_at)
{
	return ping_request(message, &(struct ping_fields){ oid, cookie, ++tid, 1, 0, 7 }, op_at);
}

size_t make_answer(uint8_t message[PING_MAX], uint64_t cookie, int32_t result, const char *oid, size_t *op_at)
{
	return ping_reply(message, &(struct ping_fields){ oid, cookie, tid, 1, result, 7 }, op_at);
}

void deliver(struct connection c, const uint8_t *message, size_t length)
{
	uint8_t got[4096];

	assert_int_equal(send(c.osd, message, length, 0), length);
	assert_int_equal(fake_common_read(c.client, got, sizeof got), length);
	assert_memory_equal(got, message, length);
}

void send_ping_named(struct connection c, uint64_t cookie, const char *oid)
{
	uint8_t message[PING_MAX], got[PING_MAX];
	size_t op_at, length = make_ping(message, cookie, oid, &op_at);
	struct iovec segment = { message, length };

	assert_int_equal(fake_common_send(c.client, &segment, 1), length);
	assert_int_equal(recv(c.osd, got, length, MSG_WAITALL), length);
	assert_memory_equal(got, message, length);
}

void send_ping(struct connection c, uint64_t cookie)
{
	send_ping_named(c, cookie, OID);
}

void answer(struct connection c, uint64_t cookie, int32_t result)
{
	uint8_t message[PING_MAX];
	size_t op_at, length = make_answer(message, cookie, result, OID, &op_at);

	deliver(c, message, length);
}

/* ---- the sampler's thread, and other processes ---- */

bool within_s(int seconds, bool (*so)(void))
{
	for (int i = 0; i < seconds * 100 && !so(); i++)
		usleep(10000);
	return so();
}
bool sampled(void)
{
	return count(FL_EV_ping_sample) > 0;
}
bool check_is_running(void)
{
	return atomic_load(&fake_check_running) > 0;
}

int exit_code_of_child(int (*run)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(run());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- around each test ---- */

int set_up(void **state)
{
	(void)state;
	for (int i = 0; i < FL_EV_COUNT; i++) {
		enabled[i] = i != FL_EV_ping_sample; /* the sampler's own tests enable it */
		atomic_store(&counts[i], 0);
	}
	called_back = 0;
	fake_next_result = fake_next_completes = 0;
	fake_age_ms = 1;
	atomic_store(&fake_check_takes_ms, 0);
	return 0;
}

int tear_down(void **state)
{
	(void)state;
	return fake_watches() || atomic_load(&fake_dangling_checks) || atomic_load(&watches_active) ||
	       atomic_load(&pings_awaited);
}

void fixture_begin(void)
{
	atomic_store(&emit_provider, &provider);
	libraries_refresh();
}
