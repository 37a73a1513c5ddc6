#!/bin/bash
# SPDX-License-Identifier: MIT
# `timeline --follow` on a recording of which one stream is damaged for good: it goes on, and what the other stream holds is told.
set -u
# shellcheck disable=SC1091
. "$(dirname "$0")/../lib/private.sh" 200 "$@"
export LC_ALL=C.UTF-8

mapfile -t cpus < <(awk '/Cpus_allowed_list/ { gsub("[-,]", " "); print $2; print $NF }' /proc/self/status)
[ "${cpus[0]}" != "${cpus[1]}" ] || { echo "needs two processors: a stream for each"; exit 77; }
"$fenceline" record start --buffers uid --output whole 2>record.log || { echo "FAIL: record start: $(cat record.log)"; exit 1; }
for i in 0 1; do
	echo "{\"event\":\"io_error\",\"pid\":$((8 + i)),\"global_id\":420$i,\"image\":1,\"op\":1,\"length\":$((4000 + i)),\"result\":-5}" |
		taskset -c "${cpus[i]}" "$build/bin/emit" "$provider" || fail "emit failed"
done
"$fenceline" record stop 2>>record.log || fail "record stop: $(cat record.log)"

said="damaged: .*; what could be read of its newest packets is shown"
is_said() { [ -z "$1" ] || grep -q "$1" "$2"; }
# follow_damaged WHAT BYTE COUNT [SAYS]: so many bytes of the first stream from that one on are 0xff; the other one's I/O must be told,
# and SAYS on stderr, which may come later.
follow_damaged() {
	local follower says=${4:-}
	cp -r whole "$1"
	/usr/bin/python3 - "${@:1:3}" <<'PYTHON' || fail "the recording has not two streams"
import os, sys
files = sorted(os.path.join(at, name) for at, _, names in os.walk(sys.argv[1]) for name in names if name != "metadata" and "index" not in at)
streams = [f for f in files if os.path.getsize(f)]
assert len(streams) == 2, files
with open(streams[0], "r+b") as first:
    first.seek(int(sys.argv[2]))
    first.write(b"\xff" * int(sys.argv[3]))
PYTHON
	"$fenceline" timeline --format ndjson --follow "$1" >"$1.told" 2>"$1.err" &
	follower=$!
	for _ in $(seq 300); do
		grep -q '"length":400[01],' "$1.told" && is_said "$says" "$1.err" && break
		kill -0 "$follower" 2>/dev/null || break
		sleep 0.1
	done
	grep -q '"length":400[01],' "$1.told" || fail "$1: the stream that is whole is not told: $(cat "$1.err")"
	is_said "$says" "$1.err" || fail "$1: of the damage it says: $(cat "$1.err")"
	kill -TERM "$follower"
	wait "$follower" || fail "$1: exit code $?"
}

# Behind the packet's header, 80 bytes, and its context, 4: the event's number, 2 and then 4 bytes, and its time, 8 bytes. LTTng 2.16
# has the short form, 2 bytes and 4: there the first two make it the long one, whose number no event has.
follow_damaged number 84 6 "$said"
follow_damaged time 96 2
exit "$failed"
