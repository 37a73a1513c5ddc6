/* SPDX-License-Identifier: MIT */
/* Whole logs of every kind, as files: what is told of them. Lines are real ones; so is tests/fixtures/logs. */
#include "log_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>
#include <cmocka.h>

static char folder[] = "/tmp/test-ingest-logs-XXXXXX";

static int begin(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return chdir("/") || rmdir(folder);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	fclose(file);
}

/* What is told of files with these contents; `names` may have a slash. */
static void tells_of(size_t count, const char *const names[], const char *const contents[], const char *tz, const char *expected)
{
	char *paths[8], *text;

	for (size_t i = 0; i < count; i++) {
		const char *slash = strrchr(names[i], '/');
		if (slash) {
			char command[256];
			snprintf(command, sizeof(command), "mkdir -p '%.*s'", (int)(slash - names[i]), names[i]);
			assert_int_equal(system(command), 0);
		}
		write_file(names[i], contents[i]);
		paths[i] = (char *)names[i];
	}
	text = log_events_of(paths, count, tz);
	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	for (size_t i = 0; i < count; i++)
		unlink(names[i]);
	assert_int_equal(system("find . -mindepth 1 -type d -delete"), 0);
}

static void tells(const char *name, const char *content, const char *tz, const char *expected)
{
	tells_of(1, &name, &content, tz, expected);
}

/* ---- QEMU, libvirt, guests ---- */

#define FAILED \
	"rbd request failed: cmd 1 offset 17436672 bytes 4096 flags 8 task.ret -108 (Cannot send after transport endpoint " \
	"shutdown)\n"
#define FAILED_IO "op=write offset=17436672 length=4096 error=108\n"

static void qemu_tells_with_and_without_a_stamp(void **state)
{
	(void)state;
	tells("stderr", "2026-11-27T20:57:24.594065Z qemu-system-x86_64: " FAILED, NULL, "1795813044.594 qemu-io " FAILED_IO);
	tells("stderr", "2026-11-27T20:57:24.594065Z vm1 qemu-system-x86_64: " FAILED, NULL,
	      "1795813044.594 qemu-io vm=vm1 " FAILED_IO);
	tells("stderr", "qemu-system-x86_64: " FAILED, NULL, "qemu-io " FAILED_IO);
	tells("stderr", "kvm: rbd request failed early: cmd 4 offset 512 bytes 8 flags 0 r -5 (Input/output error)\n", NULL,
	      "qemu-io op=write-zeroes offset=512 length=8 error=5\n");
	/* that of background 1, as it stands */
	tells("stderr", "block i/o error in device 'drive-virtio-disk0': Cannot send after transport endpoint shutdown (108)\n",
	      NULL, "qemu-io device=drive-virtio-disk0 error=108\n");
}

static void a_path_may_name_the_vm(void **state)
{
	(void)state;
	tells("qemu-vm1.log", "qemu-system-x86_64: " FAILED, NULL, "qemu-io vm=vm1 " FAILED_IO);
	tells("var/log/libvirt/qemu/instance-1f.log.2", "qemu-system-x86_64: " FAILED, NULL, "qemu-io vm=instance-1f " FAILED_IO);
	tells("instances/0ca4ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d/console.log",
	      "[   72.8] I/O error, dev vda, sector 8 op 0x1:(WRITE) flags 0x8800\n", NULL,
	      "guest-io uuid=0ca4ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d device=vda op=write offset=4096 error=5\n");
	tells("instances/others/console.log", "[   72.8] I/O error, dev vda, sector 8 op 0x1:(WRITE) flags 0x8800\n", NULL,
	      "guest-io device=vda op=write offset=4096 error=5\n");
}

