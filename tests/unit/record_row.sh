#!/bin/bash
# SPDX-License-Identifier: MIT
# The record daemon and many fences, without a cluster: ROW in a row, each by a process that ends 0.3 s after its command, then twenty
# at once, one of them with a thousand failing I/Os. Each is one folder with the whole story: VM, image, failed I/O, who fenced by which
# call, stack, snapshot. BUFFERS is pid or uid; ROW=30 is the long form. What it takes is judged by the daemon's CPU time, and where the
# machine has nothing else to do by the clock, too. The processes are tests/fakes/emit;
# scenarios/daemon.sh does the like with a real Ceph.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 560 "$@"
# shellcheck source=../lib/record_daemon.sh
. "$root/tests/lib/record_daemon.sh"
row=${ROW:-8} once=20

short_vm() { # NUMBER FAILING: tells who it is until vm.NUMBER.fenced is there, and then what it lost
	local is="\"pid\":$1,\"global_id\":$((4000 + $1)),\"host\":\"c\"" io="\"pid\":$1,\"global_id\":$((4000 + $1)),\"image\":1,\"op\":1,\"length\":4096,\"result\":-108"
	{
		echo "{\"page\":\"10.0.0.2:0/$((5000 + $1))\",\"vm\":\"vm$1\"}"
		while [ ! -e "vm.$1.fenced" ]; do
			echo "{\"event\":\"state\",$is,\"process\":\"qemu\",\"vm_name\":\"vm$1\",\"address\":\"10.0.0.2:0/$((5000 + $1))\",\"fsid\":\"f\",\"image\":1,\"pool\":\"vms\",\"name\":\"disk$1\",\"image_id\":\"abc$1\"}"
			sleep 0.5
		done
		for ((i = 0; i < $2; i++)); do echo "{\"event\":\"io_eshutdown\",$io,\"offset\":$((4096 * (i + 1)))}"; done
		echo "{\"page\":\"10.0.0.2:0/$((5000 + $1))\",\"vm\":\"vm$1\",\"fenced\":true}"
		echo '{"sleep_ms":600000}'
	} 2> /dev/null | LTTNG_UST_REGISTER_TIMEOUT=60000 "$build/bin/emit" "$provider" > /dev/null 2>&1 & vms+=" $!"
}
vms=''
# What an rbd tells that takes a snapshot of the images of these VMs, breaks their locks and ends.
fence() { # PID VM...
	local pid=$1 by action=0
	by="\"pid\":$1,\"global_id\":$((9000 + $1))"
	shift
	{
		echo "{\"event\":\"client_connect\",$by,\"host\":\"c\",\"process\":\"rbd\",\"entity\":\"client.cinder\",\"address\":\"10.0.0.9:0/$pid\",\"fsid\":\"f\",\"ceph_version\":\"16.2.15\"}"
		for n in "$@"; do
			action=$((action + 10))
			echo "{\"event\":\"image_open\",$by,\"image\":$action,\"pool\":\"vms\",\"name\":\"disk$n\",\"image_id\":\"abc$n\"}"
			echo "{\"event\":\"snapshot_begin\",$by,\"action\":$action,\"image\":$action,\"op\":\"create\",\"snap\":\"tonight\",\"pool\":\"vms\",\"name\":\"disk$n\",\"image_id\":\"abc$n\"}"
			echo "{\"event\":\"watchers_listed\",$by,\"list\":$action,\"oid\":\"rbd_header.abc$n\",\"watchers\":0}"
			echo "{\"event\":\"blocklist\",$by,\"action\":$((action + 1)),\"op\":\"add\",\"target\":\"10.0.0.2:0/$((5000 + n))\",\"expire_s\":3600,\"entry\":1,\"call\":\"MonClient\",\"thread\":\"rbd\",\"by_address\":\"10.0.0.9:0/$pid\",\"by_entity\":\"client.cinder\"}"
			for f in 0 1 2 3; do echo "{\"event\":\"stack_frame\",$by,\"action\":$((action + 1)),\"index\":$f,\"frames\":4,\"module\":\"librbd.so.1\",\"offset\":4096,\"build_id\":\"ab\",\"symbol\":\"break\"}"; done
		done
		echo '{"sleep_ms":300}'
	} | emits 60 || fail "emit failed"
	for n in "$@"; do : > "vm.$n.fenced"; done
}
stories() { jq -s '[.[].incidents[]]' out/incidents/2*/incidents.json 2> /dev/null; }
whole() { # FROM TO: how many of these VMs have a whole story
	stories | jq --argjson from "$1" --argjson to "$2" '[.[] | select(.vm.name != null) | select((.vm.name[2:] | tonumber) >= $from and (.vm.name[2:] | tonumber) <= $to) |
		select(.image.name == "disk" + .vm.name[2:] and .failed_ios >= 1 and .blocklist.entity == "client.cinder" and .blocklist.process == "rbd" and
		.blocklist.entry == "exclusive-lock-break" and (.blocklist.stack | length) == 4 and .snapshot_window.snap == "tonight")] | length'
}
wait_for() { # FROM TO
	local i wanted=$(($2 - $1 + 1))
	for ((i = 0; i < 300; i++)); do [ "$(whole "$1" "$2")" = $wanted ] && return; sleep 0.5; done
	grep -v ": unknown, " daemon.log; fail "$buffers: $(whole "$1" "$2") of $wanted are whole: $(stories | jq -c '.[] | [.vm.name, .failed_ios, .blocklist.entity, (.blocklist.stack // [] | length), .snapshot_window.snap]'); $(tail -20 daemon.log)"
}
are_tracked() { # everybody is in the rings
	local listed
	listed=$(sessions fenceline-daemon)
	for pid in $vms; do grep -q "<id>$pid</id>" <<< "$listed" || return; done
}
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ print int(($14 + $15 + $16 + $17) * 1000 / hz) }' "/proc/$1/stat"; } # of the daemon and its children
is_quiet() { awk -v n="$(nproc)" '{ exit !($1 <= n) }' /proc/loadavg; }

