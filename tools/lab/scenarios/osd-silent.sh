# SPDX-License-Identifier: MIT
# shellcheck shell=bash
SCENARIO_ABOUT="an OSD answers none of its clients any more, two VMs on two hosts among them; a snapshot rotation fences one of the two"
SCENARIO_WATCH_TIMEOUT=20
LAB_OSDS=2
LAB_CEPH_EXTRA=$LAB_CAN_GO_SILENT

# vm3 is a neighbour of vm1 on the same host, and the other OSD serves its header.
scenario_prepare() {
    vm_create vm1
    vm_create vm2
    vm_create vm3 vm1
    vm_put_header vm1 0
    vm_put_header vm2 0
    vm_put_header vm3 1
    snapshots_fill vm1
}

falls_silent() {
    silence_osd 0 >>"$LAB_DIR/log/silence.log" 2>&1
    wait_until $((LAB_WATCH_TIMEOUT + 30)) "the watch of vm1 to expire" vm_unwatched vm1
    wait_until 30 "the watch of vm2 to expire" vm_unwatched vm2
}

scenario_stage() {
    timed "boots vm2" vm_boot vm2
    timed "boots vm3 beside vm1" vm_boot vm3
    boot_and_run vm1 12 lab.writers=4
    timed "lets osd.0 hear no client, until two watches have expired" falls_silent
    timed "rotates the snapshots of vm1: the oldest out, a new one in" rotate vm1
    timed "lets osd.0 begin anew: its clients connect again and are heard" wakes_up
    timed "waits for a write of vm1 to fail" fenced_guest_fails vm1
    timed "waits for vm1 to give up" gives_up vm1
    timed "waits for vm2 to watch again" wait_until 120 "vm2 to watch again" vm_watches vm2
    happened "vm2 and vm3 still run" both_run vm2 vm3
    timed "ends vm2 and vm3" both_end vm2 vm3
}

# Called down it ends its connections and boots again, as after a restart; its objects and its log stay.
wakes_up() {
    local before
    before=$(up_since)
    ceph osd down 0 >>"$LAB_DIR/log/silence.log" 2>&1
    wait_until 60 "osd.0 to boot again" has_booted "$before"
    wait_until 60 "osd.0 to be up again" cluster_is_up
}

up_since() { # the map's epoch
    ceph osd dump -f json | jq '.osds[] | select(.osd == 0).up_from'
}

has_booted() {
    [ "$(up_since)" != "$1" ]
}

both_run() {
    vm_runs "$1" && vm_runs "$2"
}

both_end() {
    vm_end "$1"
    vm_end "$2"
}

scenario_happened() {
    watch_had_expired vm1
    watch_had_expired vm2
    was_fenced vm1 client.cinder
    was_not_fenced vm2
    was_not_fenced vm3
    happened "the watch of vm3 never expired" not file_has "$LAB_DIR/log/osd.1.log" HandleWatchTimeout
}
