/* SPDX-License-Identifier: MIT */
/* What commands print, what other clients than QEMU say, pastes, and files that are large or damaged. */
#include "log_files.h"

/* ---- what commands print ---- */

static void blocklists_are_read_in_every_form(void **state)
{
	static const char both[] = "entry target=10.99.2.2:0/1489055483 until=1795816631014068000\n"
	                           "entry-range target=10.88.0.0/16 until=1795816600314894000\n";

	(void)state;
	tells("a",
	      "10.99.2.2:0/1489055483 2026-11-27T21:57:11.014068+0000\ncidr:10.88.0.0:0/16 2026-11-27T21:56:40.314894+0000\n"
	      "listed 2 entries\n",
	      NULL, both);
	tells("a",
	      "listed 2 entries\n\n[{\"addr\":\"10.99.2.2:0/1489055483\",\"until\":\"2026-11-27T21:57:11.014068+0000\"}]"
	      "[{\"range\":\"10.88.0.0:0/16\",\"until\":\"2026-11-27T21:56:40.314894+0000\"}]",
	      NULL, both);
	tells("a", "listed 1 entries\n127.0.0.1:0/147234759 2020-03-15 22:20:44.052504\n", "+08:00",
	      "entry target=127.0.0.1:0/147234759 until=1584282044052504000\n");
	tells("a", "\n[][]listed 0 entries\n", NULL, "");
	tells("a",
	      "{\"epoch\":21,\"modified\":\"2026-11-27T20:57:13.509833+0000\",\"pools\":[],\"blocklist\":{\"10.99.2.2:0/"
	      "1489055483\":"
	      "\"2026-11-27T21:57:11.014068+0000\"},\"range_blocklist\":{\"cidr:[2001:db8::]:0/"
	      "32\":\"2026-11-27T21:56:40.314894+0000\"}}",
	      NULL,
	      "1795813033.509 entry target=10.99.2.2:0/1489055483 until=1795816631014068000\n"
	      "1795813033.509 entry-range target=2001:db8::/32 until=1795816600314894000\n");
	/* an OSD's dump_blocklist */
	tells("a",
	      "[{\"entity_addr_t\":{\"type\":\"any\",\"addr\":\"10.99.2.2:0\",\"nonce\":1489055483},\"expire_time\":\"2026-11-27T21:57:"
	      "11.014068+0000\"}][{\"entity_addr_t\":{\"type\":\"cidr\",\"addr\":\"10.88.0.0:0\",\"nonce\":16},\"expire_time\":\"2026-11-"
	      "27T21:56:40.314894+0000\"}]",
	      NULL, both);
	tells("a",
	      "{\"epoch\": 5, \"pg_temp\": [], \"pools\": [], \"blacklist\": {\"127.0.0.1:0/147234759\": \"2020-03-15 "
	      "22:20:44.052504\"}}",
	      "+08:00", "entry target=127.0.0.1:0/147234759 until=1584282044052504000\n");
}

