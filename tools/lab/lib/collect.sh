# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What a run leaves behind, in a folder of the user's.

# collect_logs DIR: whatever there is by now; also after a failure.
collect_logs() {
    local dir=$1/logs vm
    mkdir -p "$dir"
    osd_blocklist ls >"$dir/blocklist.txt" 2>/dev/null || true
    cp "$LAB_DIR"/log/* "$dir/" 2>/dev/null || true
    find "$dir" -type f -empty -delete
    chmod -R a+r "$dir"
    for vm in "$LAB_DIR"/vm/*/; do
        [ -d "$vm" ] || continue
        vm=$(basename "$vm")
        cp "$LAB_DIR/vm/$vm/qemu.log" "$dir/qemu-$vm.log" 2>/dev/null || true
        cp "$LAB_DIR/vm/$vm/console.log" "$dir/console-$vm.log" 2>/dev/null || true
    done
    facts_json >"$1/facts.json"
    if [ -d "$LAB_DIR/trace" ]; then
        rm -rf "$1/trace"
        cp -r "$LAB_DIR/trace" "$1/trace"
    fi
}

# tell_story DIR: timeline and verdict, from the trace and the audit log.
tell_story() {
    local dir=$1 inputs=("$1/trace" "$1/logs/ceph.audit.log")
    "$FENCELINE" timeline --format json "${inputs[@]}" >"$dir/timeline.json"
    "$FENCELINE" incidents --format json "${inputs[@]}" >"$dir/incidents.json"
    "$FENCELINE" timeline "${inputs[@]}" >"$dir/timeline.txt"
    "$FENCELINE" timeline --format html "${inputs[@]}" >"$dir/timeline.html"
}
