#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A day of the record daemon in time-lapse: each hour a rotation of snapshots (processes that begin and end), a fence, a VM that goes and
# one that comes, and what lies on disk and in memory becomes an hour older. It ends with bounded disk, memory and descriptors, of the
# daemon and of LTTng's. Without a cluster: the processes are tests/fakes/emit. By name: it takes two to four minutes.
[ -n "${DAEMON_HOURS:-}" ] || { echo "by name: DAEMON_HOURS=24 tests/scenarios/daemon-day.sh"; exit 77; }
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 900 "${1-}" "${2-}"
out=/run/home/out

vm() { # NUMBER
	{
		echo "{\"page\":\"10.0.0.2:0/5$1\",\"vm\":\"vm$1\"}"
		echo '{"sleep_ms":1500}'
		for ((i = 0; i < 100; i++)); do
			echo "{\"event\":\"state\",\"pid\":$1,\"global_id\":4$1,\"host\":\"c\",\"process\":\"qemu\",\"vm_name\":\"vm$1\",\"address\":\"10.0.0.2:0/5$1\",\"image\":1,\"pool\":\"vms\",\"name\":\"d$1\",\"image_id\":\"a$1\"}"
			echo '{"sleep_ms":1000}'
		done
	} | LTTNG_UST_REGISTER_TIMEOUT=0 "$build/bin/emit" "$provider" > /dev/null 2>&1 &
	vm=$!
}
rbd() { # NUMBER TARGET: "": fences nobody
	{
		echo "{\"event\":\"client_connect\",\"pid\":$1,\"global_id\":$1,\"host\":\"c\",\"process\":\"rbd\",\"entity\":\"client.cinder\",\"address\":\"10.0.0.9:0/$1\"}"
		[ -z "$2" ] || echo "{\"event\":\"blocklist\",\"pid\":$1,\"global_id\":$1,\"action\":1,\"op\":\"add\",\"target\":\"$2\",\"expire_s\":3600,\"entry\":1,\"call\":\"MonClient\",\"thread\":\"rbd\",\"by_address\":\"10.0.0.9:0/$1\",\"by_entity\":\"client.cinder\"}"
	} | LTTNG_UST_REGISTER_TIMEOUT=1000 "$build/bin/emit" "$provider"
}
written() { grep -c 'incidents/2' daemon.log; }
an_hour_later() {
	find $out/work/fencers $out/work/recovered -exec touch -d '1 hour ago' {} + 2> /dev/null
	find /dev/shm/fenceline-rings/kept -type d -exec touch -d '1 hour ago' {} + 2> /dev/null
}
taken() { # what is taken now, in one line
	local sessiond
	sessiond=$(cat /run/lttng/lttng-sessiond.pid)
	printf '%s\n' "$(du -sk $out | cut -f1) $(du -sk /dev/shm | cut -f1) $(awk '/^VmRSS/ { print $2 }' /proc/$daemon/status) $(find /proc/$daemon/fd | wc -l) $(find "/proc/$sessiond/fd" | wc -l) $(find $out/incidents -maxdepth 1 -name '2*' | wc -l)"
}

"$fenceline" record daemon --output $out --keep 5 2> daemon.log & daemon=$!
for i in $(seq 100); do grep -q 'incidents come into' daemon.log && break; sleep 0.1; done
vm 1000
number=100 early=''
for ((hour = 1; hour <= DAEMON_HOURS; hour++)); do
	before=$(written)
	for n in 1 2 3 4 5; do rbd $((number += 1)) ''; done
	rbd $((number += 1)) "10.0.1.$hour:0/$((70000 + hour))"
	for ((i = 0; i < 300 && $(written) == before; i++)); do sleep 0.1; done
	[ "$(written)" -gt "$before" ] || fail "hour $hour: no folder: $(tail -3 daemon.log)"
	kill $vm
	vm $((1000 + hour))
	an_hour_later
	[ "$hour" != 6 ] || early=$(taken)
done
sleep 62 # the daemon's own round of taking things away
read -r disk shm memory own sessiond folders <<< "$(taken)"
echo "after $DAEMON_HOURS hours: disk $disk KiB, /dev/shm $shm KiB, daemon $memory KiB and $own descriptors, session daemon $sessiond descriptors, $folders folders; after six: $early"
[ "$folders" = 5 ] || fail "--keep 5 keeps $folders"
[ "$disk" -le 8192 ] || fail "disk: $disk KiB: $(du -k $out | sort -n | tail -5)"
[ "$shm" -le 65536 ] || fail "/dev/shm: $shm KiB"
read -r _ _ early_memory early_own early_sessiond _ <<< "$early"
[ "$memory" -le $((early_memory + 2048)) ] || fail "the daemon grew from $early_memory to $memory KiB"
[ "$own" -le $((early_own + 4)) ] || fail "the daemon's descriptors grew from $early_own to $own"
[ "$sessiond" -le $((early_sessiond + 40)) ] || fail "the session daemon's descriptors grew from $early_sessiond to $sessiond"
kill $vm $daemon
wait $daemon || fail "TERM: $?"
exit $failed
