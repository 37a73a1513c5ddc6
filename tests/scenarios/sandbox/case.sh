#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One QEMU of uid 64055 with every part of -sandbox on deny, an RBD disk at boot or by hot-plug, and a /dev/shm and a session daemon
# in some state: it lives, writes, and ends well; and it is recorded where that can be. Started by sandbox.sh, in a mount namespace
# of its own. usage: case.sh boot|hot SHM DAEMON FOLDER     prints nothing if all is well, else what is not
set -eu -o pipefail
# shellcheck source=../../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
when=$1 shm=$2 daemon=$3 folder=$4 name=$1-$2-$3
home=/run/sandbox/$name uid=64055 qemu='' good=''
image=$LAB_POOL/$name
exec 2>"$folder/$name.log"

complain() {
    echo "$name: $*"
    failed=1
}
failed=0

own_folders() {
    mount -t tmpfs -o mode=1777,size=256m tmpfs /dev/shm
    mkdir -p "$home" /run/lttng /run/fenceline
    mount -t tmpfs -o mode=755 tmpfs /run/lttng
    mount -t tmpfs -o mode=755 tmpfs /run/fenceline
    chown $uid "$home"
}

# A /dev as the machine's, without /dev/shm.
no_shm() {
    local node
    mkdir -p "$home.dev"
    mount -t tmpfs -o mode=755 tmpfs "$home.dev"
    for node in null zero full random urandom tty; do
        touch "$home.dev/$node"
        mount --bind /dev/$node "$home.dev/$node"
    done
    mount --rbind "$home.dev" /dev
}

wait_files() { # MODE-FOR-ALL MODE-OF-THE-USER'S OWNER SIZE
    local number
    rm -f /dev/shm/lttng-ust-wait-*
    for number in 8 11; do
        truncate -s "$4" /dev/shm/lttng-ust-wait-$number /dev/shm/lttng-ust-wait-$number-$uid
        chmod "$1" /dev/shm/lttng-ust-wait-$number
        chmod "$2" /dev/shm/lttng-ust-wait-$number-$uid
        [ "$4" = 0 ] || head -c "$4" /dev/zero | tee /dev/shm/lttng-ust-wait-$number >/dev/shm/lttng-ust-wait-$number-$uid # no hole
        chown "$3" /dev/shm/lttng-ust-wait-$number /dev/shm/lttng-ust-wait-$number-$uid
    done
}

prepare_shm() {
    case $shm in
    good | crowded) wait_files 664 644 root 4096; good=1 ;;
    owner) wait_files 664 640 $uid 4096 ;;
    mode) wait_files 666 666 root 4096 ;;
    secret) wait_files 600 600 root 4096 ;;
    size) wait_files 664 644 root 0 ;;
    pipe) wait_files 664 644 root 0; rm /dev/shm/lttng-ust-wait-*; mkfifo -m 644 /dev/shm/lttng-ust-wait-{8,11}{,-$uid} ;;
    half) wait_files 664 644 root 4096; rm /dev/shm/lttng-ust-wait-*-$uid ;;
    empty | later | full) rm -f /dev/shm/lttng-ust-wait-* ;;
    missing) no_shm ;;
    esac
    case $shm in
    full | crowded) head -c 300M /dev/zero >/dev/shm/everything || true ;;
    esac
}

sessiond_pid() { cat /run/lttng/lttng-sessiond.pid; }
record_start() { # OUTPUT
    "$FENCELINE" record start --output "$home.$1" --profile full --vm-user $uid --session "$name.$1"
}

start_daemon() {
    [ "$daemon" = none ] || record_start trace
    [ "$daemon" != stopped ] || kill -STOP "$(sessiond_pid)"
}

start_qemu() {
    local disk=()
    [ "$when" != boot ] || disk=(-blockdev "driver=rbd,node-name=d,pool=$LAB_POOL,image=$name,conf=$CEPH_CONF,user=nova")
    cd "$home"
    env HOME="$home" setpriv --reuid $uid --regid $uid --clear-groups --no-new-privs env "LD_PRELOAD=$SANDBOX_SHIM" FENCELINE_LOG=stderr \
        qemu-system-x86_64 -name guest="$name" -machine none -display none -nodefaults -no-user-config -qmp "unix:$home/qmp,server=on,wait=off" \
        -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny "${disk[@]}" >"$folder/$name.qemu.log" 2>&1 </dev/null &
    qemu=$!
    wait_until 30 "QEMU's socket" eval 'test -S "$home/qmp" || ! kill -0 '"$qemu"
}

