#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What befalls a recording befalls no I/O: the session daemon killed (-9) in the middle, the consumer daemon killed, the disk
# full, the ring buffer too small, the provider gone. A client on a real Ceph writes and reads back the same bytes and ends with
# the same code, and what was lost is counted or said.
. "$(dirname "$0")/../lib/live.sh"
here=$(dirname "$(realpath "$0")")/bad-weather
export LAB_POOL
cd "$LAB_DIR" || exit
rbd create "$LAB_POOL/disk" --size 64M

# work NAME [PREFIX…]: the workload in the background, until it rests in the middle; its output in logs/NAME.{out,err}.
work() {
    name=$1
    shift
    rm -f meeting.*
    "$@" /usr/bin/python3 "$here/workload.py" disk "$LAB_DIR/meeting" "${blocks:-1500}" >"$dir/logs/$name.out" 2>"$dir/logs/$name.err" </dev/null &
    worker=$!
    wait_until 60 "$name to be in the middle" test -e meeting.here
}
# goes_on WHAT: it ends as it does without the shim.
goes_on() {
    local code=0
    touch meeting.done
    wait "$worker" || code=$?
    is "$1: the same bytes" "$(cat "$dir/logs/without.out")" "$(cat "$dir/logs/$name.out")"
    is "$1: the same exit code" 0 "$code"
    so "$1: no write waited" awk '{ exit !($3 < 5) }' "$dir/logs/$name.err"
}
traced=("$FENCELINE" run --)

# The trace of what is left, told; how many io events of writes there are.
told() { # NAME
    tell_trace "$1" 2>"$dir/logs/$1.told"
    jq -s '[.[] | select(.kind == "io" and .op == "write")] | length' "$dir/$1.ndjson"
}
lost() {
    "$FENCELINE" timeline --format json "$LAB_DIR/trace" 2>/dev/null | jq .lost_events
}
# A recording that cannot be stopped any more says so, in a line or two, and leaves nothing running.
stop_what_is_left() { # WHAT
    local code=0
    timeout 60 "$FENCELINE" record stop --session lab >"$dir/logs/$name.stop" 2>&1 || code=$?
    echo "record stop: exit $code: $(tail -1 "$dir/logs/$name.stop")"
    so "$1: record stop answers, with 0 or 1" test "$code" -le 1
    so "$1: and says no more than it has to" test "$(wc -l <"$dir/logs/$name.stop")" -le 4
}
# The daemons of this mount namespace's own /run; killed by pid, and gone.
session_daemon() {
    cat /run/lttng/lttng-sessiond.pid
}
consumers() {
    local daemon
    daemon=$(session_daemon)
    for stat in /proc/[0-9]*/stat; do
        awk -v p="$daemon" '{ sub(/.*\) /, ""); if ($2 == p) print FILENAME }' "$stat" 2>/dev/null
    done | cut -d/ -f3
}
fresh() {
    local daemon
    if [ -e /run/lttng/lttng-sessiond.pid ]; then
        daemon=$(session_daemon)
        # shellcheck disable=SC2046 # several pids
        kill -KILL $(consumers) "$daemon" 2>/dev/null || true
        wait_until 10 "the daemons to be gone" eval '! kill -0 '"$daemon"' 2>/dev/null'
    fi
    umount trace 2>/dev/null || true
    rm -rf trace /run/lttng /dev/shm/lttng-*
}

# The metadata and something of a stream are in the folder.
on_disk() {
    [ -n "$(find trace -name metadata -size +0)" ] && [ -n "$(find trace -name 'full_*' -size +0)" ]
}

work without
touch meeting.done
wait "$worker"

recording_start full
work sessiond-killed "${traced[@]}"
wait_until 30 "metadata and events on the disk" on_disk
sleep 1
kill -KILL "$(session_daemon)"
goes_on "session daemon killed"
stop_what_is_left "session daemon killed"
so "what was recorded before can be read" test "$(told sessiond-killed)" -ge 1
fresh

recording_start full
work consumer-killed "${traced[@]}"
# shellcheck disable=SC2046 # several pids
kill -KILL $(consumers)
goes_on "consumer killed"
stop_what_is_left "consumer killed"
fresh

# A quarter of a MiB for all of the trace: it is full before the middle.
mkdir trace
mount -t tmpfs -o size=256k tmpfs trace
blocks=12000
work without-long
touch meeting.done
wait "$worker"
cp "$dir/logs/without-long.out" "$dir/logs/without.out"
recording_start full
work disk-full "${traced[@]}"
is_full() { [ "$(df --output=avail trace | tail -1)" -le 64 ]; }
within 30 is_full || true
so "the disk is full" is_full
goes_on "disk full"
stop_what_is_left "disk full"
written=$(told disk-full)
so "disk full: not everything is in the trace ($written of 12000 writes)" test "$written" -lt 12000
so "disk full: and that is said when the recording ends" grep -q "is full: the end of the trace may be missing" "$dir/logs/disk-full.stop"
# Where the disk was full just as a packet ended, nothing is cut off. babeltrace2 says which it was: it stops at half a packet.
cut=0 said=0
babeltrace2 trace >/dev/null 2>&1 || cut=1
grep -q "its last packet is cut off" "$dir/logs/disk-full.told" && said=1
is "disk full: and when the trace is read, if a packet is cut off" $cut $said
fresh

# Two sub-buffers of a page each, and nothing that empties them in time: events are lost, and counted.
lttng-sessiond --daemonize --no-kernel --quiet
lttng create lab --output "$LAB_DIR/trace" >/dev/null
lttng enable-channel -u -s lab --subbuf-size=4096 --num-subbuf=2 tiny >/dev/null
lttng enable-event -u -s lab -c tiny 'fenceline:*' >/dev/null
lttng start lab >/dev/null
work overrun "${traced[@]}"
# shellcheck disable=SC2046 # several pids
kill -STOP $(consumers) # empties nothing for a while
touch meeting.done
sleep 2
# shellcheck disable=SC2046 # several pids
kill -CONT $(consumers)
goes_on "ring buffer overrun"
lttng destroy lab >/dev/null
written=$(told overrun)
gone=$(lost)
echo "ring buffer overrun: $written of 12000 writes in the trace, $gone events lost"
so "what was lost is counted: with the reads it is all there was" test "$((written + $(jq -s '[.[] | select(.kind == "io" and .op != "write")] | length' "$dir/overrun.ndjson") + gone))" -ge 24001
so "and told where events are told" grep -q "lost" <("$FENCELINE" timeline "$LAB_DIR/trace" 2>&1)
fresh

# Without a provider that fits there is nothing to record, and nobody notices.
mkdir lonely
cp "$(dirname "$FENCELINE")/../lib/libfenceline.so" lonely/
blocks=1500
work without
touch meeting.done
wait "$worker"
work no-provider env LD_PRELOAD="$LAB_DIR/lonely/libfenceline.so"
goes_on "no provider"
cp lonely/libfenceline.so lonely/libfenceline-ust.so.1 # not one at all
work wrong-provider env LD_PRELOAD="$LAB_DIR/lonely/libfenceline.so"
goes_on "a provider that is none"
live_end
