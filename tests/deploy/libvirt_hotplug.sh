#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A VM under libvirt that boots without any RBD disk gets its first one by hot-plug, in the sandbox where LTTng may not fork: it lives,
# it is recorded from then on, and its fence is proven. Runs inside the lab, in a throwaway chroot (tests/deploy/run).
set -eu -o pipefail
# shellcheck source=../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
# shellcheck source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"
domain=instance-0000002b

host_add cinder
vm_create vm1
snapshots_fill vm1
daemon_up vm1
libvirt_up vm1 "LD_PRELOAD=$shim"
DOMAIN_DISK='' domain_launch vm1 vm1 $domain
run_for 3
so "QEMU runs in libvirt's sandbox, as its user, under the shim" sh -c "grep -q '^Seccomp:.2' /proc/$(vm_pid vm1)/status && grep -q '^Uid:.64055' /proc/$(vm_pid vm1)/status && grep -q libfenceline.so /proc/$(vm_pid vm1)/maps"
so "librbd is not in it yet" sh -c "! grep -q librbd.so /proc/$(vm_pid vm1)/maps"
disk_xml vm1 vda >"$LAB_DIR/disk.xml"
so "the disk is attached" virsh_at vm1 attach-device $domain "$LAB_DIR/disk.xml" --live
domain_writes vm1 $domain
so "it is the same process, and lives" vm_runs vm1
so "its trace provider is open" within 20 grep -q libfenceline-ust.so "/proc/$(vm_pid vm1)/maps"
so "doctor sees it recorded" sh -c 'fenceline doctor | grep -q "^ok *sandbox: 1 of the VMs"'
run_for 8
fence_by_rotation vm1
so "the folder is there within 10 s of the first -108" folder_in_time 10
one_proven_folder "$domain" "$(cat "$(vm_dir vm1)/uuid")" lost-pings
virsh_at vm1 destroy $domain >/dev/null 2>&1 || true
daemon_down
libvirt_down vm1
finish