static void watchers_and_locks_are_read_in_every_form(void **state)
{
	static const char watch[] = "watch-listed cookie=139889903416784 gid=4167 address=10.99.2.2:0/1489055483\n";
	static const char lock[] = "lock-listed gid=4167 cookie=139889903416784 address=10.99.2.2:0/1489055483\n";

	(void)state;
	tells("a", "Watchers:\n\twatcher=10.99.2.2:0/1489055483 client.4167 cookie=139889903416784\n", NULL, watch);
	tells("a", "Watchers: none\n", NULL, "");
	tells("a", "{\"watchers\":[{\"address\":\"10.99.2.2:0/1489055483\",\"client\":4167,\"cookie\":139889903416784}]}", NULL,
	      watch);
	tells("a",
	      "{\"watchers\":{\"watcher\":{\"address\":\"10.99.2.2:0/1489055483\",\"client\":4167,\"cookie\":139889903416784}}}",
	      NULL, watch);
	tells("a",
	      "There is 1 exclusive lock on this image.\nLocker       ID                    Address\n"
	      "client.4167  auto 139889903416784  10.99.2.2:0/1489055483\n",
	      NULL, lock);
	tells("a", "[{\"id\":\"auto 139889903416784\",\"locker\":\"client.4167\",\"address\":\"10.99.2.2:0/1489055483\"}]", NULL,
	      lock);
	tells("a", "{\"auto 139889903416784\":{\"locker\":\"client.4167\",\"address\":\"10.99.2.2:0/1489055483\"}}", NULL, lock);
	tells("a",
	      "{\"name\":\"rbd_lock\",\"type\":\"exclusive\",\"tag\":\"internal\",\"lockers\":[{\"name\":\"client.4167\","
	      "\"cookie\":\"auto "
	      "139889903416784\",\"addr\":\"10.99.2.2:0/1489055483\"}]}",
	      NULL, lock);
	/* an OSD's dump_watchers: its addresses look like those of dump_blocklist, and nobody in it is fenced */
	tells("a",
	      "[{\"namespace\":\"\",\"object\":\"rbd_header.102cdd587203\",\"entity_name\":{\"type\":\"client\",\"num\":4167},\"cookie\":"
	      "139889903416784,\"timeout\":30,\"entity_addr_t\":{\"type\":\"any\",\"addr\":\"10.99.2.2:0\",\"nonce\":1489055483}}]",
	      NULL,
	      "watch-listed cookie=139889903416784 gid=4167 address=10.99.2.2:0/1489055483 object=rbd_header.102cdd587203 "
	      "timeout=30\n");
	/* the dump of background 1 */
	tells("a",
	      "{ \"oid\": { \"oid\": \"rbd_header.301027238e1f29\", \"pool\": 0 }, \"watchers\": { \"client.8079633\": { "
	      "\"cookie\": "
	      "139996606507840, \"timeout_seconds\": 30, \"addr\": { \"nonce\": 3613298630, \"addr\": \"127.0.0.1:0\" } } } }",
	      NULL,
	      "watch-listed cookie=139996606507840 gid=8079633 address=127.0.0.1:0/3613298630 object=rbd_header.301027238e1f29 "
	      "timeout=30\n");
}

static void latencies_and_settings_are_read_in_every_form(void **state)
{
	static const char two[] = "latency osd=osd.0 commit=12 apply=13\nlatency osd=osd.12 commit=1500 apply=2000\n";

	(void)state;
	tells("a", "osd commit_latency(ms) apply_latency(ms) \n  0                 12                13 \n 12  1500  2000\n",
	      NULL, two);
	tells("a", "osd fs_commit_latency(ms) fs_apply_latency(ms) \n  0  12 13 \n 12  1500  2000\n", NULL, two);
	tells("a",
	      "{\"osd_perf_infos\":[{\"id\":0,\"perf_stats\":{\"commit_latency_ms\":12,\"apply_latency_ms\":13}},{\"id\":12,"
	      "\"perf_stats\":"
	      "{\"commit_latency_ms\":1500,\"apply_latency_ms\":2000}}]}",
	      NULL, two);
	tells("a",
	      "{\"osdstats\":{\"osd_perf_infos\":[{\"id\":3,\"perf_stats\":{\"commit_latency_ms\":7,\"apply_latency_ms\":7}}]}}",
	      NULL, "latency osd=osd.3 commit=7 apply=7\n");
	tells("a", "{\"osd_client_watch_timeout\": \"20\"}", NULL, "timeout 20\n");
	tells("a", "NAME  VALUE  SOURCE\nosd_client_watch_timeout            25      file\n", NULL, "timeout 25\n");
	tells("a", "[osd]\n\tosd client watch timeout = 45\n", NULL, "timeout 45\n");
}

