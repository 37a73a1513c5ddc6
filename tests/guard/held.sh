#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The owner is well at the last look and is held back once the command runs: the command stands still before the watch can end, and goes on
# when the owner answers; it is killed if that takes longer than --wait. With --no-hold the same ends in a fence.
LIVE_LAB=(--watch-timeout 12)
export LAB_DEBUG_OSD=1
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/guard/lib.sh"

# guarded_snapshot WORD GUARD-OPTION…: takes the snapshot volumes/vm1@WORD two seconds after it started, as a grandchild of guard's.
guarded_snapshot() {
    local word=$1
    shift
    rm -f "$dir/started"
    on_host cinder "$FENCELINE" guard --id cinder --format json "$@" volumes/vm1 -- sh -c '
        touch "$1"; (sleep 2; rbd --id cinder --no-progress snap create "$2"); wait' sh "$dir/started" "{}@$word" >"$dir/$word.json" 2>"$dir/$word.err" &
    guard=$!
    wait_until 60 "the command to start" test -e "$dir/started"
    hold_osd vm1
}

stands_still() { # WORD
    grep -q 'the command is stopped' "$dir/$1.err"
}

ended_with() { # EXPECTED WORD
    local code=0
    wait "$guard" || code=$?
    is "guard's code: $2" "$1" "$code"
    so "its JSON fits the schema" fits_schema guard-1 "$dir/$2.json"
}

goes_on() {
    guarded_snapshot later --wait 120s
    wait_until 30 "the command to be stopped" stands_still later
    so "its watch is still there then" not vm_unwatched vm1
    wait_until 60 "the watch of vm1 to expire" vm_unwatched vm1
    sleep 4
    so "unwatched for 4 s, and not fenced" not blocklisted "$(vm_address vm1)"
    drop_osd vm1
    ended_with 0 later
    json_so "it stood still, went on, and nobody was fenced" "$dir/later.json" '.images[0] | .ran and .held_ns > 4e9 and (.killed | not) and (.fenced | not) and .owner_after == "lives"'
    so "the snapshot is taken" has_snapshot vm1 later
    so "the VM is not fenced" not blocklisted "$(vm_address vm1)"
    so "its guest saw no error" not vm_saw_error vm1
}

is_killed() {
    guarded_snapshot killed --wait 10s
    ended_with 5 killed
    json_so "it was killed, and nobody was fenced" "$dir/killed.json" '.images[0] | .ran and .killed and (.fenced | not) and .command_exit == 137'
    so "no snapshot is taken" not has_snapshot vm1 killed
    so "nothing of it is left" not pgrep -f 'vm1@killed'
    drop_osd vm1
    so "the VM is not fenced" not blocklisted "$(vm_address vm1)"
}

# What asks guard to end asks its command, though it stands still.
ends_at_a_signal() {
    guarded_snapshot asked --wait 120s
    wait_until 30 "the command to be stopped" stands_still asked
    kill -TERM "$(pgrep -P "$guard")"
    ended_with 143 asked
    so "nothing of it is left" not pgrep -f 'snap create volumes/vm1@asked'
    drop_osd vm1
    so "the VM is not fenced" not blocklisted "$(vm_address vm1)"
}

runs_on() {
    guarded_snapshot bare --no-hold
    ended_with 3 bare
    so "without the hold it is fenced" blocklisted "$(vm_address vm1)"
}

well_again() {
    within 60 answers
}

answers() {
    on_host cinder "$FENCELINE" preflight --id cinder --probe volumes/vm1 >/dev/null 2>&1
}

host_add cinder
vm_create vm1
vm_boot vm1
for part in goes_on is_killed ends_at_a_signal runs_on; do
    so "the VM is well before: $part" well_again
    "$part"
done
live_end