#define STARTED_OLD \
	"2020-03-12 07:00:00.123+0000: starting up libvirt version: 4.5.0, package: 23.el7, qemu version: 2.12.0, kernel: " \
	"3.10.0, " \
	"hostname: compute1\n" \
	"LC_ALL=C PATH=/usr/bin QEMU_AUDIO_DRV=none /usr/libexec/qemu-kvm -name guest=instance-1f,debug-threads=on -S -uuid " \
	"0ca4ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d -drive " \
	"'file=rbd:volumes/volume-77d5:id=cinder:auth_supported=cephx\\;none:mon_host=" \
	"10.0.0.1\\:6789,file.password-secret=s,format=raw,if=none,id=drive-virtio-disk0,serial=77d5' -msg timestamp=on\n" \
	"2020-03-12 07:00:01.400+0000: Domain id=12 is tainted: host-cpu\n"
#define TOLD_OLD \
	"1583996400.123 vm-started name=instance-1f uuid=0ca4ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d host=compute1\n" \
	"1583996400.123 vm-drive name=instance-1f uuid=0ca4ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d host=compute1 " \
	"device=drive-virtio-disk0 " \
	"pool=volumes image=volume-77d5 user=cinder\n"
#define OLD_VM "vm=instance-1f uuid=0ca4ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d"

static void libvirts_log_names_the_vm_and_its_drives(void **state)
{
	(void)state;
	tells("a",
	      STARTED_OLD
	      "2020-03-12T15:53:40.100000Z qemu-kvm: block i/o error in device 'drive-virtio-disk0': Cannot send after "
	      "transport endpoint shutdown (108)\n"
	      "2020-03-12 16:02:11.000+0000: shutting down, reason=crashed\n",
	      NULL,
	      TOLD_OLD "1584028420.100 qemu-io " OLD_VM " device=drive-virtio-disk0 pool=volumes image=volume-77d5 error=108\n"
	               "1584028931.000 vm-ended name=instance-1f uuid=0ca4ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d\n");
}

#define STARTED_NEW \
	"2023-05-01 12:00:00.123+0000: starting up libvirt version: 9.0.0, package: 4 (Debian), qemu version: 7.2.0, kernel: " \
	"6.1.0, " \
	"hostname: c2.example.org\n" \
	"LC_ALL=C \\\n" \
	"/usr/bin/qemu-system-x86_64 \\\n" \
	"-name guest=vm2,debug-threads=on \\\n" \
	"-uuid 1111ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d \\\n" \
	"-blockdev " \
	"'{\"driver\":\"rbd\",\"pool\":\"vms\",\"namespace\":\"ns\",\"image\":\"1111_disk\",\"user\":\"nova\",\"node-name\":" \
	"\"libvirt-1-storage\"}' \\\n" \
	"-blockdev '{\"node-name\":\"libvirt-1-format\",\"driver\":\"raw\",\"file\":\"libvirt-1-storage\"}' \\\n" \
	"-msg timestamp=on\n" \
	"char device redirected to /dev/pts/0 (label charserial0)\n"

static void a_rotated_log_knows_what_the_other_half_says(void **state)
{
	static const char *const names[] = { "libvirt/qemu/vm2.log", "libvirt/qemu/vm2.log.1" };
	static const char *const contents[] = { "2023-06-01T15:53:40.100000Z qemu-system-x86_64: " FAILED, STARTED_NEW };

	(void)state;
	tells_of(2, names, contents, NULL,
	         "1682942400.123 vm-started name=vm2 uuid=1111ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d host=c2.example.org\n"
	         "1682942400.123 vm-drive name=vm2 uuid=1111ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d host=c2.example.org "
	         "device=libvirt-1-storage pool=vms namespace=ns image=1111_disk user=nova\n"
	         "1685634820.100 qemu-io vm=vm2 uuid=1111ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d pool=vms image=1111_disk " FAILED_IO);
}

static void guests_kernels_tell_in_each_of_their_releases_words(void **state)
{
	(void)state;
	tells("console.log",
	      "[    0.000000] Linux version 6.1.0\n"
	      "[   72.802543] I/O error, dev vda, sector 34080 op 0x1:(WRITE) flags 0x8800 phys_seg 1 prio class 2\n"
	      "[  455.802543] blk_update_request: I/O error, dev vda, sector 4195072\n"
	      "[  455.802643] Buffer I/O error on dev vda1, logical block 1548, lost async page write\n"
	      "[Thu Mar 12 15:53:40 2020] print_req_error: I/O error, dev vdb, sector 1 flags 801\n",
	      "+08:00",
	      "guest-io device=vda op=write offset=17448960 error=5\n"
	      "guest-io device=vda offset=2147876864 error=5\n"
	      "guest-refused device=vda1 error=5\n"
	      "1583999620.000 guest-io device=vdb offset=512 error=5\n");
}

