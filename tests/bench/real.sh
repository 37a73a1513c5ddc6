#!/bin/bash
# SPDX-License-Identifier: MIT
# What the shim costs a real client: `qemu-img bench` of 4 KiB writes against a real Ceph of one node, one after the other
# (librbd merges them) and with a stride that it cannot merge. A round runs every mode once between two runs without the shim,
# every second round the other way round, so that a machine which gets slower or faster favours none. The table holds the median
# of each mode's CPU seconds and wall time as a ratio to the mean of the two, and how far the middle half of the ratios spreads.
# Beside the shim stand Ceph's own client logging, the thing one would switch on instead, and the second run without the shim
# against the first: the noise. One run differs from the next by 6 to 13 %, so few rounds decide nothing. What a process pays once,
# at its start (LTTng is opened), is measured by runs of 16 writes, taken off, and shown apart.
# BENCH_ROUNDS says how many (20), BENCH_WRITES how long a run is (10000), BENCH_SECONDS when no further round is begun (900; two
# there are).
set -u -o pipefail
root=$(cd "$(dirname "$(realpath "$0")")/../.." && pwd)
FENCELINE_BUILD=$(realpath "${FENCELINE_BUILD:-$root/build}")
export FENCELINE_BUILD BENCH_ROUNDS=${BENCH_ROUNDS:-20} BENCH_WRITES=${BENCH_WRITES:-10000} BENCH_SECONDS=${BENCH_SECONDS:-900}
export FENCELINE=$FENCELINE_BUILD/bin/fenceline
if [ "${1-}" != --inside ]; then
	[ "$(id -u)" = 0 ] || { echo "FAIL bench/real: needs root: the cluster runs in namespaces"; exit 1; }
	LAB_DEBUG_OSD=1 exec "$root/tools/lab/lab" run -- bash "$(realpath "$0")" --inside
fi
. "$root/tools/lab/lib/all.sh"
set +e
cd "$LAB_DIR" || exit 1

modes=(without idle incident logging full again) # the first and the last are the same
declare -A ratios # "MODE STRIDE cpu|wall": the ratios, one a round
declare -A start  # MODE: CPU and wall of a process's start, in seconds
declare -A cpu    # STRIDE: CPU of a write without the shim, in us, one a round

# bench STRIDE WRITES PREFIX…: "CPU WALL" in seconds, of one run.
bench() {
	local stride=$1 writes=$2
	shift 2
	python3 - "$stride" "$writes" "rbd:$LAB_POOL/disk:conf=$conf" "$@" <<'PYTHON'
import resource, subprocess, sys, time
stride, writes, disk = sys.argv[1:4]
command = sys.argv[4:] + ["qemu-img", "bench", "-w", "-c", writes, "-d", "16", "-s", "4096", "-S", stride, "-t", "none", "-n", "-f", "raw", disk]
begun = time.monotonic()
subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
wall, used = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
print("%.6f %.6f" % (used.ru_utime + used.ru_stime, wall))
PYTHON
}

# The same ceph.conf, with the log that it would be.
logging_conf() {
	sed "s|^\[client\]|[client]\ndebug_objecter = 10\ndebug_rbd = 10|; s|log_file = $LAB_DIR/log/\\\$name.\\\$pid.log|log_file = $LAB_DIR/client.log|" "$CEPH_CONF" > logging.conf
}

one() { # MODE STRIDE [WRITES]
	conf=$CEPH_CONF
	case $1 in
	without | again) bench "$2" "${3:-$BENCH_WRITES}" env ;;
	# What `fenceline run` sets; without its own start, which is no part of the I/O.
	idle | incident | full) bench "$2" "${3:-$BENCH_WRITES}" env "LD_PRELOAD=$FENCELINE_BUILD/lib/libfenceline.so" LTTNG_UST_REGISTER_TIMEOUT=1000 ;;
	logging)
		conf=$LAB_DIR/logging.conf
		bench "$2" "${3:-$BENCH_WRITES}" env
		rm -f client.log
		;;
	esac
}

recorded() { [ "$1" = incident ] || [ "$1" = full ]; }
begin_recording() { ! recorded "$1" || recording_start "$1" > record.log 2>&1 || { cat record.log; exit 1; }; }
end_recording() { # a session daemon on a busy host may answer late once
	recorded "$1" || return
	recording_stop > record.log 2>&1 || within 30 recording_stop > record.log 2>&1 || { cat record.log; exit 1; }
	rm -rf trace
}

# What a process of this mode pays for its start: the least CPU and wall of a few with 16 writes.
start_up() { # MODE
	begin_recording "$1"
	for i in 1 2 3 4; do one "$1" 4096 16; done | awk '{ c = NR == 1 || $1 < c ? $1 : c; w = NR == 1 || $2 < w ? $2 : w } END { print c, w }'
	end_recording "$1"
}