/* A table, a spreadsheet, a list, with a remark behind it; a list of other things with the same columns is none. */
static void rows_are_read_in_whatever_columns(void **state)
{
	static const char entry[] = "entry target=10.99.2.2:0/1489055483 until=1795816631014068000\n";
	static const char *const rows[] = { "| 10.99.2.2:0/1489055483 | 2026-11-27T21:57:11.014068+0000 |\n",
		                            "addr,until\n10.99.2.2:0/1489055483,2026-11-27T21:57:11.014068+0000\n",
		                            "\"10.99.2.2:0/1489055483\",\"2026-11-27T21:57:11.014068+0000\"\n",
		                            "10.99.2.2:0/1489055483\t2026-11-27T21:57:11.014068+0000\n",
		                            "1. 10.99.2.2:0/1489055483 2026-11-27T21:57:11.014068+0000\n",
		                            "* 10.99.2.2:0/1489055483 2026-11-27T21:57:11.014068+0000\n",
		                            "10.99.2.2:0/1489055483 2026-11-27T21:57:11.014068+0000   # vm1\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		tells("a", rows[i], NULL, entry);
	tells("a",
	      "| Locker      | ID                   | Address                |\n"
	      "| client.4167 | auto 139889903416784 | 10.99.2.2:0/1489055483 |\n",
	      NULL, "lock-listed gid=4167 cookie=139889903416784 address=10.99.2.2:0/1489055483\n");
	tells("a", "10.99.2.2:0/1489055483,2026-11-27T21:57:11.014068+0000,session 7,open\n", NULL, "");
}

static void operations_that_took_long_are_slow_requests(void **state)
{
	(void)state;
	tells("a",
	      "{\"ops\": [{\"description\": \"osd_op(client.4167.0:30 1.6 1:6686f444:::rbd_header.102cdd587203:head [watch ping cookie "
	      "139889903416784] snapc 0=[] ondisk+write+known_if_redirected e18)\", \"initiated_at\": "
	      "\"2026-11-27T20:57:11.014068+0000\", \"age\": 33.5, \"duration\": 33.5}, {\"description\": \"osd_op(client.4167.0:31 "
	      "1.6 1:6686f444:::rbd_data.102cdd587203.0000000000000000:head [write 0~4096] snapc 0=[] ondisk e18)\", "
	      "\"initiated_at\": \"2026-11-27T20:57:11.014068+0000\", \"age\": 900.1, \"duration\": 0.001}], \"num_ops\": 2}",
	      NULL,
	      "1795813064.514 slow count=1 ms=33500 gid=4167 cookie=139889903416784 object=rbd_header.102cdd587203\n"
	      "1795813064.514 watch-named cookie=139889903416784 gid=4167 object=rbd_header.102cdd587203\n");
	tells("a", "{\"ops\": [], \"num_ops\": 0}", NULL, "");
}

/* ---- other clients, and what health tells ---- */

static void the_kernels_own_client_is_no_guest(void **state)
{
	(void)state;
	tells("kern.log",
	      "2024-06-09T18:00:34+0000 node3 kernel: [  715.1] rbd: rbd2: encountered watch error: -107\n"
	      "2024-06-09T18:00:35+0000 node3 kernel: [  716.1] rbd: rbd2: write at objno 12 4096~4096 result -108\n"
	      "2024-06-09T18:00:35+0000 node3 kernel: [  716.1] rbd: rbd2: write result -108\n"
	      "2024-06-09T18:00:35+0000 node3 kernel: [  716.1] libceph: osd3 down\n"
	      "2024-06-09T18:00:36+0000 node3 kernel: [  717.1] blk_update_request: I/O error, dev rbd2, sector 8 op 0x1:(WRITE) "
	      "flags "
	      "0x800 phys_seg 1 prio class 0\n"
	      "2024-06-09T18:00:37+0000 node3 kernel: [  718.1] rbd: rbd1: breaking header lock owned by client4167\n"
	      "2024-06-09T18:00:37+0000 node3 kernel: [  718.1] rbd: rbd1: failed to blocklist client4167: -13\n",
	      NULL,
	      "1717956034.000 host-refused device=rbd2 error=107\n"
	      "1717956035.000 host-refused device=rbd2 op=write error=108\n"
	      "1717956035.000 host-io device=rbd2 op=write error=108\n"
	      "1717956036.000 host-refused device=rbd2 op=write offset=4096 error=5\n"
	      "1717956037.000 lock-blocklisted gid=4167 device=rbd1\n"
	      "1717956037.000 lock-refused gid=4167 device=rbd1 error=13\n");
}

static void a_guests_log_tells_of_no_disk_of_a_host(void **state)
{
	(void)state;
	tells("instances/0ca4ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d/console.log",
	      "[   72.8] rbd: rbd2: write result -108\n[   72.9] I/O error, dev vda, sector 8 op 0x1:(WRITE) flags 0x8800\n",
	      NULL, "guest-io uuid=0ca4ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d device=vda op=write offset=4096 error=5\n");
}

static void whoever_is_refused_is_a_client(void **state)
{
	(void)state;
	tells("rbd-mirror.log",
	      "debug 2026-03-01T19:52:25.724+0000 7f34ffe56980 -1 rbd::mirror::ClusterWatcher:0x55 read_pool_peers: could not "
	      "tell "
	      "whether mirroring was enabled for p : (108) Cannot send after transport endpoint shutdown\n",
	      NULL, "1772394745.724 client-refused error=108\n");
	tells("tcmu-runner.log",
	      "2020-10-19 16:07:37.963 2988 [ERROR] tcmu_rbd_has_lock:516 rbd/rbd.disk1: Could not check lock ownership. Error: "
	      "Cannot "
	      "send after transport endpoint shutdown.\n"
	      "2020-10-19 16:07:38.000 2988 [ERROR] tcmu_rbd_lock_break:580 rbd/rbd.disk1: Could not break lock from "
	      "10.0.0.15:0/2742851101. (Err -16)\n",
	      "UTC",
	      "1603123657.963 client-refused error=108\n1603123658.000 lock-refused address=10.0.0.15:0/2742851101 error=16\n");
	tells("cinder-volume.log",
	      "2024-03-27 12:59:18.620 7 ERROR cinder.volume.manager [req-1 u p - - -] rbd.ConnectionShutdown: [errno 108] RBD "
	      "connection was shutdown (error opening image b'volume-1' at snapshot None)\n",
	      "UTC", "1711544358.620 client-refused error=108\n");
	tells("csi.log",
	      "2024-03-27T12:59:18.620123000Z stderr F E0327 12:59:18.620100       1 utils.go:200] ID: 12 GRPC error: rpc error: "
	      "code = "
	      "Internal desc = rbd: map failed with error an error (exit status 108) occurred while running rbd args: [map "
	      "p/i]\n",
	      NULL, "1711544358.620 client-refused error=108\n");
}

static void slow_operations_name_their_daemons(void **state)
{
	(void)state;
	tells("health.txt",
	      "[root@mon1 ~]# ceph health detail\n"
	      "HEALTH_WARN 12 slow ops, oldest one blocked for 174 sec, daemons [osd.2,mon.a,osd.13] have slow ops.\n"
	      "[WRN] SLOW_OPS: 12 slow ops, oldest one blocked for 174 sec, daemons [osd.2,mon.a,osd.13] have slow ops.\n"
	      "    osd.5  observed slow operation indications in BlueStore\n"
	      "    osd.7 has blocked requests > 32.768 sec\n"
	      "    osds 8,9 have blocked requests > 65.536 sec\n"
	      "    3 slow ops, oldest one blocked for 33 sec, mon.a has slow ops\n",
	      NULL,
	      "slow osd=osd.2,osd.13 count=12 ms=174000\nslow osd=osd.2,osd.13 count=12 ms=174000\nslow osd=osd.5\n"
	      "slow osd=osd.7 ms=32768\nslow osd=osd.8,osd.9 ms=65536\n");
	tells("ceph-osd.3.log",
	      "2024-03-27T12:59:18.620+0000 7f1de2b0b640  0 bluestore(/var/lib/ceph/osd/ceph-3) log_latency_fn slow operation "
	      "observed "
	      "for _txc_committed_kv, latency = 6.194s, txc = 0x55d0c8f5a5f0\n",
	      NULL, "1711544358.620 slow osd=osd.3 ms=6194\n");
}

/* ---- pastes ---- */

static void a_paste_may_hold_several_commands(void **state)
{
	(void)state;
	tells("paste.txt",
	      "Hello,\n\n> root@mon1:~# ceph osd blocklist ls\n> listed 1 entries\n> 10.0.0.9:0/7654321 2024-03-27 "
	      "13:59:18.620123\n"
	      "> root@mon1:~# ceph osd blocklist ls -f json\n> [\n>   {\n>     \"addr\": \"10.0.0.8:0/1\",\n"
	      ">     \"until\": \"2024-03-27T13:59:18.620123+0000\"\n>   }\n> ]\n> []\n"
	      "> root@mon1:~# rbd lock ls vms/a\n> There is 1 exclusive lock on this image.\n> Locker       ID   Address\n"
	      "> client.24251 auto 94541455753216 10.0.0.9:0/7654321\n"
	      "> root@mon1:~# ceph osd perf\n> osd commit_latency(ms) apply_latency(ms)\n>   0                 12                "
	      "13\n"
	      "> root@mon1:~# some other\n> 1 2 3\n",
	      NULL,
	      "entry target=10.0.0.9:0/7654321 until=1711547958620123000\nentry target=10.0.0.8:0/1 until=1711547958620123000\n"
	      "lock-listed gid=24251 cookie=94541455753216 address=10.0.0.9:0/7654321\nlatency osd=osd.0 commit=12 apply=13\n");
}

static void numbers_too_big_do_not_lose_a_document(void **state)
{
	(void)state;
	tells("dump.json",
	      "{\"epoch\": 9, \"modified\": \"2024-03-27T12:59:18.620123+0000\", \"pools\": [{\"pool\": 1, \"auid\": "
	      "18446744073709551615}], \"blocklist\": {\"10.0.0.9:0/7\": \"2024-03-27T13:59:18.620123+0000\"}, \"pools\": []}\n",
	      NULL, "1711544358.620 entry target=10.0.0.9:0/7 until=1711547958620123000\n");
}

struct order {
	uint64_t count, seconds;
	int64_t last_ns;
	bool broken;
};

static int in_order(const struct event *event, void *arg)
{
	struct order *order = arg;

	order->count++;
	order->seconds += strtoull(event->audit.target + strlen("10.0.0.1:0/"), NULL, 10);
	order->broken |= event->ts_ns < order->last_ns;
	order->last_ns = event->ts_ns;
	return 0;
}

/* More events than are held at a time, and each ten lines in reverse, as when several daemons write one log. */
static void a_large_log_is_read_on_and_put_in_order(void **state)
{
	enum { LINES = 60000 };
	const struct ingest_options options = { .since_ns = INT64_MIN, .until_ns = INT64_MAX };
	FILE *file = fopen("ceph.audit.log", "w");
	char *path = "ceph.audit.log";
	struct order order = { 0 };
	const struct source *const *sources;
	struct ingest *ingest;

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < LINES; i++) {
		int second = i / 10 * 10 + 9 - i % 10;
		fprintf(file,
		        "2026-11-22T%02d:%02d:%02d.000000+0000 mon.a (mon.0) %d : audit [INF] from='client.? 10.0.0.1:0/1' "
		        "entity='client.admin' cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": "
		        "\"10.0.0.1:0/%d\"}]: dispatch\n",
		        second / 3600, second / 60 % 60, second % 60, i, second);
	}
	fclose(file);
	ingest = ingest_open(&path, 1, &options);
	assert_non_null(ingest);
	assert_int_equal(ingest_run(ingest, in_order, &order), 0);
	assert_int_equal(order.count, LINES);
	assert_int_equal(order.seconds, UINT64_C(1) * LINES * (LINES - 1) / 2);
	assert_false(order.broken);
	assert_int_equal(ingest_sources(ingest, &sources), 1);
	assert_true(sources[0]->begin_ns == INT64_C(1795305600) * NS_PER_S);
	assert_true(sources[0]->end_ns == (INT64_C(1795305600) + LINES - 1) * NS_PER_S);
	ingest_close(ingest);

	/* ended before its end */
	ingest = ingest_open(&path, 1, &options);
	assert_non_null(ingest);
	ingest_close(ingest);
	unlink(path);
}