buffers=${BUFFERS:-pid}
start --buffers "$buffers" --keep 200
for ((n = 1; n <= row; n++)); do short_vm $n 1; done
for ((n = row + 1; n <= row + once; n++)); do short_vm $n $((n == row + 1 ? 1000 : 1)); done
wait_until 120 "all to be recorded" are_tracked
sleep 1 # each says who it is twice a second

for ((n = 1; n <= row; n++)); do fence $((100 + n)) $n; done
wait_for 1 "$row"
[ $failed = 0 ] && echo "$buffers: $row in a row, each by a process that ended at once: $(whole 1 "$row") whole"
wait_until 120 "rest" at_rest

began=$(date +%s%N) used=$(cpu_ms $daemon)
fence 99 $(seq $((row + 1)) $((row + once)))
wait_for $((row + 1)) $((row + once))
took=$((($(date +%s%N) - began) / 1000000))
wait_until 120 "rest" at_rest
used=$(($(cpu_ms $daemon) - used))
echo "$buffers: $once at once: all whole after $took ms, $used ms of CPU; load $(cut -d' ' -f1 /proc/loadavg)"
[ $used -le 5000 ] || fail "$buffers: $once at once took $used ms of CPU"
[ $took -le 20000 ] || ! is_quiet || fail "$buffers: $once at once took $took ms"
more=$(stories | jq --arg vm "vm$((row + 1))" '[.[] | select(.vm.name == $vm) | .failed_ios] | max')
[ "$more" = 1000 ] || fail "$buffers: the one with a thousand failing I/Os has $more"
[ "$(count)" = $((row + once)) ] || fail "$buffers: $((row + once)) fences left $(count) folders"
kill $vms 2> /dev/null
stop
exit $failed