/* What a guest writes on its console is its own doing. */
static void a_guest_cannot_speak_for_ceph(void **state)
{
	(void)state;
	tells("console-vm1.log",
	      "[    0.000000] Linux version 6.1.0\n"
	      "2026-11-22T22:02:54.340990+0000 mon.a (mon.0) 85 : audit [INF] from='client.? 10.0.0.1:0/1' entity='client.admin' "
	      "cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.2:0/7\"}]: dispatch\n"
	      "2026-11-27T20:57:24.594065Z qemu-system-x86_64: " FAILED,
	      NULL, "");
}

/* ---- envelopes ---- */

static void syslog_and_journald_are_looked_through(void **state)
{
	(void)state;
	tells("messages",
	      "1584028420.123456 compute1 kernel: [   12.3] blk_update_request: I/O error, dev vda, sector 8\n"
	      "1584028421.000000 compute1 QEMU[812]: kvm: " FAILED
	      "1584028422.000000 osd1 ceph-osd[99]: 2020-03-12T15:53:42.337+0000 7fcabaffd6c0  0 log_channel(cluster) log [WRN] "
	      ": 3 slow "
	      "requests (by type [ 'delayed' : 3 ] most affected pool [ 'p' : 3 ])\n"
	      "1584028423.000000 mon1 ceph-mon: mon.a 10.0.0.1:6789/0 12 : from='client.? 10.0.0.1:0/3' entity='client.cinder' "
	      "cmd='[{\"prefix\": \"osd blacklist\", \"addr\": \"10.0.0.2:0/7\", \"blacklistop\": \"add\"}]': finished\n"
	      "2020-03-12T23:53:44.500000+08:00 compute1 kernel: blk_update_request: I/O error, dev vda, sector 16\n",
	      NULL,
	      "1584028420.123 guest-io device=vda offset=4096 error=5\n"
	      "1584028421.000 qemu-io " FAILED_IO "1584028422.337 slow count=3\n"
	      "1584028423.000 audit-add-finished target=10.0.0.2:0/7 entity=client.cinder\n"
	      "1584028424.500 guest-io device=vda offset=8192 error=5\n");
}

static void containers_are_looked_through(void **state)
{
	static const char line[] =
	        "debug 2025-04-18T00:45:17.475+0000 7fc6666d5640 -1 osd.3 18 get_health_metrics reporting 2 slow ops, "
	        "oldest is osd_op(client.1.0:1 1.1 1.e09bba91 (undecoded) e21)\n";
	char kept[512];

	(void)state;
	tells("log", line, NULL, "1744937117.475 slow osd=osd.3 count=2 gid=1\n");
	snprintf(kept, sizeof(kept), "2025-04-18T00:45:18.379012345Z stderr F %s", line);
	tells("log", kept, NULL, "1744937117.475 slow osd=osd.3 count=2 gid=1\n");
}

static void a_stamp_without_a_year_takes_the_files(void **state)
{
	static const struct utimbuf january = { 1578600000, 1578600000 }; /* 9 January 2020 */
	char *path = "messages", *text;

	(void)state;
	write_file(path, "Dec 31 23:59:59 c1 kernel: blk_update_request: I/O error, dev vda, sector 8\n"
	                 "Jan  9 15:53:40 c1 kernel: blk_update_request: I/O error, dev vda, sector 8\n");
	assert_int_equal(utime(path, &january), 0);
	text = log_events_of(&path, 1, "+08:00");
	assert_string_equal(text, "1577807999.000 guest-io device=vda offset=4096 error=5\n"
	                          "1578556420.000 guest-io device=vda offset=4096 error=5\n");
	free(text);
	unlink(path);
}

