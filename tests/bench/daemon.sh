#!/bin/bash
# SPDX-License-Identifier: MIT
# What the record daemon costs: CPU per VM and memory, for 1, 20 and 40 processes with a page and a ring, both buffer ways. No cluster: the
# processes are tests/fakes/emit, which emit what a quiet VM does (a state and some pings every few seconds).
# The bound is 0.1 % of a core per VM, for 20 and 40 (one alone bears what every host does). DAEMON_SECONDS is for how long each is watched (20).
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 900 "$@"
seconds=${DAEMON_SECONDS:-20}

ticks() { awk '{ print $14 + $15 + $16 + $17 }' "/proc/$1/stat"; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
shm() { df -k --output=used /dev/shm | tail -1; }
vm() { # NUMBER
	echo "{\"page\":\"10.0.0.2:0/$1\",\"vm\":\"vm$1\"}"
	while :; do
		echo "{\"event\":\"state\",\"pid\":9,\"global_id\":$1,\"host\":\"c\",\"process\":\"qemu\",\"vm_name\":\"vm$1\",\"address\":\"10.0.0.2:0/$1\",\"image\":1,\"pool\":\"vms\",\"name\":\"vm$1\",\"image_id\":\"a$1\"}"
		echo '{"event":"ping_sent","pid":9}'
		echo '{"event":"ping_reply","pid":9}'
		echo '{"sleep_ms":3000}'
		sleep 3
	done
}

for buffers in pid uid; do
	for count in 1 20 40; do
		rm -rf out
		"$fenceline" record daemon --output "$PWD/out" --buffers $buffers 2> daemon.log & daemon=$!
		for i in $(seq 100); do grep -q 'incidents come into' daemon.log && break; sleep 0.1; done
		pids=''
		for ((n = 1; n <= count; n++)); do
			LTTNG_UST_REGISTER_TIMEOUT=0 "$build/bin/emit" "$provider" < <(vm $n) > /dev/null & pids+=" $!"
		done
		sleep 8
		sessiond=$(cat /run/lttng/lttng-sessiond.pid)
		before=$(ticks $daemon) lttng_before=$(ticks "$sessiond")
		sleep "$seconds"
		awk -v n=$count -v t=$(($(ticks $daemon) - before)) -v l=$(($(ticks "$sessiond") - lttng_before)) -v s="$seconds" -v hz="$(getconf CLK_TCK)" -v b=$buffers \
			-v rss="$(rss $daemon)" -v shm="$(shm)" 'BEGIN { p = 100 * t / hz / s / n; printf "%s bench/daemon/%s-%d: daemon %.3f %% of a core per VM (%.2f %% in all), session daemon %.2f %% in all; daemon %.1f MiB, rings and LTTng in /dev/shm %.1f MiB\n", n > 1 && p > 0.1 ? "FAIL" : "ok", b, n, p, 100 * t / hz / s, 100 * l / hz / s, rss / 1024, shm / 1024 }'
		kill $pids
		wait $pids 2> /dev/null
		kill $daemon
		wait $daemon
	done
done
exit $failed