static void damage_and_strangers_are_no_reason_to_fail(void **state)
{
	(void)state;
	tells("a", "once upon a time\nthere was a log\n", NULL, "");
	tells("a", "{\"some\": \"json\"}", NULL, "");
	tells("a", "[{\"addr\":\"10.99.2.2:0/7\",\"until\":\"2026-11-27T21:57:11+0000\"}][{\"range\"", NULL,
	      "entry target=10.99.2.2:0/7 until=1795816631000000000\n");
	tells("a", "{", NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocklists_are_read_in_every_form),
		cmocka_unit_test(watchers_and_locks_are_read_in_every_form),
		cmocka_unit_test(latencies_and_settings_are_read_in_every_form),
		cmocka_unit_test(rows_are_read_in_whatever_columns),
		cmocka_unit_test(operations_that_took_long_are_slow_requests),
		cmocka_unit_test(a_large_log_is_read_on_and_put_in_order),
		cmocka_unit_test(the_kernels_own_client_is_no_guest),
		cmocka_unit_test(a_guests_log_tells_of_no_disk_of_a_host),
		cmocka_unit_test(whoever_is_refused_is_a_client),
		cmocka_unit_test(slow_operations_name_their_daemons),
		cmocka_unit_test(a_paste_may_hold_several_commands),
		cmocka_unit_test(numbers_too_big_do_not_lose_a_document),
		cmocka_unit_test(damage_and_strangers_are_no_reason_to_fail),
	};

	return cmocka_run_group_tests(tests, log_files_begin, log_files_end);
}
