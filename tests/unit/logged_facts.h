/* SPDX-License-Identifier: MIT */
/* What tests of verdicts from logs share: a model for each case, logs to say something, and the judgement. */
#ifndef FENCELINE_TESTS_LOGGED_FACTS_H
#define FENCELINE_TESTS_LOGGED_FACTS_H

#include "correlate/correlate.h"
#include "io_failures.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#define T0      (INT64_C(1795383660) * NS_PER_S)
#define ADDRESS "10.99.2.2:0/2373152655"
#define OTHER   "10.99.2.3:0/1548601709"
#define BREAKER "10.99.1.2:0/1023636414"
#define GID     4172
#define COOKIE  140417781821920
#define HEADER  "rbd_header.1030ece95c20"

static const struct source audit_log = { .path = "ceph.audit.log", .kind = "ceph-audit", .host = "" };
static const struct source osd_log = { .path = "ceph-osd.0.log", .kind = "ceph-osd", .host = "" };
static const struct source client_log = { .path = "client.nova.log", .kind = "ceph-client", .host = "" };
static const struct source qemu_log = { .path = "vm1.log", .kind = "qemu", .host = "" };
static const struct source command = { .path = "blocklist.txt", .kind = "osd-blocklist-ls", .host = "" };
static const struct source trace = { .path = "trace", .kind = "ctf", .host = "compute1" };

static struct model *model;
static struct verdicts verdicts;

static inline int begin(void **state)
{
	(void)state;
	model = model_new(&(struct model_options){ .keep_entries = true });
	memset(&verdicts, 0, sizeof(verdicts));
	return model ? 0 : -1;
}

static inline int end(void **state)
{
	(void)state;
	verdicts_free(&verdicts);
	model_free(model);
	return 0;
}

static inline int64_t at(double seconds)
{
	return T0 + (int64_t)(seconds * 1e9);
}

static inline void add(const struct source *source, double seconds, struct event event)
{
	event.ts_ns = seconds < 0 ? 0 : at(seconds);
	event.source = source;
	assert_int_equal(model_add(&event, model), 0);
}

static inline const struct incident *judge(size_t count)
{
	const struct correlate_options options = { 0 };

	model_finish(model);
	assert_int_equal(correlate(model, &options, &verdicts), 0);
	assert_int_equal(verdicts.incident_count, count);
	return verdicts.incidents;
}

static inline void audited(double seconds, const char *op, const char *target, const char *entity, uint64_t gid,
                           enum audit_phase phase)
{
	add(&audit_log, seconds,
	    (struct event){ .fact = FACT_audit_blocklist,
	                    .audit = { .op = op,
	                               .target = target,
	                               .expire_s = -1,
	                               .from_address = BREAKER,
	                               .from_gid = gid,
	                               .entity = entity,
	                               .phase = phase,
	                               .result_text = "" } });
}

static inline void blocklisted(double seconds, const char *op, const char *target)
{
	audited(seconds, op, target, "client.cinder", 0, AUDIT_DISPATCH);
}

static inline void watch(const struct source *source, double seconds, enum watch_words what, struct watch_logged more)
{
	more.what = what;
	more.address = more.address ? more.address : "";
	more.object = more.object ? more.object : "";
	more.osd = source == &osd_log ? "osd.0" : "";
	add(source, seconds, (struct event){ .fact = FACT_watch_logged, .watch = more });
}

/* As an OSD logs it at debug_osd 10: registered, pinged every 5 s, then silence and the timeout. */
static inline void osd_tells_of_an_expiry(void)
{
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .timeout_s = 20 });
	for (int t = 5; t <= 15; t += 5) {
		watch(&osd_log, t, WATCH_NAMED, (struct watch_logged){ .cookie = COOKIE, .gid = GID, .object = HEADER });
		watch(&osd_log, t, WATCH_PINGED,
		      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .timeout_s = 20 });
	}
	watch(&osd_log, 35, WATCH_EXPIRED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
}

static inline void fails(const struct source *source, double seconds, struct io_failure what)
{
	add(source, seconds, (struct event){ .fact = FACT_io_failure, .failure = what });
}

static inline bool is_missing(const struct incident *incident, const char *words)
{
	for (size_t i = 0; i < incident->missing_count; i++)
		if (strstr(incident->missing[i], words))
			return true;
	return false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
