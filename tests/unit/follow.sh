#!/bin/bash
# SPDX-License-Identifier: MIT
# `timeline --format ndjson --follow`: on a recording that runs it prints each event once, soon, and in the end what `timeline` says of
# the finished recording; on a log that grows and is rotated likewise; it ends as it says.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 300 "$@"
export LC_ALL=C.UTF-8 TMPDIR=$PWD/tmp
mkdir tmp

follow() { exec "$fenceline" timeline --format ndjson --follow "$@"; }
batch() { "$fenceline" timeline --format ndjson "$@"; }

# wait_for SECONDS COMMAND…
wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.1
	done
}
holds() { grep -q "$1" "$2" 2>/dev/null; }

# same WHAT FOLLOWED BATCH: the same lines, each as often; a log's path and an order within a second do not matter.
same() {
	sort "$2" >sorted.followed
	sort "$3" >sorted.batch
	[ -s sorted.batch ] || fail "$1: nothing to compare"
	diff sorted.followed sorted.batch >difference || fail "$1: not what timeline says: $(head -c 600 difference)"
}

# ---- wrong use ----
"$fenceline" timeline --follow /run 2>err && fail "--follow without ndjson is taken"
grep -q "goes with --format ndjson alone" err || fail "--follow without ndjson says: $(cat err)"
"$fenceline" timeline -f ndjson --follow nowhere 2>err
[ $? = 1 ] && [ "$(wc -l <err)" = 1 ] || fail "--follow of nothing says: $(cat err)"

