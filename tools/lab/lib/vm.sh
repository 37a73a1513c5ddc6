# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Virtual machines: a real QEMU each, on a host of its own, its disk an RBD image. State in $LAB_DIR/vm/NAME/:
# uuid, host, pid, console.log (the guest's serial console), qemu.log (QEMU's own words), qmp (socket), address.

vm_dir() {
    printf '%s\n' "$LAB_DIR/vm/$1"
}

vm_pid() {
    cat "$LAB_DIR/vm/$1/pid"
}

# vm_create NAME [HOST]: the host (by default one of its own, of its name), the disk, the UUID; nothing runs yet.
vm_create() {
    local name=$1 host=${2:-$1} dir
    dir=$(vm_dir "$name")
    mkdir -p "$dir"
    host_add "$host"
    printf '%s\n' "$host" >"$dir/host"
    cat /proc/sys/kernel/random/uuid >"$dir/uuid"
    rbd create "$LAB_POOL/$name" --size 1G
    rbd info "$LAB_POOL/$name" --format json | jq -r .id >"$dir/image_id"
    fact "vms.$name.uuid" "$(cat "$dir/uuid")"
    fact "vms.$name.image" "$LAB_POOL/$name"
    fact "vms.$name.image_id" "$(cat "$dir/image_id")"
}

# vm_put_header NAME OSD: makes the disk anew until that OSD serves its header.
vm_put_header() {
    local name=$1 osd=$2 dir n
    dir=$(vm_dir "$name")
    for ((n = 0; n < 60; n++)); do
        [ "$(osd_of_header "$(cat "$dir/image_id")")" != "$osd" ] || return 0
        rbd rm --no-progress "$LAB_POOL/$name"
        rbd create "$LAB_POOL/$name" --size 1G
        rbd info "$LAB_POOL/$name" --format json | jq -r .id >"$dir/image_id"
        fact "vms.$name.image_id" "$(cat "$dir/image_id")"
    done
    fail "made 60 disks for $name, and osd.$osd serves the header of none"
}

# vm_start NAME [GUEST-OPTION…]: starts QEMU (under the shim, when tracing) and returns at once.
# GUEST-OPTION: lab.writers=4 and the like, see guest/init. LAB_VM_DRIVE and LAB_VM_DISK add options to -drive and to the RBD name.
vm_start() {
    local name=$1 dir
    shift
    dir=$(vm_dir "$name")
    # no_timer_check: on a busy host an emulated timer may be late, and the kernel then takes it for broken and panics.
    # A simple command, no function, so that $! is QEMU's own pid: nsenter and `fenceline run` exec what they are given.
    nsenter --net="/run/netns/$(cat "$dir/host")" -- "${LAB_TRACED[@]}" qemu-system-x86_64 \
        -name "guest=$name" -uuid "$(cat "$dir/uuid")" \
        -accel tcg -m 192 -display none -no-reboot -nodefaults -no-user-config \
        -kernel "$LAB_GUEST/vmlinuz" -initrd "$LAB_GUEST/initrd.gz" \
        -append "console=ttyS0 quiet panic=-1 no_timer_check $*" \
        -serial "file:$dir/console.log" -qmp "unix:$dir/qmp,server=on,wait=off" \
        -drive "file=rbd:$LAB_POOL/$name:id=nova:conf=$CEPH_CONF${LAB_VM_DISK:-},format=raw,if=virtio,cache=none${LAB_VM_DRIVE:-}" \
        </dev/null >"$dir/qemu.log" 2>&1 &
    printf '%s\n' "$!" >"$dir/pid"
    fact "vms.$name.pid" "$!"
}

vm_runs() {
    local state
    state=$(awk '/^State:/ { print $2 }' "/proc/$(vm_pid "$1")/status" 2>/dev/null) && [ "$state" != Z ]
}

vm_gone() {
    ! vm_runs "$1"
}

vm_ready_or_gone() {
    file_has "$(vm_dir "$1")/console.log" '^guest: writer 0: write 0 done' || vm_gone "$1"
}

# vm_boot NAME [GUEST-OPTION…]: starts it and waits for its first write; notes the client address that Ceph knows it by.
vm_boot() {
    local name=$1
    vm_start "$@"
    wait_until 120 "$name to boot" vm_ready_or_gone "$name"
    if vm_gone "$name"; then
        tail -3 "$(vm_dir "$name")/qemu.log" >&2
        fail "$name ended while booting; see logs/qemu-$name.log"
        return 1
    fi
    wait_until 30 "$name to watch its image" vm_watches "$name"
    vm_watch "$name" >"$(vm_dir "$name")/watch"
    fact "vms.$name.address" "$(cut -d' ' -f1 "$(vm_dir "$name")/watch")"
    fact "vms.$name.cookie" "$(cut -d' ' -f2 "$(vm_dir "$name")/watch")"
}

# vm_watch NAME: "ADDRESS COOKIE" of each watcher on the image's header, asked of Ceph.
vm_watch() {
    rbd status "$LAB_POOL/$1" --format json | jq -r '.watchers[] | "\(.address) \(.cookie)"'
}

vm_watches() {
    [ -n "$(vm_watch "$1")" ]
}

vm_unwatched() {
    [ -z "$(vm_watch "$1")" ]
}

vm_address() {
    cut -d' ' -f1 "$(vm_dir "$1")/watch"
}

vm_saw_error() {
    file_has "$(vm_dir "$1")/console.log" '^guest: writer .* failed' || file_has "$(vm_dir "$1")/console.log" 'I/O error, dev vda'
}

vm_freeze() {
    kill -STOP "$(vm_pid "$1")"
}

vm_thaw() {
    kill -CONT "$(vm_pid "$1")"
}

# vm_qmp NAME COMMAND…: sends QMP commands, such as '{"execute": "query-blockstats"}'; prints one answer a line.
vm_qmp() {
    local name=$1
    shift
    /usr/bin/python3 "$LAB_HOME/qmp.py" "$(vm_dir "$name")/qmp" "$@"
}

# vm_end NAME: QEMU closes its image and ends, as at a shutdown of the host's.
vm_end() {
    vm_runs "$1" || return 0
    vm_qmp "$1" '{"execute": "quit"}' >/dev/null
    wait_until 60 "QEMU of $1 to end" vm_gone "$1"
}
