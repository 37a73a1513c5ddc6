/* SPDX-License-Identifier: MIT */
/* Verdicts from what only logs tell of watches, pings and the lock breaker. */
#include "logged_facts.h"

/* ---- the watch ---- */

static void an_osds_log_shows_the_expiry_but_not_whether_pings_were_sent(void **state)
{
	const struct incident *incident;
	struct io_failure refused = osd_refuses(ADDRESS);

	(void)state;
	osd_tells_of_an_expiry();
	blocklisted(36, "add", ADDRESS);
	fails(&osd_log, 39, refused);
	incident = judge(1);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->cause, CAUSE_UNKNOWN);
	assert_int_equal(incident->client->global_id, GID);
	assert_int_equal(incident->last_ping_ack_ns, at(15));
	assert_int_equal(incident->watch_expired_ns, at(35));
	assert_string_equal(incident->watch_expired_from, "seen");
	assert_int_equal(incident->watch_timeout_s, 20);
	assert_string_equal(incident->watch_timeout_from, "log");
	assert_string_equal(incident->header_object, HEADER);
	assert_string_equal(incident->image->id, "1030ece95c20");
	assert_true(is_missing(incident, "whether the client's watch pings were lost on the way"));
}

static void a_ping_among_the_slow_requests_is_a_lost_ping(void **state)
{
	const struct incident *incident;
	struct io_failure refused = osd_refuses(ADDRESS);

	(void)state;
	osd_tells_of_an_expiry();
	add(&osd_log, 35.5,
	    (struct event){ .fact = FACT_slow_request,
	                    .slow = { .osd = "osd.0",
	                              .blocked_ns = 15 * NS_PER_S,
	                              .gid = GID,
	                              .cookie = COOKIE,
	                              .object = HEADER,
	                              .text = "slow request" } });
	blocklisted(36, "add", ADDRESS);
	fails(&osd_log, 39, refused);
	incident = judge(1);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
	assert_int_equal(incident->chain[LINK_FENCER].status, STATUS_INFERRED); /* the audit log tells no call */
}

static void the_clients_own_log_is_joined_by_the_cookie(void **state)
{
	struct io_failure failed = failure(LAYER_CLIENT, -ESHUTDOWN);
	const struct incident *incident;

	(void)state;
	osd_tells_of_an_expiry();
	watch(&client_log, 35.1, WATCH_FAILED, (struct watch_logged){ .cookie = COOKIE, .result = -ENOTCONN });
	blocklisted(36, "add", ADDRESS);
	blocklisted(36.5, "add", OTHER);
	fails(&client_log, 39, failed);
	incident = judge(2);
	assert_int_equal(incident[0].confidence, CONF_LIKELY);
	assert_int_equal(incident[0].first_eshutdown.ts_ns, at(39));
	assert_int_equal(incident[0].cause, CAUSE_UNKNOWN); /* -107 only told of the expiry */
	assert_int_equal(incident[1].confidence, CONF_POSSIBLE);
}

/* The client's log is 20 s behind, and nothing ties it to the OSD's: its -107 seems to come right after a ping, and told of the
 * timeout all the same. */
static void an_error_by_an_untied_clock_only_tells_of_the_timeout(void **state)
{
	struct fl_watchers_listed listed = { .pid = 87, .global_id = 4201, .list = 7, .oid = HEADER, .watchers = 0 };
	struct fl_blocklist sent = { .pid = 87,
		                     .global_id = 4201,
		                     .action = 8,
		                     .op = "add",
		                     .target = ADDRESS,
		                     .expire_s = -1,
		                     .entry = FL_ENTRY_EXCLUSIVE_LOCK_BREAK,
		                     .call = "",
		                     .thread = "",
		                     .by_address = BREAKER,
		                     .by_entity = "client.cinder" };
	const struct incident *incident;

	(void)state;
	osd_tells_of_an_expiry();
	watch(&client_log, 15.1, WATCH_FAILED, (struct watch_logged){ .cookie = COOKIE, .result = -ENOTCONN });
	add(&trace, 35.9, (struct event){ .fact = FACT_watchers_listed, .trace.watchers_listed = listed });
	add(&trace, 36, (struct event){ .fact = FACT_blocklist, .trace.blocklist = sent });
	blocklisted(36, "add", ADDRESS);
	audited(36.5, "add", ADDRESS, "client.cinder", 0, AUDIT_FINISHED);
	fails(&client_log, 19, failure(LAYER_CLIENT, -ESHUTDOWN));
	incident = judge(1);
	assert_int_not_equal(incident->cause, CAUSE_WATCH_LOST);
}