# ---- a log: whole lines only, each once; a rotation; INT ----
golden=$root/tests/golden/add-rm-add
mapfile -t lines <"$golden/ceph.audit.log"
[ ${#lines[@]} -ge 6 ] || fail "add-rm-add has too few lines"
# More than what a log's kind is told by; nothing else on these lines matters.
for i in $(seq 800); do
	echo "2026-11-22T21:41:20.000000+0000 mon.a (mon.0) $i : audit [DBG] from='client.9 10.99.0.1:0/9' entity='client.admin' cmd=[{\"prefix\": \"status\"}]: dispatch"
done >ceph.audit.log
[ "$(wc -c <ceph.audit.log)" -gt 100000 ] || fail "too short a log"
printf '%s\n' "${lines[@]:0:2}" >>ceph.audit.log
follow ceph.audit.log >log.ndjson 2>log.err &
follower=$!
wait_for 60 holds '"blocklist-add"' log.ndjson || fail "the first line of a log is not followed: $(cat log.err)"
printf '%s' "${lines[2]:0:40}" >>ceph.audit.log
sleep 1
printf '%s\n' "${lines[2]:40}" "${lines[3]}" >>ceph.audit.log
wait_for 60 eval '[ "$(grep -c blocklist-add log.ndjson)" = 2 ]' || fail "a line written in two parts is not read"
cat ceph.audit.log >all.log
printf '%s\n' "${lines[4]}" >>ceph.audit.log
mv ceph.audit.log ceph.audit.log.1
printf '%s\n' "${lines[@]:5}" >ceph.audit.log
printf '%s\n' "${lines[@]:4}" >>all.log
# Signals are ignored in what a script starts in the background; TERM is not.
(sleep 8; kill -TERM $follower) &
wait $follower || fail "TERM: exit code $?"
batch all.log | sed 's/all\.log/ceph.audit.log/' >log.batch
same "a rotated log" log.ndjson log.batch
[ ! -s log.err ] || fail "on stderr: $(cat log.err)"

# ---- it is read on where it was left: a command line in two parts; lines that tell nothing are none to complain of ----
cat >command.lines <<'LINES'
2023-05-01 12:00:00.123+0000: starting up libvirt version: 9.0.0, package: 4 (Debian), hostname: c2.example.org
/usr/bin/qemu-system-x86_64 \
-name guest=vm2,debug-threads=on \
-drive 'file=rbd:vms/disk2:id=nova,format=raw,if=none,id=drive-virtio-disk0' \
-msg timestamp=on
2023-05-01T15:53:40.100000Z qemu-kvm: block I/O error in device 'drive-virtio-disk0': Cannot send after transport endpoint shutdown (108)
LINES
head -n 3 command.lines >vm2.log
head -n 3 all.log >quiet.log
follow quiet.log vm2.log >parts.ndjson 2>parts.err &
follower=$!
sleep 1.5
head -n 1 all.log >>quiet.log
tail -n +4 command.lines >>vm2.log
wait_for 60 holds '"kind":"guest-error".*"name":"disk2"' parts.ndjson || fail "a drive in the second part of a command line is not known: $(cat parts.ndjson)"
kill -TERM $follower
wait $follower || fail "TERM: exit code $?"
[ ! -s parts.err ] || fail "lines that tell nothing are complained of: $(cat parts.err)"

# ---- --until: it ends by itself ----
cp "$golden/ceph.audit.log" ended.log
cat "$root/tests/golden/healthy/compute1.events" >ended.events
timeout 60 "$fenceline" timeline -f ndjson --follow --until +20 ended.events >until.ndjson || fail "--until does not end it"
batch --until +20 ended.events >until.batch
same "--until" until.ndjson until.batch

# ---- a recording: two processes, a ping that is lost, a fence; it ends with the recording ----
process() { # PID GID NAME ADDRESS: what names a client
	printf '"pid":%d,"global_id":%d,"process":"qemu","vm_name":"%s","address":"%s","image":1,"pool":"rbd","name":"%s","image_id":"%d"' "$1" "$2" "$3" "$4" "$3" "$2"
}
vm=$(process 7 4101 vm1 10.0.0.1:0/11)
{
	echo '{"event":"io","pid":7,"global_id":4101,"image":1,"op":1,"length":4096,"latency_ns":1000000}' # before its name is known
	echo '{"sleep_ms":1500}'
	echo "{\"event\":\"state\",$vm,\"cookie\":99}"
	for i in $(seq 18); do
		echo '{"event":"io","pid":7,"global_id":4101,"image":1,"op":1,"offset":'$i',"length":4096,"latency_ns":1000000,"repeat":50}'
		echo '{"event":"io_summary","pid":7,"global_id":4101,"image":1,"writes":50,"span_ns":1000000000}'
		if [ $((i % 5)) = 1 ]; then
			echo '{"event":"ping_sent","pid":7,"global_id":4101,"cookie":99,"osd":"10.0.0.9:6800"}'
			echo '{"event":"ping_reply","pid":7,"global_id":4101,"cookie":99,"osd":"10.0.0.9:6800","rtt_ns":700000}'
		fi
		[ $i = 7 ] && echo '{"event":"ping_sent","pid":7,"global_id":4101,"cookie":98,"osd":"10.0.0.9:6800"}'
		echo "{\"event\":\"state\",$vm,\"cookie\":99,\"ios\":$((i * 50))}"
		echo '{"sleep_ms":800}'
	done
} >vm.lines
{
	echo '{"sleep_ms":9000}'
	echo '{"event":"client_connect","pid":8,"global_id":4102,"process":"rbd","address":"10.0.0.2:0/22"}'
	echo '{"event":"image_open","pid":8,"global_id":4102,"image":1,"pool":"rbd","name":"vm1","image_id":"4101"}'
	echo '{"event":"snapshot_begin","pid":8,"global_id":4102,"image":1,"action":5,"op":"create","snap":"s1"}'
	echo '{"event":"blocklist","pid":8,"global_id":4102,"action":6,"op":"add","target":"10.0.0.1:0/11","entry":1,"by_address":"10.0.0.2:0/22","expire_s":-1}'
	echo '{"event":"io_eshutdown","pid":7,"global_id":4101,"image":1,"op":1,"offset":4096,"length":4096,"result":-108}'
	echo '{"sleep_ms":1500}'
	echo '{"event":"snapshot_end","pid":8,"global_id":4102,"action":5,"result":0}'
} >rbd.lines
"$fenceline" record start --profile full --output trace 2>record.log || { echo "FAIL: record start: $(cat record.log)"; exit 1; }
follow --since now trace 2>trace.err | /usr/bin/python3 -u -c '
import sys, time
for line in sys.stdin: print(time.time_ns(), line, end="", flush=True)' >trace.stamped &
follower=$!
"$build/bin/emit" "$provider" <vm.lines &
vm_pid=$!
if metadata_is_late; then
	sleep 2
	write_metadata fenceline
fi
"$build/bin/emit" "$provider" <rbd.lines || fail "emit failed"
wait $vm_pid || fail "emit failed"
wait_for 60 holds '"blocklist-add"' trace.stamped || fail "the fence is not told while the recording runs"
"$fenceline" record stop 2>>record.log || fail "record stop: $(cat record.log)"
wait_for 60 eval '! kill -0 $follower 2>/dev/null' || { fail "it does not end with the recording"; kill $follower; }
wait $follower || fail "at the end of the recording: exit code $?"
cut -d' ' -f2- trace.stamped >trace.ndjson
batch trace >trace.batch
same "a recording" trace.ndjson trace.batch
[ ! -s trace.err ] || fail "on stderr: $(cat trace.err)"
for kind in io:901 io-summary:18 ping-ack:4 ping-lost:1 blocklist-add:2 io-eshutdown:1; do
	[ "$(grep -c "\"kind\":\"${kind%:*}\"" trace.ndjson)" = "${kind#*:}" ] || fail "$(grep -c "\"kind\":\"${kind%:*}\"" trace.ndjson) of $kind"
done
grep -q '"kind":"io".*"vm":{"name":null' trace.ndjson && fail "the first I/O has no name, though it came later"
[ -z "$(ls tmp)" ] || fail "temporary folders are left"
/usr/bin/python3 - <<'PYTHON' || failed=1
import json, statistics
late = sorted((int(stamp) - json.loads(line)["ts_ns"]) / 1e9 for stamp, line in (l.split(" ", 1) for l in open("trace.stamped")) if '"kind":"io"' in line)
print(f"told {statistics.median(late):.1f} s after it happened in the median, {late[-1]:.1f} s at the latest, of {len(late)} I/Os")
if statistics.median(late) > 15:
    raise SystemExit("FAIL: that is late")
PYTHON

# ---- beginning in the middle of a recording, with a filter; the tracer's losses ----
"$fenceline" record start --output second --session second 2>>record.log || fail "record start: $(cat record.log)"
grep -v sleep vm.lines | "$build/bin/emit" "$provider"
follow --vm vm1 --since -1h second >second.ndjson 2>second.err &
follower=$!
wait_for 60 holds '"ping-ack"' second.ndjson || fail "what was recorded before is not told"
kill -TERM $follower
wait $follower || fail "TERM while recording: exit code $?"
"$fenceline" record stop --session second 2>>record.log
batch --vm vm1 second >second.batch
same "from the middle" second.ndjson second.batch
exit $failed
