# SPDX-License-Identifier: MIT
# shellcheck shell=bash
SCENARIO_ABOUT="two VMs; the pings of one are lost and it is fenced, the other one never notices"
SCENARIO_WATCH_TIMEOUT=20

scenario_prepare() {
    vm_create vm1
    vm_create vm2
    snapshots_fill vm1
}

scenario_stage() {
    timed "boots vm2" vm_boot vm2
    boot_and_run vm1 12
    timed "holds back what vm1 sends to the OSD, until its watch has expired" hold_until_expired vm1
    timed "rotates the snapshots: the oldest out, a new one in" rotate vm1
    timed "lets vm1 through again, over new connections" drop_osd vm1
    timed "waits for a write of vm1 to fail" fenced_guest_fails vm1
    timed "waits for vm1 to give up" gives_up vm1
    timed "lets vm2 write for 6 s" run_for 6
    happened "vm2 still runs" vm_runs vm2
    timed "ends vm2" vm_end vm2
}

scenario_happened() {
    watch_had_expired vm1
    was_fenced vm1 client.cinder
    was_not_fenced vm2
    happened "the watch of vm2 never expired" not osd_dropped_watch "$(cut -d' ' -f2 "$(vm_dir vm2)/watch")"
}
