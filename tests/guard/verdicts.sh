#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The life and death of a VM, as preflight sees it from another host and from its own: healthy, held back, unwatched, guarded, stopped, dead.
# GUARD_ROUNDS says how many VMs live and die so, one after the other (1).
LIVE_LAB=(--watch-timeout 12)
export LAB_DEBUG_OSD=1
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/guard/lib.sh"

healthy() { # NAME
    # The timeout is the watch's own word: this user may not ask the manager for it.
    seen cinder 0 '.rule == "watched" and .probe == null and .owner_has_watch and .header.watch_timeout_s == 12' "$1 healthy" --id cinder "$LAB_POOL/$1"
    seen cinder 0 '.rule == "answered" and .probe.took_ns < 1e9' "$1 healthy, asked" --id cinder --probe "$LAB_POOL/$1"
    is "the owner is the VM's client" "$(vm_address "$1") $(cut -d' ' -f2 "$(vm_dir "$1")/watch")" \
        "$(jq -r '.images[0].owner | "\(.address) \(.handle)"' "$dir/preflight.json")"
    seen "$1" 0 ".process | .state == \"lives\" and .witness == \"status-page\" and .pid == $(vm_pid "$1") and .vm == \"$1\" and .ack_age_ns < 7e9" \
        "$1 healthy, on its own host" --id nova "$LAB_POOL/$1"
}

held_back() {
    hold_osd "$1"
    seen cinder 4 '.rule == "mute" and .owner_has_watch' "$1 held back, asked" --id cinder --probe "$LAB_POOL/$1"
    seen cinder 0 '.rule == "watched"' "$1 held back, not asked" --id cinder "$LAB_POOL/$1"
    wait_until 60 "the watch of $1 to expire" vm_unwatched "$1"
    seen cinder 5 '.rule == "unwatched" and (.owner_has_watch | not) and .process.state == "not-known"' "$1 unwatched" --id cinder --probe "$LAB_POOL/$1"
    seen "$1" 7 '.rule == "not-seen"' "$1 held back: its own host cannot ask the OSD either" --id nova --timeout 1s "$LAB_POOL/$1"
}

# Begun while the VM is unwatched: without guard this snapshot would fence it.
guarded_until_let_through() {
    local code=0
    on_host cinder "$FENCELINE" guard --id cinder --wait 120s --format json "$LAB_POOL/$1" -- \
        rbd --id cinder --no-progress snap create "{}@guarded" >"$dir/guard.json" 2>"$dir/guard.err" &
    sleep 3
    so "the snapshot of $1 waits" not has_snapshot "$1" guarded
    drop_osd "$1"
    wait $! || code=$?
    is "guard ends with its command's code" 0 "$code"
    json_so "it ran within 50 ms of the last answer, nobody fenced" "$dir/guard.json" \
        '.images[0] | .ran and .window_ns < 50e6 and .looks > 2 and .before.rule == "answered" and .owner_after == "lives" and (.fenced | not)'
    so "its JSON fits the schema" fits_schema guard-1 "$dir/guard.json"
    so "the snapshot of $1 is taken" has_snapshot "$1" guarded
    so "$1 is not fenced" not blocklisted "$(vm_address "$1")"
    so "the guest of $1 saw no error" not vm_saw_error "$1"
}

stopped() {
    vm_freeze "$1"
    seen cinder 4 '.rule == "mute"' "$1 stopped, asked" --id cinder --probe "$LAB_POOL/$1"
    seen "$1" 4 '.rule == "stopped" and .process.witness == "status-page"' "$1 stopped, on its own host, not asked" --id nova "$LAB_POOL/$1"
    wait_until 60 "the watch of $1 to expire" vm_unwatched "$1"
    seen cinder 5 '.rule == "unwatched"' "$1 stopped and unwatched" --id cinder "$LAB_POOL/$1"
    seen "$1" 5 '.rule == "unwatched-and-stopped"' "$1 stopped and unwatched, on its own host" --id nova "$LAB_POOL/$1"
}

dead() {
    local code=0
    kill -KILL "$(vm_pid "$1")"
    wait_until 20 "QEMU of $1 to end" vm_gone "$1"
    seen cinder 5 '.rule == "unwatched"' "$1 dead, from a host that cannot know" --id cinder --probe "$LAB_POOL/$1"
    seen "$1" 6 '.rule == "gone" and .process.witness == "proc"' "$1 dead, on its own host" --id nova "$LAB_POOL/$1"
    on_host cinder "$FENCELINE" unlock --id cinder --yes "$LAB_POOL/$1" >"$dir/unlock.out" 2>&1 || code=$?
    is "unlock --yes of what is not proven" 5 "$code"
    so "it broke nothing" test "$(lock_of "$1")" != '[]'
    code=0
    on_host "$1" "$FENCELINE" unlock --id nova --yes --format json "$LAB_POOL/$1" >"$dir/unlock.json" 2>>"$dir/unlock.out" || code=$?
    so "its JSON fits the schema" fits_schema unlock-1 "$dir/unlock.json"
    is "unlock --yes where the owner is proven gone" 0 "$code"
    is "nobody holds the lock" '[]' "$(lock_of "$1")"
    so "what was broken is fenced" blocklisted "$(vm_address "$1")"
}

host_add cinder
for ((n = 1; n <= ${GUARD_ROUNDS:-1}; n++)); do
    vm_create "vm$n"
    vm_boot "vm$n"
    for part in healthy held_back guarded_until_let_through; do
        "$part" "vm$n"
    done
    vm_watch "vm$n" >"$(vm_dir "vm$n")/watch" # it has registered anew
    for part in stopped dead; do
        "$part" "vm$n"
    done
done
live_end
