# SPDX-License-Identifier: MIT
# shellcheck shell=bash
SCENARIO_ABOUT="an OSD hears a VM's ping and answers it, but no answer arrives; the watch expires, a snapshot rotation fences the VM"
SCENARIO_WATCH_TIMEOUT=20

scenario_prepare() {
    vm_create vm1
    snapshots_fill vm1
}

# The guest rests, so that a ping is the first thing that nobody acknowledges: the kernel sends nothing new after that.
cut_way_back() {
    vm_qmp vm1 '{"execute": "stop"}' >/dev/null
    run_for 2
    hold_way_back vm1
    wait_until $((LAB_WATCH_TIMEOUT + 40)) "the watch of vm1 to expire" vm_unwatched vm1
    vm_qmp vm1 '{"execute": "cont"}' >/dev/null
}

# What is on its way stays lost: the connections end first.
mend_way_back() {
    drop_osd vm1
    release_way_back
}

scenario_stage() {
    boot_and_run vm1 12
    timed "holds back what the OSD sends to vm1, until its watch has expired" cut_way_back
    timed "rotates the snapshots: the oldest out, a new one in" rotate vm1
    timed "lets the OSD through again, over new connections" mend_way_back
    timed "waits for a write of vm1 to fail" fenced_guest_fails vm1
    timed "waits for vm1 to give up" gives_up vm1
}

scenario_happened() {
    watch_had_expired vm1
    was_fenced vm1 client.cinder
}
