#!/bin/bash
# SPDX-License-Identifier: MIT
# How fast logs are read: MB/s of one core, `fenceline incidents` from start to end, on an audit log of 1 GiB (most of it other
# commands), an OSD's and a cluster's log with slow requests in them. The logs are made in memory, and gone afterwards.
# BENCH_LOGS_MIB sets the size of the audit log. FENCELINE_BUILD names the build folder.
set -u
here=$(dirname "$(realpath "$0")")
fenceline=${FENCELINE_BUILD:-$here/../../build}/bin/fenceline
[ -x "$fenceline" ] || { echo "FAIL bench/logs: $fenceline is not there; build it first"; exit 1; }
audit_mib=${BENCH_LOGS_MIB:-1024}
budget=500 # MB/s of audit log
work=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
trap 'rm -rf "$work"' EXIT
failed=0

# An hour of a cloud's audit log: dashboards and services ask, a fence now and then.
audit_block() {
	awk 'BEGIN {
		srand(1)
		n = split("{\"prefix\": \"osd pool ls\", \"format\": \"json\"}|{\"prefix\": \"df\", \"format\": \"json\"}|" \
			"{\"prefix\":\"osd pool get-quota\", \"pool\": \"volumes\", \"format\":\"json\"}|{\"prefix\": \"status\", \"format\": \"json\"}|" \
			"{\"prefix\": \"osd df\", \"output_method\": \"tree\", \"format\": \"json\"}|{\"prefix\": \"mgr dump\", \"format\": \"json\"}|" \
			"{\"prefix\": \"auth get\", \"entity\": \"client.nova\", \"format\": \"json\"}|{\"prefix\": \"osd blocklist ls\", \"format\": \"json\"}", command, "|")
		for (i = 0; i < 60000; i++) {
			stamp = sprintf("2026-11-22T%02d:%02d:%02d.%06d+0000", i / 60000 * 24, i / 1000 % 60, i / 16 % 60, rand() * 1000000)
			what = rand() < 0.001 ? command[8] : command[1 + int(rand() * 7)]
			from = sprintf("10.0.%d.%d:0/%d", rand() * 256, rand() * 256, rand() * 4294967295)
			if (rand() < 0.0002)
				printf "%s mon.a (mon.0) %d : audit [INF] from=\047client.? %s\047 entity=\047client.cinder\047 cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"%s\"}]: dispatch\n", stamp, i, from, from
			else
				printf "%s mon.a (mon.0) %d : audit [DBG] from=\047client.? %s\047 entity=\047client.%s\047 cmd=[%s]: dispatch\n", stamp, i, from, rand() < 0.5 ? "cinder" : "admin", what
		}
	}'
}

# An OSD at its default level through a bad hour: the store counts, scrubs run, one line in fifty tells of slow requests.
osd_block() {
	awk 'BEGIN {
		srand(2)
		for (i = 0; i < 60000; i++) {
			stamp = sprintf("2026-11-22T21:%02d:%02d.%03d+0000 7f47a274e700", i / 1000 % 60, i / 16 % 60, rand() * 1000)
			p = rand()
			if (p < 0.01)
				printf "%s -1 osd.3 1841 get_health_metrics reporting %d slow ops, oldest is osd_op(client.%d.0:%d 1.6 1:6686f444:::rbd_data.102cdd587203.%016x:head [write %d~4096] snapc 0=[] ondisk+write+known_if_redirected e1841)\n", stamp, 1 + rand() * 40, rand() * 90000, rand() * 90000, rand() * 65536, rand() * 1000 * 4096
			else if (p < 0.02)
				printf "%s  0 log_channel(cluster) log [WRN] : %d slow requests (by type [ \047delayed\047 : %d ] most affected pool [ \047volumes\047 : %d ])\n", stamp, i % 40, i % 40, i % 40
			else if (p < 0.1)
				printf "%s  0 log_channel(cluster) log [DBG] : 1.%x scrub %s\n", stamp, rand() * 256, p < 0.06 ? "starts" : "ok"
			else if (p < 0.5)
				printf "  L%d %6d/0 %8.2f MB  %.1f  %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f   0.0   1.0 %8.1f %8.1f  %8d %8d %.3f  0  0  0.0  0.0\n", i % 7, rand() * 100, rand() * 100, rand(), rand(), rand(), rand(), rand(), rand(), rand(), rand() * 500, rand() * 500, rand() * 900, rand() * 900, rand()
			else
				printf "%s  4 rocksdb: [db_impl/db_impl_compaction_flush.cc:%d] [default] [JOB %d] Level-0 commit table #%d: memtable #%d done\n", stamp, rand() * 4000, i, i, i % 3
		}
	}'
}