static void pings_in_the_clients_log_without_an_answer_are_lost(void **state)
{
	static const struct source log = {
		.path = "client.log", .kind = "ceph-client", .host = "", .end_ns = T0 + 60 * NS_PER_S
	};
	struct io_failure failed = failure(LAYER_CLIENT, -ESHUTDOWN);
	const struct incident *incident;

	(void)state;
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .timeout_s = 20 });
	watch(&osd_log, 1, WATCH_NAMED, (struct watch_logged){ .cookie = COOKIE, .gid = GID, .object = HEADER });
	for (int t = 5; t <= 35; t += 5) {
		watch(&log, t, WATCH_PING_SENT, (struct watch_logged){ .cookie = COOKIE });
		if (t <= 15)
			watch(&log, t + 0.001, WATCH_PING_REPLY, (struct watch_logged){ .cookie = COOKIE });
	}
	watch(&osd_log, 35.2, WATCH_EXPIRED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	blocklisted(36, "add", ADDRESS);
	fails(&log, 39, failed);
	incident = judge(1);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
	assert_int_equal(incident->chain[LINK_FENCER].status, STATUS_INFERRED); /* the audit log tells no call */
	assert_int_equal(incident->lost_pings, 4);
	assert_int_equal(incident->last_ping_ack_ns, at(15));
}

/* librbd's log names no object: the watch that failed as an image's is the header's. */
static void a_clients_log_alone_shows_its_silence(void **state)
{
	static const struct source log = {
		.path = "client.log", .kind = "ceph-client", .host = "", .end_ns = T0 + 60 * NS_PER_S
	};
	const struct incident *incident;

	(void)state;
	for (int t = 5; t <= 35; t += 5) {
		watch(&log, t, WATCH_PING_SENT, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
		if (t <= 15)
			watch(&log, t + 0.001, WATCH_PING_REPLY, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	}
	watch(&log, 36, WATCH_FAILED, (struct watch_logged){ .cookie = COOKIE, .result = -ENOTCONN });
	fails(&log, 39, failure(LAYER_CLIENT, -ESHUTDOWN));
	incident = judge(1);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
	assert_true(incident->lost_pings >= 3);
	assert_int_equal(incident->last_ping_ack_ns, at(15));
}

static void pings_that_the_osd_processed_to_the_end_show_a_client_alive(void **state)
{
	const struct incident *incident;
	struct io_failure refused = osd_refuses(ADDRESS);

	(void)state;
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .timeout_s = 20 });
	for (int t = 5; t <= 35; t += 5)
		watch(&osd_log, t, WATCH_PINGED, (struct watch_logged){ .cookie = COOKIE, .gid = GID, .object = HEADER });
	blocklisted(36, "add", ADDRESS);
	fails(&osd_log, 37, refused);
	incident = judge(1);
	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
	assert_int_equal(incident->confidence, CONF_LIKELY); /* through which call client.cinder did it is not told */
}

static bool is_evidence(const struct incident *incident, const char *words)
{
	for (size_t i = 0; i < incident->evidence_count; i++)
		if (strstr(incident->evidence[i].text, words))
			return true;
	return false;
}