qmp() { timeout 60 /usr/bin/python3 "$LAB_HOME/qmp.py" "$home/qmp" "$@"; }
plug_in() {
    [ "$when" = boot ] ||
        qmp '{"execute": "blockdev-add", "arguments": {"driver": "rbd", "node-name": "d", "pool": "'"$LAB_POOL"'", "image": "'"$name"'", "conf": "'"$CEPH_CONF"'", "user": "nova"}}' >&2
}
written() { grep -c 'wrote 65536/65536' "$folder/$name.qemu.log" || true; }
write_some() { # QEMU says on its stdout what its qemu-io did
    local before
    before=$(written)
    qmp '{"execute": "human-monitor-command", "arguments": {"command-line": "qemu-io d \"write -P 7 0 64k\""}}' >&2
    within 20 eval '[ "$(written)" -gt '"$before"' ]'
}
alive_and_writing() { # WHEN
    write_some || complain "does not write, $1"
    kill -0 $qemu 2>/dev/null || complain "is dead, $1"
}
has_provider() { grep -q libfenceline-ust "/proc/$qemu/maps"; }

# What happens to the daemon, or to the files, while the VM runs.
go_on() {
    if [ "$daemon" = killed ]; then
        kill -KILL "$(sessiond_pid)"
        sleep 0.5
        alive_and_writing "its session daemon killed"
        record_start again
        wait_until 30 "the VM to find the new daemon" knows_qemu
        sleep 2 # registered, and soon recorded
        alive_and_writing "with a new session daemon"
    elif [ "$daemon" = stopped ] && [ -n "$good" ]; then
        sleep 1.5
        alive_and_writing "its session daemon stopped"
        kill -CONT "$(sessiond_pid)"
        wait_until 20 "the VM to be known" knows_qemu
        sleep 2
        alive_and_writing "its session daemon awake again"
    elif [ "$daemon-$good" = one-1 ]; then
        wait_until 20 "the VM to be known" knows_qemu
        sleep 2 # its sampler looks once a second, and then the trace has its name
        alive_and_writing "while it is recorded"
    elif [ $shm = later ]; then
        wait_files 664 644 root 4096
        good=1
        wait_until 20 "the shim to look again" has_provider
        [ "$daemon" = none ] || { wait_until 20 "the VM to be known" knows_qemu && sleep 2; }
        alive_and_writing "after the files came"
    fi
}
knows_qemu() { lttng list -u 2>/dev/null | grep -q "PID: $qemu "; }

end_qemu() {
    local code=0
    qmp '{"execute": "quit"}' >/dev/null || true
    wait $qemu || code=$?
    [ $code = 0 ] || complain "QEMU ended with $code"
}

recorded() { # TRACE: how many of the VM's writes
    "$FENCELINE" timeline -f ndjson "$home.$1" | jq -s --arg vm "$name" '[.[] | select(.vm.name == $vm and .kind == "io" and .op == "write")] | length'
}

end_daemon() {
    [ "$daemon" != none ] || return 0
    [ "$daemon" != stopped ] || kill -CONT "$(sessiond_pid)"
    for trace in trace again; do
        "$FENCELINE" record stop --session "$name.$trace" || true
    done
    case $shm-$daemon in
    good-one | good-stopped | later-one) [ "$(recorded trace)" -ge 1 ] || complain "its writes are not in the trace" ;;
    good-killed) [ "$(recorded again)" -ge 1 ] || complain "its writes are not in the new daemon's trace" ;;
    esac
}

own_folders
rbd create "$image" --size 8M
start_daemon
prepare_shm
start_qemu
if plug_in; then
    alive_and_writing "at first"
    if [ -n "$good" ]; then
        has_provider || complain "has no provider, though the wait files are in place"
    elif has_provider; then
        complain "has the provider, though the wait files are not in place"
    fi
    go_on
else
    complain "the disk cannot be attached"
fi
end_qemu
end_daemon
exit $failed
