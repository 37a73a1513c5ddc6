#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A thousand preflights of a busy VM, every other one with the probe: nothing that `rbd status`, `rbd lock ls`, the blocklist and the OSD's
# log show has changed, and the guest's writes were as fast. GUARD_LOOKS says how many (1000).
LIVE_LAB=(--watch-timeout 30)
export LAB_DEBUG_OSD=1
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/guard/lib.sh"

# What stands there, without what changes by itself.
standing() {
    rbd status volumes/vm1 --format json
    rbd lock ls volumes/vm1 --format json
    rbd info volumes/vm1 --format json | jq -c 'del(.access_timestamp, .modify_timestamp)'
    osd_blocklist ls -f json 2>/dev/null | jq -s -c flatten
    rados -p volumes listwatchers "rbd_header.$(cat "$(vm_dir vm1)/image_id")"
}

# The guest's own writes and the mean time of one, since it started: of QEMU.
writes() {
    vm_qmp vm1 '{"execute": "query-blockstats"}' | jq -s -r 'map(.return? // .) | flatten | map(.stats // empty) | .[0] | "\(.wr_operations) \(.wr_total_time_ns)"'
}

# per_write BEFORE AFTER: mean ns.
per_write() {
    awk -v before="$1" -v after="$2" 'BEGIN { split(before, b, " "); split(after, a, " "); printf "%d %d", a[1] - b[1], (a[2] - b[2]) / (a[1] - b[1]) }'
}

look() { # HOW-MANY
    local n failed=0 code
    for ((n = 0; n < $1; n++)); do
        code=0
        if [ $((n % 2)) = 0 ]; then
            on_host cinder "$FENCELINE" preflight --id cinder --probe volumes/vm1 >"$dir/last.out" 2>&1 || code=$?
        else
            on_host cinder "$FENCELINE" preflight --id cinder volumes/vm1 >"$dir/last.out" 2>&1 || code=$?
        fi
        [ $code = 0 ] || { failed=$((failed + 1)); cp "$dir/last.out" "$dir/failed.$n"; }
    done
    is "preflights that did not say safe" 0 $failed
}

host_add cinder
vm_create vm1
vm_boot vm1 lab.pause=0.02 lab.writers=2
run_for 5
quiet_before=$(writes)
run_for 20
quiet=$(per_write "$quiet_before" "$(writes)")
standing >"$dir/before"
lines=$(wc -l <"$LAB_DIR/log/osd.0.log")
looked_before=$(writes)
look "${GUARD_LOOKS:-1000}"
looked=$(per_write "$looked_before" "$(writes)")
standing >"$dir/after"
so "nothing that Ceph shows has changed" cmp "$dir/before" "$dir/after"
is "lines in the OSD's log (at debug_osd 1)" "" "$(tail -n +$((lines + 1)) "$LAB_DIR/log/osd.0.log" | grep -ivE 'scrub|heartbeat|rocksdb|slow' | head -5)"
so "the guest wrote on, without an error" not vm_saw_error vm1
so "no write failed or was late by a watch: $quiet (writes, ns each) in 20 s quiet, $looked while looked at" test "${looked%% *}" -gt 0
live_end
