/* SPDX-License-Identifier: MIT */
/* A VM's watch pings as the wire and the sampler tell of them, into the model of model_fixture.h. */
#ifndef FENCELINE_TESTS_PING_EVENTS_H
#define FENCELINE_TESTS_PING_EVENTS_H

#include "model_fixture.h"

#define COOKIE 94211850034176
#define OSD    "10.99.0.1:6802"

static const struct source source = { .path = "trace", .kind = "ctf", .host = "compute1", .tz = "UTC", .tz_from = "log" };

#define ADD(seconds, kind, ...) \
	add(&source, seconds, (struct event){ .fact = FACT_##kind, .trace.kind = { .pid = 7, .global_id = 4143, __VA_ARGS__ } })
#define STATE(seconds) \
	ADD(seconds, state, .host = "compute1", .process = "qemu-system-x86_64", .vm_name = "vm1", .vm_uuid = "u1", \
	    .entity = "client.nova", .address = "10.99.0.2:0/5", .fsid = "f", .ceph_version = "16.2.15", .not_understood = "", \
	    .image = 1, .pool = "rbd", .nspace = "", .name = "vm1", .image_id = "abc", .cookie = COOKIE)
#define SENT(seconds) ADD(seconds, ping_sent, .cookie = COOKIE, .gen = 1, .sent_ns = S(seconds), .osd = OSD)
#define REPLY(at, sent, code) \
	ADD(at, ping_reply, .cookie = COOKIE, .gen = 1, .sent_ns = S(sent), .rtt_ns = (uint64_t)(S(at) - S(sent)), \
	    .result = code, .osd = OSD)
#define SAMPLE(at, acked, how) \
	ADD(at, ping_sample, .cookie = COOKIE, .oid = "rbd_header.abc", .age_ms = (S(at) - S(acked)) / NS_PER_MS + 1, \
	    .acked_sent_ns = S(acked), .change = how)

static inline struct image *image(void)
{
	for (struct client *client = model->clients; client; client = client->next)
		for (struct image *each = client->images; each; each = each->next)
			if (each->serial == 1)
				return each;
	fail_msg("no image");
	return NULL;
}

static inline struct watch *watch(void)
{
	assert_non_null(image()->watches);
	assert_null(image()->watches->next);
	return image()->watches;
}

#endif
