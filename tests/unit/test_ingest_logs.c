/* SPDX-License-Identifier: MIT */
/* Whole logs of QEMU, guests and Ceph, as files: what is told of them. Lines are real ones; so is tests/fixtures/logs. */
#include "log_files.h"

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

#define STARTED_AS(uuid, image) \
	"2023-05-01 12:00:00.123+0000: starting up libvirt version: 9.0.0, qemu version: 7.2.0\n" \
	"/usr/bin/qemu-system-x86_64 \\\n" \
	"-name guest=vm1,debug-threads=on \\\n" \
	"-uuid " uuid " \\\n" \
	"-blockdev '{\"driver\":\"rbd\",\"pool\":\"vms\",\"image\":\"" image "\",\"node-name\":\"libvirt-1-storage\"}' \\\n" \
	"-msg timestamp=on\n"
#define UUID_A "1111ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d"
#define UUID_B "2222ab21-18d9-4b1c-9a3e-4f1f9a0b1c2d"
#define TOLD_AS(uuid, drive) \
	"1682942400.123 vm-started name=vm1 uuid=" uuid "\n" \
	"1682942400.123 vm-drive name=vm1 uuid=" uuid " device=libvirt-1-storage pool=vms image=" drive "\n"

/* Two hosts, or two clouds, have a VM of one name each (story 19002:2401): a log that was rotated is of its own folder's. */
static void equal_names_in_two_hosts_logs_are_two_vms(void **state)
{
	static const char *const names[] = { "a/libvirt/qemu/vm1.log.1", "a/libvirt/qemu/vm1.log", "b/libvirt/qemu/vm1.log" };
	static const char *const contents[] = { "2023-06-01T15:53:40.100000Z qemu-system-x86_64: " FAILED,
		                                STARTED_AS(UUID_A, "a_disk"),
		                                STARTED_AS(UUID_B, "b_disk") "2023-06-02 16:02:11.000+0000: shutting down, "
		                                                             "reason=crashed\n" };

	(void)state;
	tells_of(3, names, contents, NULL,
	         TOLD_AS(UUID_A, "a_disk") TOLD_AS(UUID_B, "b_disk") "1685634820.100 qemu-io vm=vm1 uuid=" UUID_A
	                                                             " pool=vms image=a_disk " FAILED_IO
	                                                             "1685721731.000 vm-ended name=vm1 uuid=" UUID_B "\n");
}

/* A line that names a VM by its name alone is of the only one that has it; of two, of neither. */
static void a_name_alone_is_a_vms_where_no_other_has_it(void **state)
{
	static const char *const names[] = { "stderr", "a/libvirt/qemu/vm1.log", "b/libvirt/qemu/vm1.log" };
	static const char *const contents[] = { "2023-06-01T15:53:40.100000Z vm1 qemu-system-x86_64: " FAILED,
		                                STARTED_AS(UUID_A, "a_disk"), STARTED_AS(UUID_B, "b_disk") };

	(void)state;
	tells_of(2, names, contents, NULL,
	         TOLD_AS(UUID_A, "a_disk") "1685634820.100 qemu-io vm=vm1 uuid=" UUID_A " pool=vms image=a_disk " FAILED_IO);
	tells_of(3, names, contents, NULL,
	         TOLD_AS(UUID_A, "a_disk") TOLD_AS(UUID_B, "b_disk") "1685634820.100 qemu-io vm=vm1 " FAILED_IO);
}

/* host1's log begins after the start: what host2's says of its VM of that name is not told of it. */
static void a_log_without_a_uuid_takes_none_from_another_host(void **state)
{
	static const char *const names[] = { "a/libvirt/qemu/vm1.log", "b/libvirt/qemu/vm1.log" };
	static const char *const contents[] = { "2023-06-01T15:53:40.100000Z qemu-system-x86_64: " FAILED,
		                                STARTED_AS(UUID_B, "b_disk") };

	(void)state;
	tells_of(2, names, contents, NULL, TOLD_AS(UUID_B, "b_disk") "1685634820.100 qemu-io vm=vm1 " FAILED_IO);
}

/* One paste holds lines of several VMs' logs: grep and tail say which. */
static void what_was_put_together_keeps_its_vms_apart(void **state)
{
	(void)state;
	tells("grep.txt",
	      "/var/log/libvirt/qemu/vm-a.log:2024-03-27T12:59:21.000000Z qemu-kvm: " FAILED
	      "/var/log/libvirt/qemu/vm-b.log:2024-03-27T12:59:22.000000Z qemu-kvm: " FAILED,
	      NULL, "1711544361.000 qemu-io vm=vm-a " FAILED_IO "1711544362.000 qemu-io vm=vm-b " FAILED_IO);
	tells("tail.txt",
	      "==> /var/log/libvirt/qemu/vm-a.log <==\n2024-03-27T12:59:21.000000Z qemu-kvm: " FAILED
	      "\n==> /var/log/libvirt/qemu/vm-b.log <==\n2024-03-27T12:59:22.000000Z qemu-kvm: " FAILED
	      "\n==> /var/log/messages <==\n2024-03-27T12:59:23.000000Z qemu-kvm: " FAILED,
	      NULL,
	      "1711544361.000 qemu-io vm=vm-a " FAILED_IO "1711544362.000 qemu-io vm=vm-b " FAILED_IO
	      "1711544363.000 qemu-io " FAILED_IO);
}

static void guests_kernels_tell_in_each_of_their_releases_words(void **state)
{
	(void)state;
	tells("console.log",
	      "[    0.000000] Linux version 6.1.0\n"
	      "[   72.802543] I/O error, dev vda, sector 34080 op 0x1:(WRITE) flags 0x8800 phys_seg 1 prio class 2\n"
	      "[  455.802543] blk_update_request: I/O error, dev vda, sector 4195072\n"
	      "[  455.802643] Buffer I/O error on dev vda1, logical block 1548, lost async page write\n"
	      "[  456.802543][  T123] I/O error, dev vdc, sector 8 op 0x1:(WRITE) flags 0x0 phys_seg 1 prio class 2\n"
	      "[Thu Mar 12 15:53:40 2020] print_req_error: I/O error, dev vdb, sector 1 flags 801\n",
	      "+08:00",
	      "guest-io device=vda op=write offset=17448960 error=5\n"
	      "guest-io device=vda offset=2147876864 error=5\n"
	      "guest-refused device=vda1 error=5\n"
	      "guest-io device=vdc op=write offset=4096 error=5\n"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qemu_tells_with_and_without_a_stamp),
		cmocka_unit_test(a_path_may_name_the_vm),
		cmocka_unit_test(libvirts_log_names_the_vm_and_its_drives),
		cmocka_unit_test(equal_names_in_two_hosts_logs_are_two_vms),
		cmocka_unit_test(a_name_alone_is_a_vms_where_no_other_has_it),
		cmocka_unit_test(a_log_without_a_uuid_takes_none_from_another_host),
		cmocka_unit_test(what_was_put_together_keeps_its_vms_apart),
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
	};

	return cmocka_run_group_tests(tests, log_files_begin, log_files_end);
}
