#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A VM that was started without the shim gets it by live migration to a host that has it: two libvirtds, with a host name and a host
# UUID each. The guest writes on, the migration is no incident, and a fence on the new host is proven. Runs inside the lab, in a
# throwaway chroot.
set -eu -o pipefail
# shellcheck source=../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
# shellcheck source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"
domain=instance-0000002d

# Both hosts reach each other by way of the storage node.
hosts_meet() { # HOST HOST
    sysctl -q -w net.ipv4.ip_forward=1
    on_host "$1" ip route add "$(host_address "$2")" via "$(host_address "$1" | sed 's/\.2$/.1/')"
    on_host "$2" ip route add "$(host_address "$1")" via "$(host_address "$2" | sed 's/\.2$/.1/')"
}

host_add cinder
vm_create vm1
host_add new
hosts_meet vm1 new
snapshots_fill vm1
daemon_up new
libvirt_up vm1 NONE=
libvirt_up new "LD_PRELOAD=$shim"
domain_start vm1 vm1 $domain
so "the VM runs without the shim" sh -c "! grep -q libfenceline.so /proc/$(vm_pid vm1)/maps"
so "doctor names it, by pid and name" sh -c "fenceline doctor | grep -q '^warn  *VM $domain (pid $(vm_pid vm1)) .*without the shim'"
run_for 5
virsh_at vm1 migrate --live --persistent "$domain" "qemu+unix:///system?socket=/run/libvirt-new/libvirt-sock" --migrateuri "tcp://$(host_address new)" >"$LAB_DIR/log/libvirt-migrate.log" 2>&1 ||
    { cat "$LAB_DIR/log/libvirt-migrate.log" >&2; fail "the migration failed"; }
domain_pid new vm1 $domain
so "it runs on the new host" test "$(virsh_at new domstate $domain)" = running
so "under the shim" grep -q libfenceline.so "/proc/$(vm_pid vm1)/maps"
so "the guest writes on" writes_on vm1
so "and met no error" sh -c "! grep -q 'failed\|I/O error' $(vm_dir vm1)/console.log"
wait_until 40 "the watch of the new QEMU" vm_watches vm1
vm_watch vm1 >"$(vm_dir vm1)/watch"
so "doctor sees it recorded" within 20 sh -c 'fenceline doctor | grep -q "^ok *VMs: 1 of 1"'
run_for 12
so "the migration left no folder" test -z "$(folders)"
fence_by_rotation vm1 new
so "the folder is there within 10 s of the first -108" folder_in_time 10
one_proven_folder "$domain" "$(cat "$(vm_dir vm1)/uuid")" lost-pings
so "on the new host" jq -e '.incidents[0].vm.host == "new"' "$(folders | head -n 1)/incidents.json"
virsh_at new destroy $domain >/dev/null 2>&1 || true
daemon_down
libvirt_down vm1
libvirt_down new
finish
