#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The owner is on another host, whose record daemon answers: what it knows makes the verdict, without the probe, and its word is proof of a
# death. Nothing of this is in the short form.
LIVE_LAB=(--watch-timeout 20)
export LAB_DEBUG_OSD=1
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/guard/lib.sh"

daemon_answers() {
    timeout 2 bash -c "exec 3<>/dev/tcp/$1/9911" 2>/dev/null
}

knows() { # STATE CODE RULE WHAT
    seen "" "$2" ".rule == \"$3\" and .process.state == \"$1\" and .process.witness == \"daemon\" and .process.here == false" "$4" volumes/vm1
}

vm_create vm1
address=$(on_host vm1 ip -j address show eth0 | jq -r '.[0].addr_info[] | select(.family == "inet") | .local')
on_host vm1 "$FENCELINE" record daemon --output "$LAB_DIR/daemon" --listen "$address:9911" >"$LAB_DIR/log/daemon.log" 2>&1 &
recorder=$!
wait_until 60 "the record daemon to answer" daemon_answers "$address"
vm_boot vm1
run_for 3
knows lives 0 watched "healthy"
so "with the age of its last ping" jq -e '.images[0].process | .ack_age_ns >= 0 and .ack_age_ns < 7e9 and .vm == "vm1"' "$dir/preflight.json"
vm_freeze vm1
run_for 2
knows stopped 4 stopped "stopped"
vm_thaw vm1
run_for 7
knows lives 0 watched "running again"
hold_osd vm1
run_for 12
knows silent 4 silent "held back, its watch still there"
wait_until 60 "the watch of vm1 to expire" vm_unwatched vm1
# Once the OSD has told the client that its watch is gone, there is none whose pings could be unanswered.
seen "" 5 '(.process | .witness == "daemon" and (.here | not)) and ([.rule, .process.state] | . == ["unwatched-and-silent", "silent"] or . == ["unwatched-and-alive", "lives"])' "held back, its watch gone" volumes/vm1
kill -KILL "$(vm_pid vm1)"
wait_until 20 "QEMU of vm1 to end" vm_gone vm1
run_for 3
knows gone 6 gone "killed"
code=0
"$FENCELINE" guard --wait 0 volumes/vm1 -- rbd snap create --no-progress volumes/vm1@after >"$dir/guard.log" 2>&1 || code=$?
is "guard runs its command: nobody is left to be fenced" 0 "$code"
kill -TERM "$recorder"
live_end
