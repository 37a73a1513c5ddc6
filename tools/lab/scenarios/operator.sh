# SPDX-License-Identifier: MIT
# shellcheck shell=bash
SCENARIO_ABOUT="somebody types 'ceph osd blocklist add' with the address of a healthy VM"
SCENARIO_WATCH_TIMEOUT=30

scenario_prepare() {
    vm_create vm1
}

# As the operator would: nothing of ours in that process, only the audit log knows.
fence_by_hand() {
    osd_blocklist add "$(vm_address "$1")" >>"$LAB_DIR/log/operator.log" 2>&1
}

scenario_stage() {
    boot_and_run vm1 12
    timed "puts vm1 on the blocklist by hand" fence_by_hand vm1
    timed "waits for a write of vm1 to fail" fenced_guest_fails vm1
    timed "waits for vm1 to give up" gives_up vm1
}

scenario_happened() {
    was_fenced vm1 client.admin
}
