# SPDX-License-Identifier: MIT
# shellcheck shell=bash
SCENARIO_ABOUT="a VM's pings do not reach the OSD, its watch expires, a snapshot rotation fences it"
SCENARIO_WATCH_TIMEOUT=20

scenario_prepare() {
    vm_create vm1
    snapshots_fill vm1
}

scenario_stage() {
    boot_and_run vm1 12
    timed "holds back what vm1 sends to the OSD, until its watch has expired" hold_until_expired vm1
    timed "rotates the snapshots: the oldest out, a new one in" rotate vm1
    timed "lets vm1 through again, over new connections" drop_osd vm1
    timed "waits for a write of vm1 to fail" fenced_guest_fails vm1
    timed "waits for vm1 to give up" gives_up vm1
}

scenario_happened() {
    watch_had_expired vm1
    was_fenced vm1 client.cinder
}
