#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# README's "In production", typed as it stands: its commands are taken from README and run one after the other on a host that has the
# packages (tests/deploy/installed.sh ran the first line). There is no systemd here: `systemctl` starts libvirtd with the environment
# that the drop-in gives it, and the record daemon by its unit's ExecStart, with its unit's capabilities and read-only file system.
# Then a VM is fenced, and nobody types anything. Runs inside the lab. usage: production.sh README
set -eu -o pipefail
# shellcheck source=../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
# shellcheck source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"
domain=instance-0000002a
lib=$(realpath "$(dirname "$(realpath "$0")")/../lib")
readme=$1
work=$LAB_DIR/production
mkdir -p "$work"

# readme_commands FROM TO: the indented lines of README between two patterns, without their comments.
readme_commands() {
    sed -n "/$1/,/$2/p" "$readme" | sed -n 's/^    \([a-z]\)/\1/p' | sed 's/  *#.*//'
}

unit_file() { # UNIT
    ls /etc/systemd/system/"$1" /usr/lib/systemd/system/"$1" /lib/systemd/system/"$1" 2>/dev/null | head -n 1
}

unit_says() { # UNIT KEY: the last value
    cat "$(unit_file "$1")" /etc/systemd/system/"$1".d/*.conf 2>/dev/null | sed -n "s/^$2=//p" | tail -n 1
}

# confined COMMAND…: on the VM's host, with the unit's capabilities, no new privileges, and nothing writable but what it names.
confined() {
    local caps
    caps=$(unit_says fenceline.service CapabilityBoundingSet | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
    # shellcheck disable=SC2016 # for the inner shell
    exec nsenter --net=/run/netns/vm1 -- unshare --mount --propagation private sh -eu -c '
        for folder in /run /var/lib/fenceline; do mkdir -p $folder; mount --rbind $folder $folder; done
        mount -o remount,bind,ro /
        exec setpriv --bounding-set "-all,$0" --no-new-privs "$@"' "$caps" "$@"
}

start_daemon() {
    local line FENCELINE_OPTIONS=
    # shellcheck source=/dev/null
    . /etc/default/fenceline
    line=$(unit_says fenceline.service ExecStart)
    line=${line//\$FENCELINE_OPTIONS/$FENCELINE_OPTIONS --watch-timeout $LAB_WATCH_TIMEOUT --with $LAB_DIR/log/ceph.audit.log}
    install -d -m "$(unit_says fenceline.service StateDirectoryMode)" /var/lib/fenceline
    # shellcheck disable=SC2086 # words, as systemd splits them
    (confined $line) </dev/null >"$LAB_DIR/log/daemon.log" 2>&1 &
    printf '%s\n' $! >/run/record-daemon.pid
    wait_until 40 "the record daemon" daemon_records
}

folder_is_there() { # no hook here
    [ -n "$(folders)" ]
}

systemctl() {
    case "$*" in
    daemon-reload) ;;
    "restart libvirtd") libvirt_up vm1 "$(unit_says libvirtd.service Environment | tr -d '"')" ;;
    "enable --now fenceline") start_daemon ;;
    *) echo "no such systemctl $*" >&2; return 1 ;;
    esac
}

host_add cinder
vm_create vm1
snapshots_fill vm1
mapfile -t commands < <(readme_commands '^## In production' '^## Last' | tail -n +2)
so "README has integrate, restart, enable and doctor in that order" test "$(printf '%s\n' "${commands[@]}" | grep -oE '^(fenceline integrate libvirt|systemctl daemon-reload|systemctl enable|fenceline doctor)' | tr '\n' ' ')" = "fenceline integrate libvirt systemctl daemon-reload systemctl enable fenceline doctor "
for command in "${commands[@]}"; do
    echo "types: $command" >&2
    code=0
    eval "$command" >"$work/out" 2>&1 || code=$?
    [ "$code" = 0 ] || cat "$work/out" >&2
    so "README's line ends well: $command" test "$code" = 0
done
cp "$work/out" "$work/doctor-before"
domain_start vm1 vm1 $domain
run_for 8
so "the daemon runs without CAP_SYS_ADMIN, as its unit says" test "$((0x$(sed -n 's/^CapBnd:.//p' "/proc/$(cat /run/record-daemon.pid)/status") >> 21 & 1))" = 0
fenceline doctor >"$work/doctor" 2>&1 || true
cat "$work/doctor" >&2
so "doctor finds nothing that fails" sh -c "! grep -q ^FAIL $work/doctor"
so "doctor sees the VM, in its sandbox, under the shim" grep -q "^ok *sandbox: 1 of the VMs" "$work/doctor"
so "doctor sees the ring" grep -q "^ok *ring:" "$work/doctor"
so "top shows the VM" sh -c "fenceline top --once | grep -q volumes/vm1"
so "the VM's name is offered by completion in bash" sh -c "bash $lib/complete.bash /usr/share/bash-completion/completions/fenceline fenceline incidents --vm inst | grep -qx $domain"
so "and its image" sh -c "bash $lib/complete.bash /usr/share/bash-completion/completions/fenceline fenceline preflight vol | grep -qx volumes/vm1"
so "the VM's name is offered by completion in zsh" sh -c "zsh -f $lib/complete.zsh /usr/share/zsh/vendor-completions 'fenceline incidents --vm inst' | grep -qx $domain"
so "and its image" sh -c "zsh -f $lib/complete.zsh /usr/share/zsh/vendor-completions 'fenceline preflight vol' | grep -qx volumes/vm1"
fence_by_rotation vm1
so "the folder is there within 10 s of the first -108" folder_in_time 10
one_proven_folder "$domain" "$(cat "$(vm_dir vm1)/uuid")" lost-pings
so "incidents --saved lists it" sh -c "fenceline incidents --saved | grep -q 'lost-pings.*proven\|proven.*lost-pings'"
virsh_at vm1 destroy $domain >/dev/null 2>&1 || true
daemon_down
libvirt_down vm1
# The by-hand lines: the snapshot is one of an image that nobody uses.
rbd create volumes/v --size 64M
mkdir -p /var/log/ceph && cp "$LAB_DIR/log/ceph.audit.log" /var/log/ceph/ceph.audit.log
cd "$work"
mapfile -t commands < <(readme_commands '^## By hand' '^## Before')
so "README has its lines for by hand, from record start to the page" test "${commands[0]%% --*} ${commands[*]: -1:1}" = "fenceline record start ${commands[*]: -1:1}" -a "${#commands[@]}" -ge 5
for command in "${commands[@]}"; do
    echo "types: $command" >&2
    code=0
    case $command in *--id\ cinder*) nsenter=(on_host cinder) ;; *) nsenter=() ;; esac
    printf '%s\n' "$command" >"$work/line"
    "${nsenter[@]}" bash "$work/line" >"$work/out" 2>&1 || code=$?
    [ "$code" = 0 ] || cat "$work/out" >&2
    so "README's line ends well: $command" test "$code" = 0
done
so "the snapshot was made" sh -c 'rbd snap ls volumes/v | grep -q daily'
so "its page is one" grep -q '</html>' "$work/incident.html"
finish
