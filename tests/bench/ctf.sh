#!/bin/bash
# SPDX-License-Identifier: MIT
# How long `fenceline incidents` takes over a full-profile trace of 6 million events (tests/bench/make-trace) beside babeltrace2 into its
# dummy sink and as text, in turns, twice; and what memory it takes, all its processes together, at 1 and at 6 million events.
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

seconds() { # COMMAND...: its wall time
	local begin=$EPOCHREALTIME
	"$@" > /dev/null || { echo "FAIL bench/ctf: $* does not run" >&2; exit 1; }
	awk "BEGIN { printf \"%.2f\", $EPOCHREALTIME - $begin }"
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
cat "$trace"/ust/uid/*/*/* > /dev/null 2>&1 # into the page cache
recorded=$(babeltrace2 "$trace" -c sink.utils.counter 2> /dev/null | awk '/Event messages/ { print $1 }' | tail -1)
verdict=$("$fenceline" incidents --format json "$trace" | jq -r '[.incidents[] | "\(.cause), \(.confidence), \(.failed_ios) failed I/Os"] | join("; ")')
budget events "${recorded:-0} in $(ls "$trace"/ust/uid/*/*/full_* | wc -l) streams" "${recorded:-0} >= $events"
budget verdict "$verdict" "\"$verdict\" == \"lost-pings, proven, 100 failed I/Os\""

printf '%-8s %18s %26s %19s\n' '' 'fenceline incidents' 'babeltrace2, dummy sink' 'babeltrace2, text'
for turn in 1 2; do
	dummy=$(seconds babeltrace2 "$trace" -c sink.utils.dummy) || exit 1
	ours=$(seconds "$fenceline" incidents "$trace") || exit 1
	text=$(seconds babeltrace2 "$trace") || exit 1
	printf 'turn %-3s %17s s %24s s %17s s\n' $turn "$ours" "$dummy" "$text"
	budget "dummy-sink/$turn" "$(awk "BEGIN { printf \"%.2f\", $ours / $dummy }") of its time, 1.00 at most" "$ours <= $dummy"
	budget "text/$turn" "$(awk "BEGIN { printf \"%.1f\", $text / $ours }") times as fast, 4 at least" "4 * $ours <= $text"
done

one=$(memory "$fenceline" incidents "$work/$small") && six=$(memory "$fenceline" incidents "$trace") || exit 1
budget memory "$six MiB at $events events, 256 at most" "$six < 256"
budget memory-grows-not "$one MiB at $small events, $six MiB at $events" "$six <= $one * 1.1 + 2"
exit $failed
