#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is asked of it that is not a VM's image in good order: no such thing, no right, no lock, somebody else's lock, a clone, a group, a
# mirrored image, a cluster that does not answer; signals and {} of guard.
LIVE_LAB=(--watch-timeout 30)
export LAB_DEBUG_OSD=1
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/guard/lib.sh"

# says CODE TEXT COMMAND…: it ends with CODE, and stdout and stderr together hold TEXT.
says() {
    local expected=$1 text=$2 code=0 words
    shift 2
    words=$("$@" 2>&1) || code=$?
    words=$(tr -s ' \n' ' ' <<<"$words")
    is "code of ${*##*/}" "$expected" "$code"
    so "it says: $text" grep -qF -- "$text" <<<"$words"
}

user() { # NAME CAPABILITY…
    ceph auth get-or-create "client.$1" "${@:2}" >>"$LAB_DIR/keyring"
}

not_there() {
    says 1 "no pool nosuch" "$FENCELINE" preflight nosuch/vm
    says 1 "no image volumes/nosuch" "$FENCELINE" preflight volumes/nosuch
    says 1 "no namespace ns in pool volumes" "$FENCELINE" preflight volumes/ns/vm
    says 1 "cannot read the conf file /nowhere" "$FENCELINE" preflight --conf /nowhere volumes/owned
    says 2 "names no pool" "$FENCELINE" preflight vm
    says 2 "a snapshot" "$FENCELINE" preflight volumes/vm@s
    says 2 "no image" "$FENCELINE" preflight
    says 2 "takes a duration" "$FENCELINE" preflight --timeout soon volumes/owned
    says 2 "and the command" "$FENCELINE" guard volumes/owned
    says 2 "one image" "$FENCELINE" unlock volumes/a volumes/b
    rbd namespace create volumes/there
    rbd create volumes/there/image --size 8M
    says 0 "volumes/there/image: safe" "$FENCELINE" preflight volumes/there/image
    says 1 "no image volumes/there/nosuch" "$FENCELINE" preflight volumes/there/nosuch
    says 1 "volumes/owned: safe" "$FENCELINE" preflight --probe volumes/nosuch volumes/owned
}

# Each cap that is missing is named; what the documentation says is enough, is.
caps() {
    user readonly mon 'profile rbd-read-only' osd 'profile rbd-read-only'
    says 0 "answered in" "$FENCELINE" preflight --id readonly --probe volumes/owned
    user plain mon 'allow r' osd 'allow r pool=volumes, allow class-read pool=volumes'
    says 0 "answered in" "$FENCELINE" preflight --id plain --probe volumes/owned
    says 0 "lacks mgr 'allow r'" "$FENCELINE" preflight --id readonly volumes/owned
    user manager mon 'profile rbd-read-only' osd 'profile rbd-read-only' mgr 'allow r'
    says 0 "active+clean, snaptrim queue 0" "$FENCELINE" preflight --id manager volumes/owned
    says 7 "refuse client.nobody" "$FENCELINE" preflight --id nobody volumes/owned
    user nomon osd 'profile rbd-read-only'
    says 7 "lacks mon 'profile rbd-read-only'" "$FENCELINE" preflight --id nomon volumes/owned
    user noosd mon 'profile rbd-read-only'
    says 7 "lacks osd 'profile rbd-read-only pool=volumes'" "$FENCELINE" preflight --id noosd volumes/owned
    user otherpool mon 'profile rbd-read-only' osd 'profile rbd-read-only pool=other'
    says 7 "lacks osd 'profile rbd-read-only pool=volumes'" "$FENCELINE" preflight --id otherpool volumes/owned
    says 7 "lacks osd 'profile rbd-read-only pool=volumes'" "$FENCELINE" guard --id noosd volumes/owned -- touch "$dir/ran"
    so "and the command did not run" test ! -e "$dir/ran"
}

locks() {
    local code blocklisted_before
    blocklisted_before=$(ceph osd blocklist ls -f json 2>/dev/null | jq -s 'flatten | length')
    rbd create volumes/plain --size 8M --image-feature layering
    says 0 "no exclusive-lock feature" "$FENCELINE" preflight volumes/plain
    rbd lock add volumes/plain mine
    says 0 "no exclusive-lock feature" "$FENCELINE" preflight volumes/plain
    rbd create volumes/free --size 8M
    says 0 "nobody holds the lock" "$FENCELINE" preflight --probe volumes/free
    says 0 "nobody holds the lock" "$FENCELINE" unlock --yes volumes/free
    rbd create volumes/foreign --size 8M
    rbd lock add volumes/foreign mine
    says 4 "rbd lock add" "$FENCELINE" preflight --probe volumes/foreign
    says 4 "rbd lock rm volumes/foreign mine client." "$FENCELINE" unlock --yes volumes/foreign
    code=0
    timeout 20 rbd snap create volumes/foreign@s >"$dir/foreign.log" 2>&1 || code=$?
    so "librbd takes no snapshot of it (code $code: $(tail -n 1 "$dir/foreign.log"))" test $code != 0
    so "and fences nobody for it" test "$(ceph osd blocklist ls -f json 2>/dev/null | jq -s 'flatten | length')" = "$blocklisted_before"
    so "it is held still" test "$(lock_of foreign)" != '[]'
    rbd create volumes/shared --size 8M
    rbd lock add --shared tag volumes/shared mine
    says 4 "rbd lock add" "$FENCELINE" preflight volumes/shared
}

