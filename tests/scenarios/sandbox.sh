#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The VM comes first, in libvirt's sandbox, too: QEMU as uid 64055 with every part of -sandbox on deny (sandbox/case.sh) lives, whatever
# the state of /dev/shm and of the session daemon, and is recorded where LTTng's wait files are in place; and of the system calls
# that the shim adds the filter forbids none. SANDBOX_CASES chooses ("hot-empty-none boot-good-one"); FENCELINE_SHORT=1: nine of them.
. "$(dirname "$0")/../lib/live.sh"
here=$(dirname "$(realpath "$0")")/sandbox
SANDBOX_SHIM=$(dirname "$(dirname "$FENCELINE")")/lib/libfenceline.so
export SANDBOX_SHIM

cases=()
if [ -n "${FENCELINE_SHORT:-}" ]; then
    cases=(hot-empty-none boot-empty-one boot-good-one hot-good-stopped hot-good-killed hot-owner-one boot-full-none hot-missing-none hot-later-one)
else
    for daemon in none one stopped killed; do
        for shm in good empty full crowded missing owner mode secret size pipe half later; do
            [ "$shm-$daemon" = missing-none ] || [ $shm != missing ] || continue # the daemon cannot be without it
            [ "$shm" != later ] || [ $daemon = none ] || [ $daemon = one ] || continue
            [ "$daemon" != killed ] || [ $shm = good ] || continue # where there is no provider its end is nothing to the VM
            cases+=("hot-$shm-$daemon" "boot-$shm-$daemon")
        done
    done
fi
read -ra cases <<<"${SANDBOX_CASES:-${cases[*]}}"

# Another user than root reads all that it needs.
chmod -R a+rX "$LAB_DIR" /run/lab
chmod a+r "$LAB_DIR/keyring" "$CEPH_CONF"
mkdir -p /run/sandbox "$LAB_DIR/log"
chmod a+rwx "$LAB_DIR/log"

run_case() { # WHEN-SHM-DAEMON
    local when shm daemon
    IFS=- read -r when shm daemon <<<"$1"
    unshare -m --propagation private bash "$here/case.sh" "$when" "$shm" "$daemon" "$dir/logs" >"$dir/logs/$1.said"
}
running=0
for case in "${cases[@]}"; do
    if [ $running -ge "${SANDBOX_AT_ONCE:-5}" ]; then
        wait -n || true
        running=$((running - 1))
    fi
    run_case "$case" &
    running=$((running + 1))
done
wait
for case in "${cases[@]}"; do
    is "$case" "" "$(cat "$dir/logs/$case.said")$(tail -n 1 "$dir/logs/$case.log" | grep -i -e 'bad system call' -e 'dumped' || true)"
done

# ---- the system calls ----

# What QEMU's denylist has (qemu-seccomp.c, 5.2 to 11.1): default, obsolete, elevateprivileges, spawn, resourcecontrol. clone and clone3
# are there for what is no thread.
denied='reboot swapon swapoff syslog mount umount umount2 kexec_load afs_syscall break ftime getpmsg gtty lock mpx prof profil putpmsg security stty
tuxcall ulimit vserver readdir _sysctl bdflush create_module get_kernel_syms query_module sgetmask ssetmask sysfs uselib ustat setuid setgid
setpgid setsid setreuid setregid setresuid setresgid setfsuid setfsgid fork vfork execve setpriority sched_setparam sched_setscheduler
sched_setaffinity'

system_calls() { # NAME PRELOAD: what QEMU calls from the moment the disk is plugged in, one name a line
    local name=$1 home=/run/sandbox/$1 tracer
    mkdir -p "$home"
    chown 64055 "$home"
    rbd create "$LAB_POOL/$name" --size 8M
    setpriv --reuid 64055 --regid 64055 --clear-groups --no-new-privs env HOME="$home" ${2:+LD_PRELOAD="$2"} \
        qemu-system-x86_64 -name guest="$name" -machine none -display none -nodefaults -no-user-config -qmp "unix:$home/qmp,server=on,wait=off" \
        -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny >"$dir/logs/$name.qemu.log" 2>&1 </dev/null &
    local qemu=$!
    wait_until 30 "QEMU's socket" test -S "$home/qmp"
    strace -f -qq -p $qemu -o "$dir/logs/$name.strace" 2>/dev/null &
    tracer=$!
    wait_until 20 "strace" grep -q 'TracerPid:[[:space:]]*[1-9]' "/proc/$qemu/status"
    timeout 60 /usr/bin/python3 "$LAB_HOME/qmp.py" "$home/qmp" \
        '{"execute": "blockdev-add", "arguments": {"driver": "rbd", "node-name": "d", "pool": "'"$LAB_POOL"'", "image": "'"$name"'", "conf": "'"$CEPH_CONF"'", "user": "nova"}}' \
        '{"execute": "human-monitor-command", "arguments": {"command-line": "qemu-io d \"write -P 7 0 64k\""}}' >"$dir/logs/$name.qmp" || true
    sleep 2
    timeout 60 /usr/bin/python3 "$LAB_HOME/qmp.py" "$home/qmp" '{"execute": "quit"}' >/dev/null || true
    wait $qemu || true
    wait $tracer || true
    sed -n 's/^[0-9]* *\([a-z_0-9]*\)(.*/\1/p' "$dir/logs/$name.strace" | sort -u
}

recording_start full # makes the wait files of 64055, which runs a VM right now, or did
for number in 8 11; do
    for file in /dev/shm/lttng-ust-wait-$number /dev/shm/lttng-ust-wait-$number-64055; do
        [ -s $file ] || head -c 4096 /dev/zero >$file
    done
    chmod 644 /dev/shm/lttng-ust-wait-$number-64055
done
system_calls without "" >"$dir/without.calls"
system_calls with "$SANDBOX_SHIM" >"$dir/with.calls"
recording_stop
comm -13 "$dir/without.calls" "$dir/with.calls" >"$dir/added.calls"
tell_trace sandbox
so "the one that was watched is recorded" jq -s -e '[.[] | select(.vm.name == "with" and .kind == "io")] | length > 0' "$dir/sandbox.ndjson"
echo "system calls that the shim adds: $(paste -sd' ' "$dir/added.calls")"
is "the filter forbids none of them" "" "$(tr -s ' \n' '\n\n' <<<"$denied" | sort | comm -12 - "$dir/with.calls" | paste -sd' ')"
live_end
