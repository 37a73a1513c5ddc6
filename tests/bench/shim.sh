#!/bin/bash
# SPDX-License-Identifier: MIT
# What the shim adds to one I/O, in ns of CPU time, against a librbd that does nothing: real LTTng, private session daemon.
# Budgets: 25 ns with no recording, 60 ns beyond the two clock reads in the incident profile, and in the full profile one
# event beyond that. Machines differ and are busy, so each figure is the least of several runs, taken in turns.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
[ "${1-}" = --inside ] || exec "$root/tests/private-lttng" "$0" --inside
program=$build/bin/bench-shim-io shim=$build/lib/libfenceline.so
provider=$(ls "$build"/lib/libfenceline-ust.so.[0-9]) || { echo "FAIL bench/shim: $build is not built"; exit 1; }
declare -A least
failed=0

measure() { # NAME [VAR=VALUE...] COMMAND...
	local name=$1 value
	shift
	value=$(env "$@") || { echo "FAIL bench/shim/$name: $* does not run"; exit 1; }
	if [ -z "${least[$name]-}" ] || awk "BEGIN { exit !($value < ${least[$name]}) }"; then
		least[$name]=$value
	fi
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

lttng-sessiond --daemonize --no-kernel || exit 1
for turn in 1 2 3 4 5; do
	measure plain "$program" io
	measure "plain, other thread" "$program" io other-thread
	measure clock "$program" clock
	in_turns idle
	session incident --exclude fenceline:io || { cat /run/lttng.log; exit 1; }
	in_turns incident
	lttng destroy incident > /run/lttng.log 2>&1
	session full || { cat /run/lttng.log; exit 1; }
	in_turns full
	measure event "$program" event "$provider"
	lttng destroy full > /run/lttng.log 2>&1
done

added() { awk "BEGIN { printf \"%.1f\", ${least[$1]} - ${least[$2]} }"; }
budget() { # NAME ADDED BUDGET
	if awk "BEGIN { exit !($2 <= $3) }"; then
		echo "ok bench/shim/$1: $2 ns of $3"
	else
		echo "FAIL bench/shim/$1: $2 ns, the budget is $3"
		failed=1
	fi
}

printf '%-12s %22s %22s\n' '' 'callback on one thread' 'on another thread'
printf '%-12s %19s ns %19s ns\n' 'no shim' "${least[plain]}" "${least[plain, other thread]}"
for profile in idle incident full; do
	printf '%-12s %18s%s ns %18s%s ns\n' "$profile" + "$(added $profile plain)" + "$(added "$profile, other thread" "plain, other thread")"
done
printf 'one clock read %s ns, one bare LTTng-UST io event %s ns\n' "${least[clock]}" "${least[event]}"
clocks=$(awk "BEGIN { print 2 * ${least[clock]} }")
budget idle "$(added idle plain)" 25
budget incident "$(awk "BEGIN { print $(added incident plain) - $clocks }")" 60
budget full "$(awk "BEGIN { print $(added full plain) - $clocks }")" "$(awk "BEGIN { print 60 + 1.2 * ${least[event]} }")"
exit $failed
