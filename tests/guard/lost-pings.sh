#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The incident, with guard around the rotation: the VM is not fenced, the rotation waits and is done once pings are back, the guest sees
# no error. The same timeline without guard, with a second VM, ends in -108.
LIVE_LAB=(--watch-timeout 12)
export LAB_DEBUG_OSD=1
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/guard/lib.sh"

# The lab's rotation, put under guard as in a script of cron's.
guarded_rotation() { # NAME
    local code=0
    on_host cinder "$FENCELINE" guard --id cinder --wait 180s --format json "$LAB_POOL/$1" -- sh -c '
        rbd --id cinder --no-progress snap rm "$1@daily-1" && rbd --id cinder snap create "$1@daily-6"' sh '{}' >"$dir/guard.json" 2>"$dir/guard.err" || code=$?
    return $code
}

with_guard() {
    local code=0
    hold_osd vm1
    wait_until 60 "the watch of vm1 to expire" vm_unwatched vm1
    guarded_rotation vm1 &
    sleep 4
    so "the rotation waits" has_snapshot vm1 daily-1
    drop_osd vm1
    wait $! || code=$?
    is "guard ends with the rotation's code" 0 "$code"
    json_so "the rotation ran, nobody was fenced" "$dir/guard.json" '.images[0] | .ran and .looks > 2 and .owner_after == "lives" and (.fenced | not)'
    so "the oldest is out" not has_snapshot vm1 daily-1
    so "the new one is in" has_snapshot vm1 daily-6
    so "nobody is on the blocklist but what a cluster puts there itself" not blocklisted "$(vm_address vm1)"
    sleep 3
    so "the guest saw no error" not vm_saw_error vm1
    so "the guest writes on" writes_on vm1
}

writes_on() { # NAME
    local before
    before=$(vm_written "$1")
    within 20 has_written_since "$1" "$before"
}

vm_written() {
    vm_qmp "$1" '{"execute": "query-blockstats"}' | jq -s 'map(.return? // .) | flatten | map(.stats.wr_operations? // 0) | add'
}

has_written_since() {
    [ "$(vm_written "$1")" -gt "$2" ]
}

without_guard() {
    hold_osd vm2
    wait_until 60 "the watch of vm2 to expire" vm_unwatched vm2
    rotate vm2
    drop_osd vm2
    so "without guard it is fenced" blocklisted "$(vm_address vm2)"
    so "and its guest fails, or hangs" within 60 vm_meets_the_fence vm2
}

host_add cinder
vm_create vm1
snapshots_fill vm1
vm_boot vm1
with_guard
if [ -z "${FENCELINE_SHORT:-}" ]; then
    vm_end vm1 # two cores make one VM at a time
    vm_create vm2
    snapshots_fill vm2
    vm_boot vm2
    without_guard
fi
live_end
