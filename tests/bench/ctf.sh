#!/bin/bash
# SPDX-License-Identifier: MIT
# How long `fenceline incidents` takes over a full-profile trace of 6 million events (tests/bench/make-trace) beside babeltrace2
# into its dummy sink (the least of three runs each, taken in turns) and as text (one run), all of it twice; and what memory
# it takes, all its processes together, at 1 and at 6 million events.
# Budgets: no longer than the dummy sink, a quarter of the text at most, in both turns; 256 MiB, and the same for either trace.
# BENCH_EVENTS names another number than 6000000. Needs 400 MiB in TMPDIR, and two processors.
set -u
here=$(dirname "$(realpath "$0")")
build=${FENCELINE_BUILD:-$here/../../build}
fenceline=$build/bin/fenceline
events=${BENCH_EVENTS:-6000000} small=1000000
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FENCELINE_BUILD=$build

for n in "$small" "$events"; do
	"$here/make-trace" --events "$n" --output "$work/$n" 2> "$work/log" || { cat "$work/log"; echo "FAIL bench/ctf: no trace of $n events"; exit 1; }
	echo "$n events: $(tail -1 "$work/log" | sed "s|fenceline: ||; s| into $work/$n||")"
done

declare -A wall cpu
run() { # NAME COMMAND...: the least wall and CPU time of those of that name, in s
	local name=$1 real user system
	shift
	{ time "$@" > /dev/null 2> "$work/log" || touch "$work/failed"; } 2> "$work/times"
	[ ! -e "$work/failed" ] || { echo "FAIL bench/ctf: $* does not run: $(head -1 "$work/log")"; exit 1; }
	read -r real user system < "$work/times"
	if [ -z "${wall[$name]-}" ] || awk "BEGIN { exit !($real < ${wall[$name]}) }"; then
		wall[$name]=$real
	fi
	real=$(awk "BEGIN { print $user + $system }")
	if [ -z "${cpu[$name]-}" ] || awk "BEGIN { exit !($real < ${cpu[$name]}) }"; then
		cpu[$name]=$real
	fi
}

# The most that each process of it ever had in memory, shared pages counted each time, in MiB, all together.
memory() { # COMMAND...
	local pid kid key value most sum=0
	declare -A peak
	"$@" > /dev/null &
	pid=$!
	while [ -e "/proc/$pid/status" ]; do
		for kid in $pid $(cat "/proc/$pid/task/$pid/children" 2> /dev/null); do
			most=
			while read -r key value _; do
				[ "$key" = VmHWM: ] && most=$value
			done 2> /dev/null < "/proc/$kid/status"
			[ -n "$most" ] && peak[$kid]=$most
		done
		sleep 0.01
	done 2> /dev/null
	wait $pid || { echo "FAIL bench/ctf: $* does not run" >&2; exit 1; }
	for most in "${peak[@]}"; do
		sum=$((sum + most))
	done
	echo $((sum / 1024))
}

budget() { # NAME VALUE-TEXT CONDITION: for awk
	if awk "BEGIN { exit !($3) }"; then
		echo "ok bench/ctf/$1: $2"
	else
		echo "FAIL bench/ctf/$1: $2"
		failed=1
	fi
}

trace=$work/$events
find "$trace/ust" -type f -exec cat {} + > /dev/null 2>&1 # into the page cache
recorded=$(babeltrace2 "$trace" -c sink.utils.counter 2> /dev/null | awk '/Event messages/ { print $1 }' | tail -1)
verdict=$("$fenceline" incidents --format json "$trace" | jq -r '[.incidents[] | "\(.cause), \(.confidence), \(.failed_ios) failed I/Os"] | join("; ")')
budget events "${recorded:-0} in $(find "$trace/ust" -name 'full_*' | wc -l) streams" "${recorded:-0} >= $events"
budget verdict "$verdict" "\"$verdict\" == \"lost-pings, proven, 100 failed I/Os\""

TIMEFORMAT='%R %U %S'
printf '%-8s %28s %28s %28s\n' '' 'fenceline incidents' 'babeltrace2, dummy sink' 'babeltrace2, text'
for turn in 1 2; do
	wall=() cpu=()
	for again in 1 2 3; do
		run dummy babeltrace2 "$trace" -c sink.utils.dummy
		run ours "$fenceline" incidents "$trace"
	done
	run text babeltrace2 "$trace"
	printf 'turn %-3s' $turn
	for name in ours dummy text; do
		printf ' %8.2f s wall %8.2f s CPU' "${wall[$name]}" "${cpu[$name]}"
	done
	echo
	budget "dummy-sink/$turn" "$(awk "BEGIN { printf \"%.2f\", ${wall[ours]} / ${wall[dummy]} }") of its time, 1.00 at most" "${wall[ours]} <= ${wall[dummy]}"
	budget "text/$turn" "$(awk "BEGIN { printf \"%.1f\", ${wall[text]} / ${wall[ours]} }") times as fast, 4 at least" "4 * ${wall[ours]} <= ${wall[text]}"
done

one=$(memory "$fenceline" incidents "$work/$small") && six=$(memory "$fenceline" incidents "$trace") || exit 1
budget memory "$six MiB at $events events, 256 at most" "$six < 256"
budget memory-grows-not "$one MiB at $small events, $six MiB at $events" "$six <= $one * 1.1 + 2"
exit $failed