static void stamps_without_a_zone_take_the_one_given(void **state)
{
	static const char line[] =
	        "2020-03-12 23:53:11.646925 osd.3 10.0.0.1:6800/1 7 : cluster [WRN] 44 slow requests, 2 included below; "
	        "oldest blocked for > 49.981746 secs\n";

	(void)state;
	tells("ceph.log", line, "+08:00", "1584028391.646 slow osd=osd.3 count=44 ms=49981\n");
	tells("ceph.log", line, "Asia/Shanghai", "1584028391.646 slow osd=osd.3 count=44 ms=49981\n");
	tells("ceph.log", line, NULL, "1584057191.646 slow osd=osd.3 count=44 ms=49981\n");
}

/* ---- Ceph ---- */

static void a_monitors_own_slowness_is_none_of_an_osd(void **state)
{
	(void)state;
	tells("ceph.log",
	      "2026-11-22T21:45:35.509+0000 mon.a (mon.0) 12 : cluster [WRN] Health check failed: 9 slow ops, oldest one blocked "
	      "for 60 "
	      "sec, mon.a has slow ops (SLOW_OPS)\n"
	      "2026-11-22T21:45:36.509+0000 mon.a (mon.0) 13 : cluster [WRN] Health check update: 9 slow ops, oldest one blocked "
	      "for 60 "
	      "sec, daemons [osd.2,osd.3] have slow ops. (SLOW_OPS)\n"
	      "2026-11-22T21:45:37.509+0000 mon.a (mon.0) 14 : cluster [INF] Health check cleared: SLOW_OPS (was: 9 slow ops, "
	      "oldest one "
	      "blocked for 60 sec, osd.2 has slow ops)\n"
	      "2026-11-22T21:45:38.509+0000 mds.a (mds.0) 14 : cluster [WRN] slow request 34.323061 seconds old, received at "
	      "2017-10-23 14:50:39.956270: client_request(client.6640582:5183868 readdir #1000) currently acquired locks\n",
	      NULL, "1795383936.509 slow osd=osd.2,osd.3 count=9 ms=60000\n");
}

static void an_osds_log_says_whose_it_is(void **state)
{
	static const char line[] =
	        "2026-11-22T21:45:35.509+0000 7fcabaffd6c0  0 log_channel(cluster) log [WRN] : 3 slow requests (by type [ "
	        "'delayed' : 3 ] most affected pool [ 'p' : 3 ])\n";
	char two[1024];

	(void)state;
	tells("ceph-osd.12.log", line, NULL, "1795383935.509 slow osd=osd.12 count=3\n");
	snprintf(two, sizeof(two), "2026-11-22T21:45:35.409+0000 7fcabaffd6c0  0 osd.7 18 done with init\n%s", line);
	tells("log", two, NULL, "1795383935.509 slow osd=osd.7 count=3\n");
}

static void the_watches_timeout_is_told_by_who_set_it(void **state)
{
	(void)state;
	tells("ceph.audit.log",
	      "2026-11-22T22:02:54.340990+0000 mon.a (mon.0) 85 : audit [INF] from='client.? 10.0.0.1:0/1' entity='client.admin' "
	      "cmd=[{\"prefix\": \"config set\", \"who\": \"osd\", \"name\": \"osd_client_watch_timeout\", \"value\": \"20\"}]: "
	      "dispatch\n"
	      "2026-11-22T22:02:54.940990+0000 mon.a (mon.0) 86 : audit [INF] from='client.? 10.0.0.1:0/1' entity='client.admin' "
	      "cmd='[{\"prefix\": \"config set\", \"who\": \"osd\", \"name\": \"osd_client_watch_timeout\", \"value\": "
	      "\"20\"}]': finished\n",
	      NULL, "1795384974.940 timeout 20\n");
}

