# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Everything the lab starts lives in namespaces of its own and ends with them: a mount namespace with a /run and a /dev/shm
# of its own (so session daemons of two runs never meet), a network namespace, and a PID namespace, whose first process takes
# every other one with it when it ends. Nothing has to be hunted down afterwards, and nothing can be left behind.

# let_signals_in "$0" "$@": a shell that was started in the background by a script ignores INT and cannot change that;
# start again with the default, so that INT ends us as TERM does.
let_signals_in() {
    local ignored
    ignored=$(awk '/^SigIgn:/ { print $2 }' /proc/$$/status)
    if [ -z "${FENCELINE_SIGNALS_IN:-}" ] && [ $((0x${ignored: -1} & 2)) != 0 ]; then
        FENCELINE_SIGNALS_IN=1 exec env --default-signal=INT --default-signal=QUIT bash "$@"
    fi
    unset FENCELINE_SIGNALS_IN
}

# mount_propagation: the word for unshare. Mounts in there must not show outside. In a chroot / is no mount point, so it cannot
# be made private; that will do if it is private already.
mount_propagation() {
    local probe
    if unshare --mount true 2>/dev/null; then
        echo private
        return
    fi
    probe=$(mktemp -d)
    # shellcheck disable=SC2016
    if unshare --mount --propagation unchanged -- sh -c 'mount -t tmpfs tmpfs "$1" && ! grep -qF " $1 " "/proc/$2/mounts"' sh "$probe" $$ 2>/dev/null; then
        echo unchanged
    else
        umount "$probe" 2>/dev/null || true
    fi
    rmdir "$probe"
}

can_make_namespaces() {
    local propagation
    propagation=$(mount_propagation)
    [ -n "$propagation" ] && unshare --mount --propagation "$propagation" --net --pid --fork --mount-proc true 2>/dev/null
}

# in_namespaces COMMAND…: runs COMMAND as process 1 of new namespaces and returns its exit code. INT, TERM and HUP end
# all of it and then this shell; so does the end of this shell, however it comes.
in_namespaces() {
    local options=(--net --ipc)
    with_unshare "$@"
}

# The same, but with the machine's network: for downloads.
in_pid_namespace() {
    local options=()
    with_unshare "$@"
}

with_unshare() { # COMMAND…; options: more for unshare
    local code=0 propagation
    propagation=$(mount_propagation)
    # unshare complains when its child is ended by KILL, which is what end_namespaces does; COMMAND keeps its standard error.
    setpriv --pdeathsig KILL -- \
        unshare --mount --propagation "$propagation" --pid --fork --kill-child --mount-proc "${options[@]}" -- \
        sh -c 'exec "$@" 2>&9 9>&-' sh "$@" <&0 9>&2 2> >(exec grep -v sigprocmask >&2) &
    namespaces_pid=$!
    trap 'end_namespaces; exit 129' HUP
    trap 'end_namespaces; exit 130' INT
    trap 'end_namespaces; exit 143' TERM
    wait "$namespaces_pid" || code=$?
    trap - HUP INT TERM
    return "$code"
}

# gently COMMAND…: runs COMMAND, passes INT and TERM on to it as TERM, waits until it has ended, and then ends this shell.
gently() {
    local code=0 pid interrupted=''
    "$@" <&0 &
    pid=$!
    trap 'interrupted=130; kill -TERM $pid 2>/dev/null' INT
    trap 'interrupted=143; kill -TERM $pid 2>/dev/null' TERM
    wait "$pid" || code=$?
    while [ -n "$interrupted" ] && kill -0 "$pid" 2>/dev/null; do
        wait "$pid" || true
    done
    trap - INT TERM
    [ -z "$interrupted" ] || exit "$interrupted"
    return "$code"
}

# Ends process 1, waits until the kernel has ended everything else in there.
end_namespaces() {
    local first
    trap '' HUP INT TERM
    first=$(cat "/proc/$namespaces_pid/task/$namespaces_pid/children" 2>/dev/null) || first=
    # shellcheck disable=SC2086 # none or one
    kill -KILL ${first:-$namespaces_pid} 2>/dev/null || true
    wait "$namespaces_pid" 2>/dev/null || true
}

# To be called first thing in there. LAB_DIR, the lab's whole state, is a folder of the private /run.
settle_in() {
    mount -t tmpfs -o mode=755 tmpfs /run
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    mkdir -p /run/lock /run/lab/tmp /run/lab/home /run/lab/log
    export LAB_DIR=/run/lab CEPH_CONF=/run/lab/ceph.conf TMPDIR=/run/lab/tmp HOME=/run/lab/home LTTNG_HOME=/run/lab/home XDG_RUNTIME_DIR=
    unset XDG_RUNTIME_DIR CEPH_ARGS CEPH_KEYRING
    ip link set lo up
    ip address add "$LAB_STORAGE_IP/32" dev lo
}