relations() {
    rbd snap create volumes/free@base
    rbd snap protect volumes/free@base
    rbd clone volumes/free@base volumes/clone
    says 0 "volumes/clone: safe" "$FENCELINE" preflight --probe volumes/clone
    rbd group create volumes/group
    rbd group image add volumes/group volumes/clone
    says 0 "in the group group" "$FENCELINE" preflight volumes/clone
    rbd mirror pool enable volumes image
    rbd create volumes/mirrored --size 8M
    rbd mirror image enable volumes/mirrored snapshot
    says 0 "mirror primary" "$FENCELINE" preflight volumes/mirrored
}

# Guard: what it hands to the command, and what it takes from it.
guarding() {
    local code=0
    says 0 "volumes/owned volumes/free" "$FENCELINE" guard volumes/owned -- echo '{}' volumes/free
    says 9 "ended with 9" "$FENCELINE" guard volumes/owned -- sh -c 'exit 9'
    says 143 "ended with 143" "$FENCELINE" guard volumes/owned -- sh -c 'kill $PPID; sleep 9'
    says 127 "did not run" "$FENCELINE" guard volumes/owned -- nosuchcommand
    says 126 "did not run" "$FENCELINE" guard volumes/owned -- /etc
    says 4 "did not run" "$FENCELINE" guard --wait 1s --every 300ms volumes/foreign volumes/owned -- echo ran '{}'
    says 4 "ran volumes/owned" "$FENCELINE" guard --wait 0 volumes/foreign volumes/owned -- echo ran '{}'
    "$FENCELINE" guard --format json volumes/owned volumes/free -- sh -c 'echo words; ls -l /proc/self/fd' >"$dir/two.json" 2>"$dir/two.err"
    json_so "of two images each has its turn" "$dir/two.json" '.exit_code == 0 and ([.images[].ran] == [true, true]) and .images[1].image.name == "free"'
    so "the command has no socket of the cluster" not grep -q 'socket:' "$dir/two.err"
    "$FENCELINE" guard --wait 60s volumes/foreign -- true 2>"$dir/int.err" &
    sleep 2
    kill -INT $!
    wait $! || code=$?
    is "code of one that is interrupted while it waits" 130 "$code"
    so "it says so" grep -q 'did not run: Interrupt' "$dir/int.err"
}

# The manager is asked last, and what the monitors have told is not lost with its answer.
no_manager() {
    local begin took manager
    manager=$(basename "$LAB_DIR"/ceph/mgr.*.asok | cut -d. -f3)
    kill -STOP "$manager"
    begin=$(now_ms)
    says 0 "the manager did not answer within a second" "$FENCELINE" preflight volumes/owned
    took=$(($(now_ms) - begin))
    so "a manager that hangs: $took ms" test "$took" -lt 3000
    says 0 "on osd.0" "$FENCELINE" preflight volumes/owned
    says 0 "watch timeout 30 s" "$FENCELINE" preflight volumes/owned
    kill -CONT "$manager"
}

# What waits for an answer ends in time, and tells what it waited for.
no_answer() {
    local begin took osd
    osd=$(basename "$LAB_DIR"/ceph/osd.0.*.asok | cut -d. -f3) # its admin socket has its pid
    kill -STOP "$osd"
    begin=$(now_ms)
    says 7 "did not answer within 2 s, opening the image" "$FENCELINE" preflight --timeout 2s volumes/owned
    took=$(($(now_ms) - begin))
    so "a dead OSD: $took ms" test "$took" -lt 4000
    kill -CONT "$osd"
    on_host cinder nft -f - <<NFT
table ip cut { chain out { type filter hook output priority 0; ip daddr $LAB_STORAGE_IP drop; }; }
NFT
    begin=$(now_ms)
    says 7 "do" on_host cinder "$FENCELINE" preflight --timeout 2s volumes/owned volumes/free
    took=$(($(now_ms) - begin))
    so "dead monitors, two images: $took ms" test "$took" -lt 5500
    says 7 "did not run" on_host cinder "$FENCELINE" guard --wait 0 --timeout 1s volumes/owned -- true
}

host_add cinder
rbd create volumes/owned --size 16M
rbd bench volumes/owned --io-type write --io-size 4K --io-threads 1 --io-total 1T >"$LAB_DIR/log/bench.log" 2>&1 &
owner=$!
owned() {
    [ "$(lock_of owned)" != "[]" ]
}
wait_until 30 "a client to take the lock" owned
manager_answers() {
    timeout 5 ceph pg ls-by-primary osd.0 >/dev/null 2>&1
}
wait_until 120 "the manager to answer" manager_answers
for part in not_there caps locks relations guarding no_manager no_answer; do
    "$part"
done
kill -KILL "$owner"
live_end
