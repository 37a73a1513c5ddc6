#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A VM under libvirt as it is shipped (its own user, its sandbox), a record daemon, a rotation that fences it: nobody types anything, and
# seconds later there is one folder with a verdict that is proven. Runs inside the lab, in a throwaway chroot (tests/deploy/run).
set -eu -o pipefail
# shellcheck source=../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
# shellcheck source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"
domain=instance-0000002a

host_add cinder
vm_create vm1
snapshots_fill vm1
daemon_up vm1
libvirt_up vm1 "LD_PRELOAD=$shim"
domain_start vm1 vm1 $domain
so "QEMU runs as libvirt's user" grep -q '^Uid:.64055' "/proc/$(vm_pid vm1)/status"
so "in libvirt's sandbox" grep -q '^Seccomp:.2' "/proc/$(vm_pid vm1)/status"
so "under the shim" grep -q libfenceline.so "/proc/$(vm_pid vm1)/maps"
run_for 8
fence_by_rotation vm1
so "the folder is there within 10 s of the first -108" folder_in_time 10
one_proven_folder "$domain" "$(cat "$(vm_dir vm1)/uuid")" lost-pings
so "the hook got it, once" test "$(wc -l <"$deploy/hooked")" = 1
virsh_at vm1 destroy $domain >/dev/null 2>&1 || true
daemon_down
libvirt_down vm1
finish