# Every mode once, in the order of its arguments after the first; the ratios to the mean of the two without the shim.
round() { # STRIDE MODE…
	local stride=$1 mode
	local -A run
	for mode in "${@:2}"; do
		begin_recording "$mode"
		run[$mode]=$(one "$mode" "$stride")
		end_recording "$mode"
		[ -n "${run[$mode]}" ] || { echo "FAIL bench/real: qemu-img bench did not end well, $mode"; exit 1; }
		run[$mode]=$(awk '{ print $1 - $3, $2 - $4 }' <<< "${run[$mode]} ${start[$mode]}")
	done
	for mode in "${modes[@]:1:4}"; do
		compare "$mode $stride" "${run[$mode]}" "$(awk '{ print ($1 + $3) / 2, ($2 + $4) / 2 }' <<< "${run[without]} ${run[again]}")"
	done
	compare "again $stride" "${run[again]}" "${run[without]}"
	cpu[$stride]+="$(awk "{ print 1e6 * \$1 / $BENCH_WRITES }" <<< "${run[without]}") "
}

compare() { # "MODE STRIDE" "CPU WALL" "CPU WALL to compare with"
	ratios["$1 cpu"]+="$(awk '{ print $1 / $3 }' <<< "$2 $3") "
	ratios["$1 wall"]+="$(awk '{ print $2 / $4 }' <<< "$2 $3") "
}

# median of the numbers on stdin, and the quarter points: "MEDIAN LOW HIGH"
middle() {
	tr ' ' '\n' | grep . | sort -g | awk '{ v[NR] = $1 } END {
		m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
		printf "%.3f %.3f %.3f", m, v[int((NR + 3) / 4)], v[NR + 1 - int((NR + 3) / 4)] }'
}

rbd create "$LAB_POOL/disk" --size 1G || exit 1
logging_conf
echo "qemu-img bench -w -c $BENCH_WRITES -d 16 -s 4096, at most $BENCH_ROUNDS rounds; $(ceph --version | cut -d' ' -f1-3), $(qemu-img --version | head -1), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
one without 4096 16 > /dev/null
for mode in without idle incident full logging; do
	start[$mode]=$(start_up $mode)
done
start[again]=${start[without]}
for stride in 4096 12288; do
	one without $stride > /dev/null # the objects are there from then on
done
for ((rounds = 0; rounds < BENCH_ROUNDS; rounds++)); do
	[ $rounds -lt 2 ] || [ $SECONDS -lt "$BENCH_SECONDS" ] || break
	order=("${modes[@]}")
	[ $((rounds % 2)) = 0 ] || mapfile -t order < <(printf '%s\n' "${modes[@]}" | tac)
	for stride in 4096 12288; do
		round $stride "${order[@]}"
	done
done
echo "$rounds rounds in $SECONDS s"

names=(again "without the shim, again" idle "shim, nothing recording" incident "shim, incident profile" full "shim, full profile" logging "debug_objecter=10 debug_rbd=10")
printf '\n%-32s %-10s %28s %28s\n' '' stride 'CPU ratio (middle half)' 'wall ratio (middle half)'
for stride in 4096 12288; do
	for ((n = 0; n < ${#names[@]}; n += 2)); do
		read -r c cl ch < <(middle <<< "${ratios[${names[n]} $stride cpu]}"; echo)
		read -r w wl wh < <(middle <<< "${ratios[${names[n]} $stride wall]}"; echo)
		printf '%-32s %-10s %28s %28s\n' "${names[n + 1]}" "$stride" "$c ($cl to $ch)" "$w ($wl to $wh)"
	done
	echo "without: $(middle <<< "${cpu[$stride]}" | cut -d' ' -f1) us of CPU a write"
done
printf 'start of the process, ms of CPU:'
for mode in without idle incident full logging; do
	printf ' %s %s' $mode "$(awk '{ printf "%.0f", 1000 * $1 }' <<< "${start[$mode]}")"
done
echo

# Inside the noise: no further from 1 than the same program is from itself, by half of the ratios, at the least 5 %.
failed=0
for stride in 4096 12288; do
	read -r _ low high < <(middle <<< "${ratios[again $stride cpu]}"; echo)
	for mode in idle incident full; do
		read -r median _ < <(middle <<< "${ratios[$mode $stride cpu]}"; echo)
		bound=$(awk "BEGIN { n = $high - 1; if (1 - $low > n) n = 1 - $low; if (n < 0.05) n = 0.05; print 1 + n }")
		if awk "BEGIN { exit !($median <= $bound) }"; then
			echo "ok bench/real/$mode-$stride: $median times the CPU, the noise goes to $bound"
		else
			echo "FAIL bench/real/$mode-$stride: $median times the CPU, the noise goes to $bound only"
			failed=1
		fi
	done
done
exit $failed
