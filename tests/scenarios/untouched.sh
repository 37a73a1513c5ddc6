#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The VM comes first: with the shim and no recording (no session daemon, an idle one, one that is stopped and answers nothing)
# a VM reads the same bytes and ends with the same exit code as without the shim, and so do qemu-img and rbd.
. "$(dirname "$0")/../lib/live.sh"
traced=("$FENCELINE" run --)

# boot_and_sum HOW [PREFIX…]: boots vm1, which reads its disk and powers off; keeps sums, exit code and seconds as HOW.*
boot_and_sum() {
    local how=$1 code=0 begin=$EPOCHREALTIME console
    shift
    console=$(vm_dir vm1)/console.log
    rm -f "$console"
    LAB_TRACED=("$@")
    vm_start vm1 lab.sum=32
    wait_until 240 "vm1 to read its disk ($how)" vm_gone vm1
    wait "$(vm_pid vm1)" || code=$?
    echo "$code" >"$dir/logs/$how.code"
    grep 'guest: sum' "$console" | tr -d '\r' >"$dir/logs/$how.sums" || true
    cp "$console" "$dir/logs/$how.console.log"
    cp "$(vm_dir vm1)/qemu.log" "$dir/logs/$how.qemu.log"
    awk -v b="$begin" -v e="$EPOCHREALTIME" -v how="$how" 'BEGIN { printf "%s: %.1f s\n", how, e - b }'
}

compare() { # HOW
    is "VM, $1: the same sums" "$(cat "$dir/logs/without.sums")" "$(cat "$dir/logs/$1.sums")"
    is "VM, $1: the same exit code" "$(cat "$dir/logs/without.code")" "$(cat "$dir/logs/$1.code")"
    is "VM, $1: QEMU says the same" "$(cat "$dir/logs/without.qemu.log")" "$(cat "$dir/logs/$1.qemu.log")"
}

vm_create vm1
head -c 32M /dev/urandom >"$LAB_DIR/random"
disk=rbd:$LAB_POOL/vm1:conf=$CEPH_CONF
qemu-img convert -n -f raw -O raw "$LAB_DIR/random" "$disk"

boot_and_sum without
is "three sums" 3 "$(wc -l <"$dir/logs/without.sums")"
is "the sum is that of what was written" "$(md5sum <"$LAB_DIR/random" | cut -d' ' -f1)" "$(head -1 "$dir/logs/without.sums" | awk '{ print $NF }')"

boot_and_sum no-session-daemon "${traced[@]}"
compare no-session-daemon

# A daemon of our own /run: the lab's mount namespace is private.
lttng-sessiond --daemonize --no-kernel --quiet 2>/dev/null
daemon=$(cat /run/lttng/lttng-sessiond.pid)
boot_and_sum idle-session-daemon "${traced[@]}"
compare idle-session-daemon
kill -STOP "$daemon"
boot_and_sum stopped-session-daemon "${traced[@]}"
compare stopped-session-daemon
kill -CONT "$daemon"
kill "$daemon"

# Programs that end at once, well or not: the same bytes, words and exit code.
outcome() { # COMMAND…: what it printed and how it ended
    local code=0
    "$@" >"$LAB_DIR/outcome" 2>&1 || code=$?
    md5sum <"$LAB_DIR/outcome"
    head -c 300 "$LAB_DIR/outcome" | tr -d '\0'
    echo "exit $code"
}
both() { # WHAT COMMAND…
    local what=$1
    shift
    is "$what" "$(outcome "$@")" "$(outcome "${traced[@]}" "$@")"
}
both "rbd export: the same bytes" rbd export --no-progress "$LAB_POOL/vm1" -
both "rbd info of no image: the same error" rbd info "$LAB_POOL/nothing"
both "qemu-img info" qemu-img info "$disk"
both "qemu-img compare" qemu-img compare -f raw -F raw "$disk" "$disk"
both "qemu-img of no image: the same error" qemu-img info "rbd:$LAB_POOL/nothing:conf=$CEPH_CONF"
both "qemu-io beyond the end: the same error" qemu-io -f raw -c 'read 2G 4k' "$disk"
both "qemu-io writes and reads a pattern" qemu-io -f raw -c 'write -q -P 0x5a 48M 1M' -c 'read -q -P 0x5a 48M 1M' -c 'read -q -P 0 49M 1M' -c flush "$disk"
both "python-rbd raises what it raised" /usr/bin/python3 -c "
import rados, rbd
with rados.Rados(conffile='$CEPH_CONF') as cluster, cluster.open_ioctx('$LAB_POOL') as ioctx:
    with rbd.Image(ioctx, 'vm1', read_only=True) as image:
        print(image.size(), image.read(0, 4096)[:8].hex())
        try:
            image.write(b'x', 0)
        except rbd.ReadOnlyImage as error:
            print(error)
    rbd.Image(ioctx, 'nothing')"

live_end
