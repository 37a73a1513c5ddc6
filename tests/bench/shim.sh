#!/bin/bash
# SPDX-License-Identifier: MIT
# What the shim adds to one I/O, in ns of CPU time, against a librbd that does nothing: real LTTng, private session daemon.
# Budgets: 25 ns with no recording; 60 ns beyond the two clock reads in the incident profile; in the full profile 1.4 times
# one bare LTTng-UST event of the same fields in the same callback, the clock reads apart; 5 ns for a read or sendmsg that is none of its business,
# 60 ns for one of Ceph's while recording, 50 us for a read of 64 KiB that a guest has filled with candidates. No allocation, no mapping and no lock per I/O. Machines differ and are busy, so what is
# compared is run in turns; BENCH_TURNS says how many.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(realpath "${FENCELINE_BUILD:-$root/build}")
export FENCELINE_BUILD=$build
[ "${1-}" = --inside ] || exec "$root/tests/private-lttng" "$0" --inside
counter=$build/lib/libbench-count.so
built_provider=$(ls "$build"/lib/libfenceline-ust.so.[0-9]) || { echo "FAIL bench/shim: $build is not built"; exit 1; }
failed=0

# Each run prints the least of 60 rounds. How a process lies in memory makes 20 ns of difference, and the least of several
# processes would compare the luckiest: the middle one is taken.
declare -A values
measure() { # NAME [VAR=VALUE...] COMMAND...
	local name=$1 value
	shift
	value=$(env "$@") || { echo "FAIL bench/shim/$name: $* does not run"; exit 1; }
	values[$name]+="$value "
}
middle() { # NAME
	tr ' ' '\n' <<< "${values[$1]}" | grep . | sort -g | awk '{ v[NR] = $1 } END { printf "%.1f", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# The trace stays in the ring buffers: writing it out is the consumer's work, not the shim's.
session() { # NAME [OPTION...]
	local name=$1
	shift
	lttng create "$name" --snapshot && lttng enable-channel -u -s "$name" --subbuf-size=1M --num-subbuf=4 c &&
		lttng enable-event -u -s "$name" -c c 'fenceline:*' "$@" && lttng start "$name"
} > /run/lttng.log 2>&1

in_turns() { # PROFILE: same thread and other thread, with the shim
	measure "$1" LD_PRELOAD="$shim" "$program" io
	measure "$1, other thread" LD_PRELOAD="$shim" "$program" io other-thread
}

counts() { # NAME
	local name=$1 way
	for way in '' other-thread; do
		counted[$name$way]=$(LD_PRELOAD=$shim:$counter "$program" count $way) || { echo "FAIL bench/shim/counts: $program does not run"; exit 1; }
	done
}

# Where the pages of a library lie in memory makes 15 ns of difference, and they lie there as long as the file does: each turn has
# copies of its own, of all that is run with and without the shim. /run is this run's own and ends with it.
copy_anew() {
	local copies=/run/copies-$turn
	mkdir "$copies" && cp "$build/bin/bench-shim-io" "$build/lib/libfenceline.so" "$built_provider" "$copies" || exit 1
	program=$copies/bench-shim-io shim=$copies/libfenceline.so provider=$copies/$(basename "$built_provider")
}

lttng-sessiond --daemonize --no-kernel || exit 1
declare -A counted
for ((turn = 1; turn <= ${BENCH_TURNS:-9}; turn++)); do
	copy_anew
	measure plain "$program" io
	measure "plain, other thread" "$program" io other-thread
	measure clock "$program" clock
	in_turns idle
	session incident --loglevel=TRACE_DEBUG_LINE || { cat /run/lttng.log; exit 1; }
	in_turns incident
	lttng destroy incident > /run/lttng.log 2>&1
	session full || { cat /run/lttng.log; exit 1; }
	in_turns full
	measure event "$program" event "$provider"
	measure io-event "$program" io-event "$provider"
	[ $turn != 1 ] || counts full
	lttng destroy full > /run/lttng.log 2>&1
done
declare -A typical
for name in "${!values[@]}"; do
	typical[$name]=$(middle "$name")
done
counts idle
for way in '' other-thread; do
	counted[plain$way]=$(LD_PRELOAD=$counter "$program" count $way)
done

added() { awk "BEGIN { printf \"%.1f\", ${typical[$1]} - ${typical[$2]} }"; }
budget() { # NAME ADDED BUDGET
	if awk "BEGIN { exit !($2 <= $3) }"; then
		echo "ok bench/shim/$1: $2 ns of $3"
	else
		echo "FAIL bench/shim/$1: $2 ns, the budget is $3"
		failed=1
	fi
}

printf '%-12s %22s %22s\n' '' 'callback on one thread' 'on another thread'
printf '%-12s %19s ns %19s ns\n' 'no shim' "${typical[plain]}" "${typical[plain, other thread]}"
for profile in idle incident full; do
	printf '%-12s %18s%s ns %18s%s ns\n' "$profile" + "$(added $profile plain)" + "$(added "$profile, other thread" "plain, other thread")"
done
clocks=$(awk "BEGIN { printf \"%.1f\", 2 * ${typical[clock]} }")
event=$(added io-event plain)
echo "one read of CLOCK_MONOTONIC ${typical[clock]} ns, two an I/O: $clocks ns; one bare LTTng-UST io event in the callback $event ns, in a loop of its own ${typical[event]} ns"
budget idle "$(added idle plain)" 25
budget idle-other-thread "$(added "idle, other thread" "plain, other thread")" 25
budget incident-beyond-clocks "$(awk "BEGIN { printf \"%.1f\", $(added incident plain) - $clocks }")" 60
budget full-beyond-clocks "$(awk "BEGIN { printf \"%.1f\", $(added full plain) - $clocks }")" "$(awk "BEGIN { printf \"%.1f\", 1.4 * $event }")"

printf '%-28s %12s %8s %10s %8s %s\n' 'per I/O, once it is warm' allocations frees mappings locks 'KiB more after 2,000,000'
for way in '' other-thread; do
	for profile in plain idle full; do
		# shellcheck disable=SC2086
		printf '%-28s %12s %8s %10s %8s %10s\n' "$profile${way:+, $way}" ${counted[$profile$way]}
		[ $profile != plain ] || continue
		if awk -v plain="${counted[plain$way]}" -v with="${counted[$profile$way]}" 'BEGIN {
			split(plain, p); split(with, w)
			for (i = 1; i <= 4; i++) if (w[i] > p[i] + 0.0005) exit 1
			exit !(w[5] <= 512)
		}'; then
			echo "ok bench/shim/counts-$profile${way:+-$way}"
		else
			echo "FAIL bench/shim/counts-$profile${way:+-$way}: more than without the shim"
			failed=1
		fi
	done
done

"$build/bin/bench-shim-wire" > /run/wire || { echo "FAIL bench/shim/wire: bench-shim-wire does not run"; exit 1; }
while IFS=$'\t' read -r most ns what; do
	if [ "$most" = 0 ]; then
		echo "   bench/shim/wire, $what: $ns ns, no budget"
	else
		budget "wire, $what" "$ns" "$most"
	fi
done < /run/wire
exit $failed
