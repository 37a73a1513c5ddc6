#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# libvirtd's own storage pool of type rbd, with libvirtd itself under the shim (as the drop-in has it): volumes are made, resized, listed
# and removed as without it, libvirtd is recorded as what it is, the VM whose image lies in the pool is left alone, and its fence is
# proven afterwards. Runs inside the lab, in a throwaway chroot.
set -eu -o pipefail
# shellcheck source=../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
# shellcheck source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"
domain=instance-0000002e

pool() { # VIRSH-COMMAND ARG…
    virsh_at vm1 "$@" >>"$LAB_DIR/log/libvirt-vm1.log" 2>&1
}

host_add cinder
vm_create vm1
snapshots_fill vm1
daemon_up vm1
libvirt_up vm1 "LD_PRELOAD=$shim"
domain_start vm1 vm1 $domain
cat >"$LAB_DIR/pool.xml" <<XML
<pool type='rbd'><name>rbd</name><source><name>$LAB_POOL</name><host name='$LAB_STORAGE_IP' port='6789'/>
<auth username='nova' type='ceph'><secret uuid='$LIBVIRT_SECRET'/></auth></source></pool>
XML
so "libvirtd is under the shim" grep -q libfenceline.so "/proc/$(cat /run/libvirt-vm1/libvirtd.pid)/maps"
so "the pool is defined" pool pool-define "$LAB_DIR/pool.xml"
so "the pool starts" pool pool-start rbd
so "a volume is made" pool vol-create-as rbd extra 64M --format raw
so "it is an image" rbd info "$LAB_POOL/extra"
so "it is resized" pool vol-resize extra 128M --pool rbd
so "to what was asked" sh -c "rbd info $LAB_POOL/extra --format json | jq -e '.size == 134217728'"
so "it is cloned" pool vol-clone extra extra-clone --pool rbd
so "the pool is read anew, the VM's image with it" pool pool-refresh rbd
so "libvirt lists the three" test "$(virsh_at vm1 vol-list rbd | grep -c "$LAB_POOL/")" = 3
for volume in extra-clone extra; do so "$volume is removed" pool vol-delete $volume --pool rbd; done
so "they are gone" sh -c "! rbd info $LAB_POOL/extra 2>/dev/null"
so "libvirtd is a client that is known" within 10 sh -c "grep -q libfenceline-ust.so /proc/$(cat /run/libvirt-vm1/libvirtd.pid)/maps"
so "doctor counts it among those under the shim" sh -c 'fenceline doctor | grep -q "^ok *snapshots: .* all under the shim"'
so "the VM writes on" writes_on vm1
so "nobody was fenced" sh -c "test -z \"\$(ceph osd blocklist ls 2>/dev/null)\" && test ! -d $deploy/incidents -o -z \"\$(ls $deploy/incidents)\""
so "the pool is stopped" pool pool-destroy rbd
so "libvirtd lives" libvirt_answers vm1
run_for 6
fence_by_rotation vm1
so "the folder is there within 10 s of the first -108" folder_in_time 10
one_proven_folder "$domain" "$(cat "$(vm_dir vm1)/uuid")" lost-pings
virsh_at vm1 destroy $domain >/dev/null 2>&1 || true
daemon_down
libvirt_down vm1
finish
