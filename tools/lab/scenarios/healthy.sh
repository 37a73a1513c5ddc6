# SPDX-License-Identifier: MIT
# shellcheck shell=bash
SCENARIO_ABOUT="the snapshot rotation on a live, busy VM: nothing is wrong"
SCENARIO_WATCH_TIMEOUT=30

scenario_prepare() {
    vm_create vm1
    snapshots_fill vm1
}

scenario_stage() {
    boot_and_run vm1 12 lab.writers=4 lab.pause=0.02 lab.reads=1
    timed "rotates the snapshots: the oldest out, a new one in" rotate vm1
    timed "lets vm1 write for 12 s" run_for 12
    timed "rotates the snapshots once more" rotate vm1
    timed "lets vm1 write for 6 s" run_for 6
    happened "vm1 still runs" vm_runs vm1
    timed "ends vm1" vm_end vm1
}

scenario_happened() {
    was_not_fenced vm1
    happened "the watch of vm1 never expired" not file_has "$LAB_DIR/log/osd.0.log" HandleWatchTimeout
}