static void a_connection_that_did_not_come_back_is_evidence(void **state)
{
	(void)state;
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .object = HEADER });
	watch(&osd_log, 3, WATCH_DISCONNECTED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	watch(&osd_log, 4, WATCH_CONNECTED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	watch(&osd_log, 5, WATCH_PINGED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	watch(&osd_log, 6, WATCH_DISCONNECTED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	watch(&osd_log, 35, WATCH_EXPIRED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	blocklisted(36, "add", ADDRESS);
	assert_true(is_evidence(judge(1), "lost the client's connection"));
	assert_int_equal(verdicts.incidents->image->watches->disconnected_ns, at(6));
}

static void an_expiry_that_nobody_used_is_a_near_miss(void **state)
{
	(void)state;
	osd_tells_of_an_expiry();
	watch(&osd_log, 40, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE + 8, .gid = GID, .address = ADDRESS, .object = HEADER });
	judge(0);
	assert_int_equal(verdicts.near_miss_count, 1);
	assert_int_equal(verdicts.near_misses[0].kind, NEAR_WATCH_EXPIRED);
	assert_int_equal(verdicts.near_misses[0].end_ns, at(40));
}

/* ---- the lock breaker's log ---- */

static void the_breakers_own_log_tells_the_way_in_and_the_snapshot(void **state)
{
	static const struct source log = { .path = "client.cinder.log", .kind = "ceph-client", .host = "" };
	const struct incident *incident;

	(void)state;
	osd_tells_of_an_expiry();
	add(&log, 35.2, (struct event){ .fact = FACT_snapshot_logged, .snapshot = { .op = "create", .snap = "daily-6" } });
	add(&log, 35.9,
	    (struct event){ .fact = FACT_lock_logged, .lock = { .what = LOCK_SEEN_BY_BREAKER, .gid = GID, .address = ADDRESS } });
	add(&log, 35.95,
	    (struct event){ .fact = FACT_lock_logged,
	                    .lock = { .what = LOCK_BREAKER_BLOCKLISTS, .gid = GID, .by_gid = 4201, .address = "" } });
	audited(36, "add", ADDRESS, "client.cinder", 4201, AUDIT_DISPATCH);
	incident = judge(1);
	assert_string_equal(incident_entry_name(incident), "exclusive-lock-break");
	assert_non_null(incident->window);
	assert_string_equal(incident->window->snap, "daily-6");
}

static void registered_in_trace(double seconds, uint64_t cookie)
{
	add(&trace, seconds,
	    (struct event){ .fact = FACT_watch_registered,
	                    .trace.watch_registered = {
	                            .pid = 7, .global_id = GID, .cookie = cookie, .oid = HEADER, .pool = "rbd", .nspace = "" } });
}

/* story 19013:4312: a watch that was taken anew got its first notification before the call that took it had returned */
static void watches_are_in_order_although_the_second_was_notified_first(void **state)
{
	const struct watch *first = NULL;

	(void)state;
	add(&trace, 0.9,
	    (struct event){ .fact = FACT_image_open,
	                    .trace.image_open = { .pid = 7,
	                                          .global_id = GID,
	                                          .image = 1,
	                                          .pool = "rbd",
	                                          .nspace = "",
	                                          .name = "vm1",
	                                          .image_id = "1030ece95c20",
	                                          .snap = "" } });
	registered_in_trace(1, COOKIE);
	add(&trace, 50.76,
	    (struct event){
	            .fact = FACT_notify,
	            .trace.notify = {
	                    .pid = 7, .global_id = GID, .cookie = COOKIE + 16, .oid = HEADER, .notifier_gid = 9, .op = 3 } });
	registered_in_trace(50.77, COOKIE + 16);
	model_finish(model);
	for (const struct client *client = model->clients; client && !first; client = client->next)
		for (const struct image *image = client->images; image && !first; image = image->next)
			first = image->watches ? image->watches : first;
	assert_non_null(first);
	assert_int_equal(first->cookie, COOKIE);
	assert_non_null(first->next);
	assert_int_equal(first->next->cookie, COOKIE + 16);
}

static void kernel_breaks_the_lock(double seconds)
{
	add(&client_log, seconds,
	    (struct event){ .fact = FACT_lock_logged, .lock = { .what = LOCK_BREAKER_BLOCKLISTS, .gid = GID, .address = "" } });
}

static void ranged(double seconds, const char *range, const char *entity)
{
	for (int phase = AUDIT_DISPATCH; phase <= AUDIT_FINISHED; phase++)
		add(&audit_log, seconds + 0.2 * (phase == AUDIT_FINISHED),
		    (struct event){ .fact = FACT_audit_blocklist,
		                    .audit = { .op = "add",
		                               .target = range,
		                               .range = true,
		                               .expire_s = -1,
		                               .from_address = "10.99.4.2:0/3205404200",
		                               .entity = entity,
		                               .phase = phase,
		                               .result_text = "" } });
}

/* story 15006:1400: `timeline` told so, `incidents` told of two fences */
static void a_client_that_only_a_refusal_tells_of_was_fenced_with_its_range(void **state)
{
	(void)state;
	model_free(model);
	model = model_new(&(struct model_options){ 0 }); /* as `incidents` does: no entries */
	ranged(36, "10.99.2.2/32", "client.csi");
	fails(&osd_log, 49, osd_refuses(ADDRESS));
	assert_string_equal(judge(1)->address_text, ADDRESS);
	assert_int_equal(verdicts.incidents->cause, CAUSE_FENCED_BY_COMMAND);
}

/* story 8003:1261: an operator fenced the host, and krbd the lock's owner 3 s later */
static void a_range_is_no_lock_breakers(void **state)
{
	(void)state;
	osd_tells_of_an_expiry();
	ranged(37, "10.99.2.2/32", "client.admin");
	kernel_breaks_the_lock(40);
	blocklisted(40.1, "add", ADDRESS);
	assert_string_equal(incident_entry_name(judge(1)), "monitor-command");
	assert_int_not_equal(verdicts.incidents->cause, CAUSE_LOST_PINGS);
}

static void of_two_senders_commands_a_breaker_without_its_id_tells_of_neither(void **state)
{
	(void)state;
	osd_tells_of_an_expiry();
	audited(37, "add", ADDRESS, "client.cinder", 7001, AUDIT_DISPATCH);
	kernel_breaks_the_lock(38);
	add(&audit_log, 39,
	    (struct event){ .fact = FACT_audit_blocklist,
	                    .audit = { .op = "add",
	                               .target = ADDRESS,
	                               .expire_s = -1,
	                               .from_address = OTHER,
	                               .entity = "client.admin",
	                               .phase = AUDIT_DISPATCH,
	                               .result_text = "" } });
	assert_null(incident_entry_name(judge(1)));
}

/* ---- a command of client.admin, of which only the audit log tells ---- */

static void an_admin_fences_a_client_that_pings(void)
{
	for (int t = 5; t <= 35; t += 5)
		watch(&osd_log, t, WATCH_PINGED,
		      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .object = HEADER });
	audited(36, "add", ADDRESS, "client.admin", 4201, AUDIT_DISPATCH);
}

static const struct incident *an_admin_fences_and_the_osd_refuses(double refused_s)
{
	struct io_failure refused = osd_refuses(ADDRESS);

	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .object = HEADER });
	an_admin_fences_a_client_that_pings();
	audited(36.4, "add", ADDRESS, "client.admin", 4201, AUDIT_FINISHED);
	watch(&osd_log, 38, WATCH_FENCED, (struct watch_logged){ .address = ADDRESS });
	watch(&osd_log, 38.1, WATCH_REMOVED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	fails(&osd_log, refused_s, refused);
	return judge(1);
}

static void a_client_that_is_refused_soon_after_its_last_ping_was_alive(void **state)
{
	(void)state;
	assert_int_equal(an_admin_fences_and_the_osd_refuses(39)->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(verdicts.incidents->chain[LINK_SILENCE].status, STATUS_SEEN);
}

/* story 11001:3422: it was killed just before the fence, and the OSD drops the watch of the dead as well */
static void a_watch_that_the_osd_drops_shows_no_life(void **state)
{
	(void)state;
	assert_int_equal(an_admin_fences_and_the_osd_refuses(55)->chain[LINK_SILENCE].status, STATUS_INFERRED);
}

/* story 14002:849: a client.admin's librbd fenced it for another image, whose watch it had lost at an OSD that wrote no log */
static void an_osds_log_does_not_show_all_images_of_a_client(void **state)
{
	(void)state;
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .object = HEADER });
	an_admin_fences_a_client_that_pings();
	assert_null(incident_entry_name(judge(1)));
	assert_int_not_equal(verdicts.incidents->confidence, CONF_PROVEN);
}

