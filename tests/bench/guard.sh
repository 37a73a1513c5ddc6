#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a preflight costs on a real cluster: its time as a whole, the time of the quick look that guard makes last, and how many requests it
# sends to monitors, manager and OSDs. BENCH_LOOKS says how many (20).
set -u -o pipefail
root=$(cd "$(dirname "$(realpath "$0")")/../.." && pwd)
FENCELINE_BUILD=$(realpath "${FENCELINE_BUILD:-$root/build}")
export FENCELINE_BUILD BENCH_LOOKS=${BENCH_LOOKS:-20}
export FENCELINE=$FENCELINE_BUILD/bin/fenceline
if [ "${1-}" != --inside ]; then
	[ "$(id -u)" = 0 ] || { echo "FAIL bench/guard: needs root: the cluster runs in namespaces"; exit 1; }
	LAB_DEBUG_OSD=1 exec "$root/tools/lab/lab" run -- bash "$(realpath "$0")" --inside
fi
. "$root/tools/lab/lib/all.sh"
set +e
cd "$LAB_DIR" || exit 1
failed=0

verdict() { # NAME VALUE BOUND UNIT
	if awk "BEGIN { exit !($2 <= $3) }"; then
		echo "ok bench/guard/$1: $2 $4, bound $3"
	else
		echo "FAIL bench/guard/$1: $2 $4, bound $3"
		failed=1
	fi
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

whole() { # OPTION…: ms of wall time, one a line
	local n begin
	for ((n = 0; n < BENCH_LOOKS; n++)); do
		begin=${EPOCHREALTIME/./}
		"$FENCELINE" preflight --id cinder "$@" volumes/disk > /dev/null || echo "it failed: $?" >&2
		echo $(((${EPOCHREALTIME/./} - begin) / 1000))
	done
}

# CPU ms of one, user and system together: what does not depend on who else is at work.
cpu() { # OPTION…
	local TIMEFORMAT='%U %S'
	{ time "$FENCELINE" preflight --id cinder "$@" volumes/disk > /dev/null 2>&1; } 2>&1 | awk '{ printf "%d\n", ($1 + $2) * 1000 }'
}

# Each message that its client sends, by what receives it: from the messenger's own log.
requests() { # OPTION…
	rm -f messages.log
	CEPH_ARGS="--log-file $LAB_DIR/messages.log --debug-ms 1" "$FENCELINE" preflight --id cinder "$@" volumes/disk > /dev/null
	grep -oE -- '-- [^ ]+ --> [^ ]+ -- [a-z_]+' messages.log | awk '{ print $NF }' | sort | uniq -c | sort -rn | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 } END { print "" }'
}

rbd create volumes/disk --size 64M
# A client that writes now and then: one that writes as fast as it can would have this machine's two cores to itself.
mkfifo end
/usr/bin/python3 "$root/tests/guard/clients.py" volumes disk < end > owner.log 2>&1 &
owner=$!
exec 7> end
until [ "$(rbd lock ls volumes/disk --format json)" != '[]' ]; do sleep 0.2; done
# Right after the cluster's start its manager is not there yet, which costs 2 s.
for ((n = 0; n < 60; n++)); do
	"$FENCELINE" preflight --id cinder volumes/disk | grep -q "did not answer" || break
	sleep 0.5
done
plain=$(whole | median) probe=$(whole --probe | median)
for ((n = 0; n < BENCH_LOOKS; n++)); do
	"$FENCELINE" guard --id cinder --format json volumes/disk -- true 2> /dev/null | jq -r '.images[0] | "\(.before.took_ns / 1e6) \(.window_ns / 1e6)"'
done > looks
last=$(cut -d' ' -f1 looks | median) window=$(cut -d' ' -f2 looks | median)
echo "preflight, whole process: $plain ms; with the probe $probe ms; medians of $BENCH_LOOKS, load $(cut -d' ' -f1 /proc/loadavg)"
echo "CPU of one: $(for ((n = 0; n < BENCH_LOOKS; n++)); do cpu --probe; done | median) ms"
echo "guard's last look: $last ms, from its end to the exec $window ms"
echo "messages of a preflight: $(requests)"
echo "with the probe: $(requests --probe)"
verdict whole "$plain" 300 ms
verdict whole-probe "$probe" 300 ms
verdict last-look "$last" 20 ms
verdict window "$window" 50 ms
kill -KILL $owner
exit $failed
