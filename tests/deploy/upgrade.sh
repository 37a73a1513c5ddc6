#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The packages are upgraded, downgraded and purged under VMs that run: no VM is touched, each is recorded on, each fence is told by the
# programs that are then there. The other version is these packages with another number. Runs inside the lab, in a throwaway chroot.
# usage: upgrade.sh FOLDER-OF-DEBS
set -eu -o pipefail
# shellcheck source=../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
debs=$(realpath "$1")
shim=/usr/lib/x86_64-linux-gnu/fenceline/libfenceline.so
# shellcheck source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"
work=$LAB_DIR/upgrade
mkdir -p "$work"

other_version() { # DEB VERSION: the same package, as of that version
    local folder=$work/unpacked
    rm -rf "$folder"
    dpkg-deb -R "$1" "$folder"
    sed -i "s/^Version: .*/Version: $2/; s/fenceline-shim (= [^)]*)/fenceline-shim (= $2)/" "$folder/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$folder" "$work/$(basename "${1%%_*}")_$2.deb" >/dev/null
}

install_version() { # DEB…
    dpkg -i "$@" >>"$work/dpkg.log" 2>&1 || { tail -5 "$work/dpkg.log" >&2; return 1; }
}

started() { # NAME: when its QEMU started, in clock ticks since boot
    sed 's/.*) //' "/proc/$(vm_pid "$1")/stat" | cut -d' ' -f20
}

not_touched() { # "after what" NAME…
    local after=$1 name
    shift
    for name; do
        so "$name runs on after $after" vm_runs "$name"
        so "$name is the same process" test "$(started "$name")" = "$(cat "$work/$name")"
        so "$name writes on" writes_on "$name"
        so "$name met no error" not vm_saw_error "$name"
    done
}

told() { # NAME: the newest folder is its, and proven
    local folder
    wait_until 60 "the folder of $1" test -n "$(within 60 folder_of "$1" && echo there)"
    folder=$(folder_of "$1")
    so "the fence of $1 is lost-pings, proven" jq -e '.incidents | length == 1 and .[0].cause == "lost-pings" and .[0].confidence == "proven"' "$folder/incidents.json"
}

folder_of() {
    folders | grep -e "-$1\$"
}

for deb in "$debs"/fenceline_*.deb "$debs"/fenceline-shim_*.deb; do other_version "$deb" 0.9.0; done
install_version "$debs"/fenceline-shim_*.deb "$debs"/fenceline_*.deb
host_add cinder
for name in vm1 vm2 vm3; do
    vm_create $name
    snapshots_fill $name
done
daemon_up vm1
LAB_TRACED=(fenceline run --)
for name in vm1 vm2 vm3; do
    vm_boot $name
    started $name >"$work/$name"
done

install_version "$work"/*_0.9.0.deb
so "version 0.9.0 is installed" test "$(dpkg-query -W -f '${Version}' fenceline-shim)" = 0.9.0
not_touched "the upgrade" vm1 vm2 vm3
so "the old shim is in them, deleted on disk" grep -q 'libfenceline.so (deleted)' "/proc/$(vm_pid vm1)/maps"
so "doctor sees them recorded" sh -c 'fenceline doctor | grep -q "^ok *VMs: 3 of 3"'
so "the daemon that was there runs on" kill -0 "$(cat /run/record-daemon.pid)"
daemon_down # and up again, as the package does where systemd runs
daemon_up vm1
so "the daemon is that of the new version" sh -c "! ls -l /proc/$(cat /run/record-daemon.pid)/exe | grep deleted"
run_for 6
fence_by_rotation vm1
told vm1

install_version "$debs"/fenceline-shim_*.deb "$debs"/fenceline_*.deb
so "version 0.1.0 is installed again" test "$(dpkg-query -W -f '${Version}' fenceline-shim)" = 0.1.0
not_touched "the downgrade" vm2 vm3
daemon_down
daemon_up vm1
run_for 6
fence_by_rotation vm2
told vm2
so "the folder of the other version is still listed" sh -c 'test "$(fenceline incidents --saved | grep -c proven)" = 2'
daemon_down

dpkg --purge fenceline fenceline-shim >>"$work/dpkg.log" 2>&1 || true
not_touched "the purge" vm3
left=$(find / -xdev -name '*fenceline*' -not -path '/src/*' -not -path '/tmp/*' -not -path '/proc/*' -not -path '/scratch/*' -not -path '/root/.cache/*')
echo "left: $left" >&2
so "nothing of it is left" test -z "$left"
vm_end vm3
finish
