#!/bin/bash
# SPDX-License-Identifier: MIT
# What the record daemon costs: CPU per VM and memory, for 1, 20 and 40 processes with a page and a ring, both buffer ways. No cluster: the
# processes are tests/fakes/emit, which emit what a quiet VM does (a state and some pings every few seconds).
# Beside it LTTng's own floor: the same processes in a plain flight recorder of `lttng`, with nobody of ours.
# The bound is 0.1 % of a core per VM, for 20 and 40 (one alone bears what every host does). DAEMON_SECONDS is for how long each is watched (20),
# DAEMON_WAYS the buffer ways (pid uid).
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

lttng_pids() { cat /run/lttng/lttng-sessiond.pid; pgrep -x lttng-consumerd -P "$(cat /run/lttng/lttng-sessiond.pid)" || pgrep lttng-consumer; }
sum() { # ticks|rss PID...
	local what=$1 pid total=0
	shift
	for pid in "$@"; do total=$((total + $($what "$pid"))); done
	echo $total
}
begin_vms() { # COUNT
	pids=''
	for ((n = 1; n <= $1; n++)); do
		LTTNG_UST_REGISTER_TIMEOUT=0 "$build/bin/emit" "$provider" < <(vm $n) > /dev/null & pids+=" $!"
	done
	sleep 8
}
end_vms() {
	kill $pids
	wait $pids 2> /dev/null
}
watched() { # PID...: their ticks in all these seconds
	local before
	before=$(sum ticks "$@")
	sleep "$seconds"
	echo $(($(sum ticks "$@") - before))
}

# LTTng alone, with the rings that the daemon makes (daemon/sessions.c).
floor() { # pid|uid COUNT
	local size=4096 cpus
	cpus=$(getconf _NPROCESSORS_CONF)
	while [ $((size * 2 * 64 * cpus)) -le $((4 << 20)) ]; do size=$((size * 2)); done
	lttng-sessiond --daemonize --no-kernel
	{ lttng create --snapshot ring --output="$PWD/floor" && lttng enable-channel --userspace --session=ring --overwrite --subbuf-size=$size --num-subbuf=64 --buffers-"$1" ch &&
		lttng enable-event --userspace --session=ring --channel=ch 'fenceline:*' && lttng start ring; } > lttng.log 2>&1 || fail "$(cat lttng.log)"
	begin_vms "$2"
	# shellcheck disable=SC2046 # one word each
	set -- "$1" "$2" $(lttng_pids)
	ticks_of_lttng=$(watched "${@:3}")
	awk -v t="$ticks_of_lttng" -v hz="$(getconf CLK_TCK)" -v s="$seconds" -v rss="$(sum rss "${@:3}")" -v shm="$(shm)" -v b="$1" -v n="$2" 'BEGIN {
		printf "   bench/daemon/%s-%d: LTTng alone: %.2f %% of a core, %.1f MiB, %.1f MiB in /dev/shm\n", b, n, 100 * t / hz / s, rss / 1024, shm / 1024 }'
	end_vms
	lttng destroy ring > /dev/null
	kill "$3"
	while [ -e "/proc/$3" ]; do sleep 0.1; done
}

with_daemon() { # pid|uid COUNT
	rm -rf out
	"$fenceline" record daemon --output "$PWD/out" --buffers "$1" 2> daemon.log & daemon=$!
	for i in $(seq 100); do grep -q 'incidents come into' daemon.log && break; sleep 0.1; done
	begin_vms "$2"
	# shellcheck disable=SC2046 # one word each
	set -- "$1" "$2" $(lttng_pids)
	before=$(ticks $daemon)
	lttng_ticks=$(watched "${@:3}")
	awk -v n="$2" -v t=$(($(ticks $daemon) - before)) -v l="$lttng_ticks" -v s="$seconds" -v hz="$(getconf CLK_TCK)" -v b="$1" -v rss="$(rss $daemon)" -v lrss="$(sum rss "${@:3}")" -v shm="$(shm)" 'BEGIN {
		p = 100 * t / hz / s / n
		printf "%s bench/daemon/%s-%d: daemon %.3f %% of a core per VM (%.2f %% in all), %.1f MiB; LTTng %.2f %%, %.1f MiB, %.1f MiB in /dev/shm\n", (n > 1 && p > 0.1 ? "FAIL" : "ok"), b, n, p, 100 * t / hz / s, rss / 1024, 100 * l / hz / s, lrss / 1024, shm / 1024
		exit (n > 1 && p > 0.1) }' || failed=1
	end_vms
	kill $daemon
	wait $daemon
}

for buffers in ${DAEMON_WAYS:-pid uid}; do
	for count in 1 20 40; do
		with_daemon $buffers $count
		floor $buffers $count
	done
done
echo "   load $(cut -d' ' -f1 /proc/loadavg)"
exit $failed
