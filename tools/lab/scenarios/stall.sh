# SPDX-License-Identifier: MIT
# shellcheck shell=bash
SCENARIO_ABOUT="a VM stands still for longer than the watch timeout, a snapshot rotation fences it, it wakes up"
SCENARIO_WATCH_TIMEOUT=20

scenario_prepare() {
    vm_create vm1
    snapshots_fill vm1
}

stop_until_expired() {
    vm_freeze vm1
    wait_until $((LAB_WATCH_TIMEOUT + 30)) "the watch of vm1 to expire" vm_unwatched vm1
}

scenario_stage() {
    boot_and_run vm1 12
    timed "stops QEMU until its watch has expired" stop_until_expired
    timed "rotates the snapshots: the oldest out, a new one in" rotate vm1
    vm_thaw vm1
    timed "lets QEMU go on and waits for a write of vm1 to fail" fenced_guest_fails vm1
    timed "waits for vm1 to give up" gives_up vm1
}

scenario_happened() {
    watch_had_expired vm1
    was_fenced vm1 client.cinder
}
