# SPDX-License-Identifier: MIT
# shellcheck shell=bash
SCENARIO_ABOUT="a VM's pings do not reach the OSD, its watch expires and comes back: nobody wanted the lock meanwhile"
SCENARIO_WATCH_TIMEOUT=20

scenario_prepare() {
    vm_create vm1
}

scenario_stage() {
    boot_and_run vm1 12
    timed "holds back what vm1 sends to the OSD, until its watch has expired" hold_until_expired vm1
    release_osd vm1
    timed "waits for vm1 to watch again" wait_until 120 "vm1 to watch again" vm_watches vm1
    timed "lets vm1 write for 12 s" run_for 12
    happened "vm1 still runs" vm_runs vm1
    timed "ends vm1" vm_end vm1
}

scenario_happened() {
    watch_had_expired vm1
    was_not_fenced vm1
}
