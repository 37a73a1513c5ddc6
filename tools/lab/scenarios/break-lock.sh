# SPDX-License-Identifier: MIT
# shellcheck shell=bash
SCENARIO_ABOUT="python-rbd breaks the locks of two healthy VMs: break_lock for vm1, then lock_break for vm2"
SCENARIO_WATCH_TIMEOUT=30

scenario_prepare() {
    vm_create vm1
    vm_create vm2
}

break_with() { # CALL NAME
    cinder "${LAB_TRACED[@]}" /usr/bin/python3 "$LAB_HOME/break-lock.py" "$1" "$LAB_POOL" "$2" \
        >>"$LAB_DIR/log/break-lock.log" 2>&1 </dev/null
}

scenario_stage() {
    timed "boots vm1" vm_boot vm1
    boot_and_run vm2 12
    timed "breaks the lock of vm1 with break_lock" break_with break_lock vm1
    timed "waits for a write of vm1 to fail" fenced_guest_fails vm1
    timed "breaks the lock of vm2 with lock_break" break_with lock_break vm2
    timed "waits for a write of vm2 to fail" fenced_guest_fails vm2
    timed "waits for both to give up" gives_up vm1 vm2
}

scenario_happened() {
    was_fenced vm1 client.cinder
    was_fenced vm2 client.cinder
}