# The cluster log of the same hour.
cluster_block() {
	awk 'BEGIN {
		srand(3)
		for (i = 0; i < 60000; i++) {
			stamp = sprintf("2026-11-22T21:%02d:%02d.%06d+0000", i / 1000 % 60, i / 16 % 60, rand() * 1000000)
			p = rand()
			if (p < 0.05)
				printf "%s osd.%d (osd.%d) %d : cluster [WRN] %d slow requests (by type [ \047queued for pg\047 : %d ] most affected pool [ \047volumes\047 : %d ])\n", stamp, i % 48, i % 48, i, 1 + i % 40, i % 40, i % 40
			else if (p < 0.052)
				printf "%s mon.a (mon.0) %d : cluster [WRN] Health check update: %d slow ops, oldest one blocked for %d sec, daemons [osd.3,osd.7] have slow ops. (SLOW_OPS)\n", stamp, i, i % 40, i % 200
			else
				printf "%s mgr.x (mgr.4115) %d : cluster [DBG] pgmap v%d: 2049 pgs: 2048 active+clean, 1 active+clean+scrubbing; 81 TiB data, 243 TiB used, 512 TiB / 755 TiB avail; %.1f MiB/s rd, %.1f MiB/s wr, %d op/s\n", stamp, i, i, rand() * 500, rand() * 900, rand() * 20000
		}
	}'
}

# measure NAME MIB MAKE: fills NAME with repeated blocks, reads it three times, tells the fastest.
measure() {
	local name=$1 mib=$2 make=$3 file=$work/${1// /-}.log block=$work/block best='' used
	"$make" >"$block"
	while [ "$(stat -c %s "$file" 2>/dev/null || echo 0)" -lt $((mib * 1048576)) ]; do
		cat "$block" "$block" "$block" "$block"
	done >>"$file"
	for _ in 1 2 3; do
		TIMEFORMAT='%U %S'
		used=$({ time "$fenceline" incidents --format json "$file" >"$work/out" 2>"$work/err"; } 2>&1 | awk '{ print $1 + $2 }')
		[ -z "$best" ] || [ "$(awk "BEGIN { print ($used < $best) }")" = 1 ] && best=$used
	done
	mb=$(awk "BEGIN { printf \"%.0f\", $(stat -c %s "$file") / 1e6 / $best }")
	printf '%-10s %6.0f MB  %6.2f s of CPU  %5d MB/s\n' "$name" "$(awk "BEGIN { print $(stat -c %s "$file") / 1e6 }")" "$best" "$mb"
	rm -f "$file" "$block"
}

measure audit "$audit_mib" audit_block
if [ "$mb" -ge $budget ]; then
	echo "ok bench/logs: $mb MB/s of audit log on one core"
else
	echo "FAIL bench/logs: $mb MB/s of audit log on one core, the budget is $budget"
	failed=1
fi
# The same log inside what others put around each line: only lines with a word of interest are unwrapped.
in_journal() { audit_block | sed 's/^/Nov 22 21:45:35 n1 ceph-mon[812]: /'; }
in_kubectl() { audit_block | sed 's/^/[pod\/rook-ceph-mon-a-5d9\/mon] /'; }
in_cri() { audit_block | sed 's/^/2026-11-22T21:45:35.379012345Z stderr F /'; }
in_docker() { audit_block | sed 's/["\\]/\\&/g; s/^/{"log":"/; s/$/\\n","stream":"stderr","time":"2026-11-22T21:45:35.379012345Z"}/'; }
in_grep() { audit_block | sed 's/^/\/var\/log\/ceph\/ceph.audit.log:/'; }
plain=$mb
for wrapper in journal kubectl cri docker grep; do
	measure "in $wrapper" $((audit_mib / 4)) "in_$wrapper"
	if [ "$mb" -ge $budget ]; then
		echo "ok bench/logs: $mb MB/s of audit log in $wrapper's lines, $plain plain"
	else
		echo "FAIL bench/logs: $mb MB/s of audit log in $wrapper's lines, the budget is $budget"
		failed=1
	fi
done
measure osd $((audit_mib / 4)) osd_block
measure cluster $((audit_mib / 4)) cluster_block
exit $failed
