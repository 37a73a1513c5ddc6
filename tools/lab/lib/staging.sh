# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Steps that scenarios share, and the checks that what was staged did happen: by Ceph's and the guest's own words.

# run_for SECONDS: time that has to pass because the point is that time passes, with nothing to wait for.
run_for() {
    sleep "$1"
}

# boot_and_run NAME SECONDS [GUEST-OPTION…]
boot_and_run() {
    local name=$1 seconds=$2
    shift 2
    timed "boots $name" vm_boot "$name" "$@"
    timed "lets $name write for $seconds s" run_for "$seconds"
}

# hold_until_expired NAME: holds its pings back until the OSD has dropped its watch.
hold_until_expired() {
    hold_osd "$1"
    wait_until $((LAB_WATCH_TIMEOUT + 30)) "the watch of $1 to expire" vm_unwatched "$1"
}

# fenced_guest_fails NAME: the guest's next write meets -108.
fenced_guest_fails() {
    touch "$(vm_dir "$1")/console.log"
    # After a hold the VM's connection sends again only when TCP tries again, later the longer the hold was.
    wait_until $((60 + 2 * LAB_WATCH_TIMEOUT)) "an I/O of $1 to fail" vm_meets_the_fence "$1"
}

# vm_meets_the_fence NAME: on Nautilus only a write that the OSD answers before librbd hears that its watch is gone fails with -108;
# all others wait for the exclusive lock for ever ("watcher not registered - delaying request") and the guest hangs.
vm_meets_the_fence() {
    vm_saw_error "$1" || vm_hangs "$1"
}

vm_met_the_fence() { # afterwards
    vm_saw_error "$1" || grep -q "^vms\.$1\.hung" "$LAB_DIR/facts"
}

vm_hangs() { # since fenced_guest_fails began to look; it says something every 5 s or so
    [ "$(ceph_release)" -lt 16 ] && [ $((EPOCHSECONDS - $(stat -c %Y "$(vm_dir "$1")/console.log"))) -ge 20 ]
}

# gives_up NAME…: the guests end by themselves after a few failed writes. One that hangs is killed, as an operator would.
gives_up() {
    local name
    for name; do
        if ! within 20 vm_gone "$name"; then
            happened "$name ended after its failed writes, or hangs in one" vm_hangs "$name"
            say "  $name hangs in a write that is never answered: its QEMU is killed"
            fact "vms.$name.hung" yes
            kill -KILL "$(vm_pid "$name")"
            wait_until 20 "QEMU of $name to end" vm_gone "$name"
        fi
    done
}

# happened "what" CONDITION…: a scenario that did not come about must not be taken for one that was not explained.
happened() {
    local what=$1
    shift
    if ! "$@"; then
        fail "the scenario did not come about: $what is not so; see the logs"
        return 1
    fi
}

not() {
    ! "$@"
}

# audit_line ADDRESS ENTITY: the monitors' own first word of a blocklist command for ADDRESS.
audit_line() {
    grep -E '"bl(ock|ack)listop": "add"' "$LAB_DIR/log/ceph.audit.log" | grep -F "\"$1\"" | grep -m 1 "entity='$2'.*: dispatch"
}

was_fenced() { # NAME ENTITY
    local name=$1 address line
    address=$(vm_address "$name")
    happened "$name ($address) on the blocklist" blocklisted "$address"
    happened "the blocklist command of $2 for $name in the audit log" audit_line "$address" "$2" >/dev/null
    line=$(audit_line "$address" "$2")
    # Before Ceph 15 the stamp is two words, and in the machine's own time zone.
    fact "vms.$name.fenced_ns" "$(date -d "${line%% mon.*}" +%s%N)"
    happened "a failed I/O in $name, or one that is never answered" vm_met_the_fence "$name"
}

was_not_fenced() { # NAME
    happened "$1 not on the blocklist" not blocklisted "$(vm_address "$1")"
    happened "no failed I/O in $1" not vm_saw_error "$1"
}

watch_had_expired() { # NAME
    happened "the OSD's HandleWatchTimeout for $1" osd_dropped_watch "$(cut -d' ' -f2 "$(vm_dir "$1")/watch")"
}