static void a_sender_that_watches_the_image_itself_is_no_person(void **state)
{
	const struct incident *incident;

	(void)state;
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .object = HEADER });
	watch(&osd_log, 35.9, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE + 8, .gid = 4201, .address = BREAKER, .object = HEADER });
	an_admin_fences_a_client_that_pings();
	incident = judge(1);
	assert_string_not_equal(incident_entry_name(incident) ? incident_entry_name(incident) : "", "monitor-command");
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

/* The OSD drops the watch at 36 s. librbd looks at 45 s, the client is back at 46.9 s, and its guest writes at 62 s only. */
static void what_the_osd_drops_is_a_sign_of_the_fence_before_it_refuses_anything(void **state)
{
	const struct watch_logged back = {
		.cookie = COOKIE + 16, .gid = GID, .address = ADDRESS, .timeout_s = 20, .object = HEADER
	};
	struct io_failure refused = osd_refuses(ADDRESS);

	(void)state;
	osd_tells_of_an_expiry();
	for (int finished = 0; finished < 2; finished++)
		audited(finished ? 49.86 : 45, "add", ADDRESS, "client.admin", 0, finished ? AUDIT_FINISHED : AUDIT_DISPATCH);
	watch(&osd_log, 46.9, WATCH_REGISTERED, back);
	watch(&osd_log, 49.5, WATCH_PINGED, back);
	watch(&osd_log, 49.9, WATCH_FENCED, (struct watch_logged){ .address = ADDRESS });
	watch(&osd_log, 49.901, WATCH_REMOVED, (struct watch_logged){ .cookie = COOKIE + 16, .gid = GID });
	fails(&osd_log, 62.6, refused);
	assert_null(incident_entry_name(judge(1)));
	assert_int_not_equal(verdicts.incidents->confidence, CONF_PROVEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_osds_log_shows_the_expiry_but_not_whether_pings_were_sent),
		TEST(a_ping_among_the_slow_requests_is_a_lost_ping),
		TEST(the_clients_own_log_is_joined_by_the_cookie),
		TEST(an_error_by_an_untied_clock_only_tells_of_the_timeout),
		TEST(pings_in_the_clients_log_without_an_answer_are_lost),
		TEST(a_clients_log_alone_shows_its_silence),
		TEST(pings_that_the_osd_processed_to_the_end_show_a_client_alive),
		TEST(a_connection_that_did_not_come_back_is_evidence),
		TEST(an_expiry_that_nobody_used_is_a_near_miss),
		TEST(watches_are_in_order_although_the_second_was_notified_first),
		TEST(the_breakers_own_log_tells_the_way_in_and_the_snapshot),
		TEST(a_client_that_only_a_refusal_tells_of_was_fenced_with_its_range),
		TEST(a_range_is_no_lock_breakers),
		TEST(of_two_senders_commands_a_breaker_without_its_id_tells_of_neither),
		TEST(a_client_that_is_refused_soon_after_its_last_ping_was_alive),
		TEST(a_watch_that_the_osd_drops_shows_no_life),
		TEST(an_osds_log_does_not_show_all_images_of_a_client),
		TEST(a_sender_that_watches_the_image_itself_is_no_person),
		TEST(what_the_osd_drops_is_a_sign_of_the_fence_before_it_refuses_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