static void one_malformed_line_does_not_lose_the_rest(void **state)
{
	(void)state;
	tells("ceph.audit.log",
	      "2026-11-22T22:02:54.340990+0000 mon.a (mon.0) 85 : audit [INF] from='client.? 10.0.0.1:0/1' entity='client.admin' "
	      "cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"ad\n"
	      "\xff\xfe\x01 osd blocklist\n"
	      "2026-11-22T22:02:55.340990+0000 mon.a (mon.0) 86 : audit [INF] from='client.? 10.0.0.1:0/1' entity='client.admin' "
	      "cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"rm\", \"addr\": \"10.0.0.2:0/7\"}]: dispatch\n",
	      NULL, "1795384975.340 audit-rm-dispatch target=10.0.0.2:0/7 entity=client.admin\n");
}

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
/* ---- other clients, and what health tells ---- */

static void the_kernels_own_client_is_no_guest(void **state)
{
	(void)state;
	tells("kern.log",
	      "2024-06-09T18:00:34+0000 node3 kernel: [  715.1] rbd: rbd2: encountered watch error: -107\n"
	      "2024-06-09T18:00:35+0000 node3 kernel: [  716.1] rbd: rbd2: write at objno 0 0~4096 result -108\n"
	      "2024-06-09T18:00:35+0000 node3 kernel: [  716.1] rbd: rbd2: write result -108\n"
	      "2024-06-09T18:00:35+0000 node3 kernel: [  716.1] libceph: osd3 down\n"
	      "2024-06-09T18:00:36+0000 node3 kernel: [  717.1] blk_update_request: I/O error, dev rbd2, sector 8 op 0x1:(WRITE) "
	      "flags "
	      "0x800 phys_seg 1 prio class 0\n"
	      "2024-06-09T18:00:37+0000 node3 kernel: [  718.1] rbd: rbd1: breaking header lock owned by client4167\n"
	      "2024-06-09T18:00:37+0000 node3 kernel: [  718.1] rbd: rbd1: failed to blocklist client4167: -13\n",
	      NULL,
	      "1717956034.000 host-refused device=rbd2 error=107\n"
	      "1717956035.000 host-refused device=rbd2 op=write length=4096 error=108\n"
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
		cmocka_unit_test(qemu_tells_with_and_without_a_stamp),
		cmocka_unit_test(a_path_may_name_the_vm),
		cmocka_unit_test(libvirts_log_names_the_vm_and_its_drives),
		cmocka_unit_test(a_rotated_log_knows_what_the_other_half_says),
		cmocka_unit_test(guests_kernels_tell_in_each_of_their_releases_words),
		cmocka_unit_test(a_guest_cannot_speak_for_ceph),
		cmocka_unit_test(syslog_and_journald_are_looked_through),
		cmocka_unit_test(containers_are_looked_through),
		cmocka_unit_test(a_stamp_without_a_year_takes_the_files),
		cmocka_unit_test(stamps_without_a_zone_take_the_one_given),
		cmocka_unit_test(a_monitors_own_slowness_is_none_of_an_osd),
		cmocka_unit_test(an_osds_log_says_whose_it_is),
		cmocka_unit_test(the_watches_timeout_is_told_by_who_set_it),
		cmocka_unit_test(one_malformed_line_does_not_lose_the_rest),
		cmocka_unit_test(blocklists_are_read_in_every_form),
		cmocka_unit_test(watchers_and_locks_are_read_in_every_form),
		cmocka_unit_test(latencies_and_settings_are_read_in_every_form),
		cmocka_unit_test(a_large_log_is_read_on_and_put_in_order),
		cmocka_unit_test(the_kernels_own_client_is_no_guest),
		cmocka_unit_test(a_guests_log_tells_of_no_disk_of_a_host),
		cmocka_unit_test(whoever_is_refused_is_a_client),
		cmocka_unit_test(slow_operations_name_their_daemons),
		cmocka_unit_test(a_paste_may_hold_several_commands),
		cmocka_unit_test(numbers_too_big_do_not_lose_a_document),
		cmocka_unit_test(damage_and_strangers_are_no_reason_to_fail),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
