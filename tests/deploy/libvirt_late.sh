#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A VM under libvirt that was started before the record daemon, before any session daemon and before LTTng's wait files: once the daemon
# runs it is recorded within seconds, in its sandbox, and its fence is proven. Runs inside the lab, in a throwaway chroot.
set -eu -o pipefail
# shellcheck source=../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
# shellcheck source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"
domain=instance-0000002c

host_add cinder
vm_create vm1
snapshots_fill vm1
libvirt_up vm1 "LD_PRELOAD=$shim"
domain_start vm1 vm1 $domain
so "the VM lives in the sandbox without LTTng's wait files" sh -c "! ls /dev/shm/lttng-ust-wait-* 2>/dev/null && grep -q '^Seccomp:.2' /proc/$(vm_pid vm1)/status"
so "and its trace provider is not open" sh -c "! grep -q libfenceline-ust.so /proc/$(vm_pid vm1)/maps"
so "doctor says that it is not recorded, and why" sh -c "fenceline doctor | grep -q '^FAIL .*VM $domain .*sandboxed'"
run_for 5
daemon_up vm1
begin=$EPOCHSECONDS
so "the trace provider is opened" within 20 grep -q libfenceline-ust.so "/proc/$(vm_pid vm1)/maps"
echo "it was recorded $((EPOCHSECONDS - begin)) s after the daemon began" >&2
so "doctor says that it is recorded" within 10 sh -c 'fenceline doctor | grep -q "^ok *sandbox: 1 of the VMs"'
run_for 12
so "the VM was not touched" vm_runs vm1
fence_by_rotation vm1
so "the folder is there within 10 s of the first -108" folder_in_time 10
one_proven_folder "$domain" "$(cat "$(vm_dir vm1)/uuid")" lost-pings
virsh_at vm1 destroy $domain >/dev/null 2>&1 || true
daemon_down
libvirt_down vm1
finish
