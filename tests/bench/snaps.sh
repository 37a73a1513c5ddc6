#!/bin/bash
# SPDX-License-Identifier: MIT
# How fast `fenceline snaps` is. Prints one line a measure: name, value, bound; exits 1 if a bound is missed. It is one thread that
# computes, so what is held against the bound is its CPU time, reading included; wall time is beside it and the same on an
# idle machine.
#   a set of 1,000,000 intervals: parsed and reported (text and JSON) in under 1 s and 128 MiB
#   a 1 GB OSD log of PGPool::update lines: 500 MB/s or more, from the page cache
#   the same with debug 20's other lines around them: shown, no bound
set -eu
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
fenceline=${FENCELINE:-${FENCELINE_BUILD:-$top/build}/bin/fenceline}
[ -x "$fenceline" ] || { echo "FAIL: $fenceline is not there; build it first"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

generate() { # WHAT FILE
	python3 - "$1" "$2" <<'PY'
import sys
what, path = sys.argv[1:]
with open(path, "w") as out:
    if what == "set":
        out.write("[" + ",".join("%x~1" % (1 + 2 * i) for i in range(1000000)) + "]\n")
    else:
        sets = ["[" + ",".join("%x~%x" % (1 + 7 * i, 1 + i % 5) for i in range(600 + 40 * s)) + "]" for s in range(4)]
        text = "PGPool::update cached_removed_snaps %s newly_removed_snaps [] snapc ffff=[] (no change)\n"
        other = "osd.0 pg_epoch: 14 pg[%d.6( v 13'4 (0'0,13'4] local-lis/les=6/7 n=1 ec=6/6 lis/c 6/6 les/c/f 7/7/0 6/6/6) [0] r=0 lpr=6 crt=13'4 lcod 11'3 mlcod 11'3 active+clean] handle_advance_map [0]/[0] -- 0/0\n"
        written = line = 0
        while written < int(1e9):
            stamp = "2020-04-05 %02d:%02d:%02d.%03d 7fa86b863700 " % (line // 3600000 % 24, line // 60000 % 60, line // 1000 % 60, line % 1000)
            # every placement group of one epoch says the same; the set changes now and then
            chunk = stamp + "20 " + text % sets[min(3, line // 40000)]
            if what == "mixed":
                chunk = "".join(stamp + "10 " + other % 1 for _ in range(6)) + chunk
            out.write(chunk)
            written += len(chunk)
            line += 1
PY
}

# measure NAME: runs fenceline on the rest; leaves seconds (CPU), wall and kilobytes, the best of three
measure() {
	local name=$1 s w kb
	shift
	seconds='' wall='' kilobytes=0
	for _ in 1 2 3; do
		/usr/bin/python3 - "$@" >"$work/time" <<'PY'
import resource, subprocess, sys, time
begin = time.monotonic()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, time.monotonic() - begin, used.ru_maxrss, code)
PY
		read -r s w kb code <"$work/time"
		[ "$code" = 0 ] || { echo "FAIL $name: exit code $code"; failed=1; }
		if [ -z "$seconds" ] || awk "BEGIN { exit !($s < $seconds) }"; then seconds=$s wall=$w; fi
		[ "$kb" -le "$kilobytes" ] || kilobytes=$kb
	done
}

# bound NAME VALUE OPERATOR BOUND UNIT
bound() {
	local verdict=ok
	awk "BEGIN { exit !($2 $3 $4) }" || { verdict=FAIL; failed=1; }
	printf '%s %-45s %9.3f %s (bound: %s %s; wall %.2f s)\n' "$verdict" "$1" "$2" "$5" "$3" "$4" "$wall"
}

generate set "$work/set"
for format in text json; do
	measure "set-$format" "$fenceline" snaps --format $format "$work/set"
	bound "1,000,000 intervals, $format: time" "$seconds" '<' 1 s
	bound "1,000,000 intervals, $format: memory" "$(awk "BEGIN { print $kilobytes / 1024 }")" '<' 128 MiB
done
for what in log mixed; do
	generate $what "$work/log"
	cat "$work/log" >/dev/null
	measure $what "$fenceline" snaps --format json "$work/log"
	rate=$(awk "BEGIN { print $(stat -c %s "$work/log") / 1e6 / $seconds }")
	if [ $what = log ]; then
		bound "1 GB of PGPool::update lines" "$rate" '>=' 500 MB/s
	else
		printf '%s %-45s %9.3f MB/s (wall %.2f s)\n' info "1 GB of an OSD log at debug 20" "$rate" "$wall"
	fi
	bound "1 GB of log ($what): memory" "$(awk "BEGIN { print $kilobytes / 1024 }")" '<' 128 MiB
	rm "$work/log"
done
exit $failed
