/* SPDX-License-Identifier: MIT */
/*
 * What the tests of watches share: a provider that keeps the last event of each kind, a caller with a WatchCtx2 as librbd has
 * one, and a connection to an OSD.
 */
#ifndef FENCELINE_WATCH_FIXTURE_H
#define FENCELINE_WATCH_FIXTURE_H

#include "fakes/fake_rados.h"
#include "fakes/ping_messages.h"
#include "base/emit.h"
#include "follow/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* ---- events ---- */

extern _Atomic(int) enabled[FL_EV_COUNT]; /* all but ping_sample, which the tests of the sampler enable */
extern struct fl_watch_registered registered;
extern struct fl_watch_error error_event;
extern struct fl_notify notify_event;
extern struct fl_ping_sent sent_event;
extern struct fl_ping_reply reply_event;
extern struct fl_watch_reconnect_reply reconnect_event;
extern struct fl_ping_sample sample_event;
extern char blocklisted[128]; /* the last blocklist's target */
/* What the last state did not understand; "?" since it was forgotten. For the test's thread. */
void forget_not_understood(void);
const char *last_not_understood(void);

unsigned count(enum fl_event event);
void forget_count(enum fl_event event);

/* ---- the librados API as a program calls it ---- */

int rados_watch3(void *io, const char *oid, uint64_t *cookie, watch_notify_fn notify, watch_error_fn error, uint32_t timeout_s,
                 void *arg);
int rados_unwatch2(void *io, uint64_t cookie);
void rados_shutdown(void *cluster);

struct std_string {
	const char *text;
	size_t length;
	char inside[16];
};
int cpp_aio_watch(void **self, const struct std_string *oid, void **completion, uint64_t *handle, void *ctx2) __asm__(
        "_ZN8librados7v14_2_05IoCtx9aio_watchERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
        "PNS0_13AioCompletionEPmPNS0_9WatchCtx2E");
int cpp_aio_unwatch(void **self, uint64_t cookie,
                    void **completion) __asm__("_ZN8librados7v14_2_05IoCtx11aio_unwatchEmPNS0_13AioCompletionE");

/* Two clients, each with an ioctx of the pool "volumes". */
extern struct fake_cluster cluster, other_cluster;
extern struct fake_ioctx ioctx, other_ioctx;

/* The caller's WatchCtx2. */
struct ctx2 {
	void *const *vtable;
	unsigned notifies, errors;
	int error;
};
extern void *const ctx2_vtable[];

/* The caller's completion callback. */
extern unsigned called_back;
extern void *called_with;
void callback(void *completion, void *arg);

/* Registers as librbd does; the registration is under way when this returns. Returns the completion. */
void *begin_watch(struct fake_ioctx *io, const char *oid, uint64_t *handle, struct ctx2 *ctx2);
/* Registers, and the registration has succeeded. Returns the cookie. */
uint64_t live_watch(struct fake_ioctx *io, const char *oid, struct ctx2 *ctx2);
void end_watch(struct fake_ioctx *io, uint64_t handle);

/* ---- the wire ---- */

struct connection {
	int client, osd;
};
struct connection connection_open(void);
void connection_close(struct connection c);

#define OID "rbd_header.10aa" /* where nothing else is said */
/* The next ping, and the answer to the last one. They return how long it is. */
size_t make_ping(uint8_t message[PING_MAX], uint64_t cookie, const char *oid, size_t *op_at);
size_t make_answer(uint8_t message[PING_MAX], uint64_t cookie, int32_t result, const char *oid, size_t *op_at);
/* The OSD sends this, and the messenger reads it. */
void deliver(struct connection c, const uint8_t *message, size_t length);

void send_ping_named(struct connection c, uint64_t cookie, const char *oid);
void send_ping(struct connection c, uint64_t cookie);
/* The OSD answers, and the messenger reads it. */
void answer(struct connection c, uint64_t cookie, int32_t result);

/* ---- the sampler's thread, and other processes ---- */

bool within_s(int seconds, bool (*so)(void));
bool sampled(void);
bool check_is_running(void);
int exit_code_of_child(int (*run)(void));

/* ---- around each test ---- */

int set_up(void **state);
int tear_down(void **state); /* fails the test if anything is left over */
void fixture_begin(void);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
