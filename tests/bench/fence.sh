#!/bin/bash
# SPDX-License-Identifier: MIT
# From the first -108 to the complete incident folder: one VM of 21 fenced, then the other twenty at once, both buffer ways. The bounds are
# 10 s and 20 s, of a machine that has nothing else to do: beside the time stand the load and the CPU that the daemon took, with its
# children. No cluster: the VMs are tests/fakes/emit. FENCE_VMS is how many are fenced at once (20).
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 900 "$@"
# shellcheck source=../lib/record_daemon.sh
. "$root/tests/lib/record_daemon.sh"
once=${FENCE_VMS:-20}

cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ print int(($14 + $15 + $16 + $17) * 1000 / hz) }' "/proc/$daemon/stat"; }
now_ms() { echo $(($(date +%s%N) / 1000000)); }
are_whole() { [ "$(cat out/incidents/2*/incidents.json 2> /dev/null | jq -s '[.[].incidents[] | select(.failed_ios >= 1)] | length')" -ge "$1" ]; }
measure() { # WHAT BOUND-MS FOLDERS VM...: these are fenced now
	local what=$1 bound=$2 wanted=$3 began used took
	shift 3
	began=$(now_ms) used=$(cpu_ms)
	for n in "$@"; do fenced "$n" >> "vm.$n.todo"; done
	wait_until 180 "$wanted folders" are_whole "$wanted" || return
	took=$(($(now_ms) - began))
	wait_until 60 "rest" at_rest
	used=$(($(cpu_ms) - used))
	printf '%s bench/fence/%s-%s: whole %d.%03d s after the first -108 (bound %d s), %d ms of CPU, load %s\n' \
		"$([ $took -le "$bound" ] && echo ok || echo FAIL)" "$buffers" "$what" $((took / 1000)) $((took % 1000)) $((bound / 1000)) $used "$(cut -d' ' -f1 /proc/loadavg)"
	[ $took -le "$bound" ] || failed=1
}

for buffers in pid uid; do
	rm -rf out vm.*
	asked=() pid_of=()
	start --buffers $buffers --keep 200
	for ((n = 1; n <= once + 1; n++)); do vm $n; done
	measure one 10000 1 1
	measure "$once" 20000 $((once + 1)) $(seq 2 $((once + 1)))
	kill "${pid_of[@]}" 2> /dev/null
	wait "${pid_of[@]}" 2> /dev/null
	stop
done
exit $failed
