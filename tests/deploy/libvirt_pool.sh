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

pool() { # HOST VIRSH-COMMAND ARG…
    local host=$1
    shift
    virsh_at "$host" "$@" >>"$LAB_DIR/log/libvirt-$host.log" 2>&1
}

# operations HOST: what each of them ended with and said, a line each; afterwards nothing of it is left.
operations() {
    local host=$1 said code
    while read -r line; do
        code=0
        # shellcheck disable=SC2086 # words
        said=$(virsh_at "$host" $line 2>&1) || code=$?
        printf '%s: %s %s\n' "$line" "$code" "$(tr '\n' ' ' <<<"$said" | sed 's/  */ /g')"
        case $line in
        vol-create-as* | vol-resize*) rbd info "$LAB_POOL/extra" --format json | jq -c '[.name, .size]' ;;
        vol-clone*) rbd ls "$LAB_POOL" | sort | tr '\n' ' '; echo ;;
        esac
    done <<OPERATIONS
vol-create-as rbd extra 64M --format raw
vol-resize extra 128M --pool rbd
vol-info extra --pool rbd
vol-wipe extra --pool rbd
vol-clone extra extra-clone --pool rbd
pool-refresh rbd
vol-list rbd
vol-delete extra-clone --pool rbd
vol-delete extra --pool rbd
vol-create-as rbd single 64M --format raw
vol-delete single --pool rbd
pool-info rbd
OPERATIONS
    for volume in extra-clone extra single; do
        rbd snap unprotect "$LAB_POOL/$volume@libvirt-tmp" >/dev/null 2>&1 || true
        for snap in $(rbd snap ls "$LAB_POOL/$volume" --format json 2>/dev/null | jq -r '.[].name'); do
            rbd snap unprotect "$LAB_POOL/$volume@$snap" >/dev/null 2>&1 || true
            rbd snap rm "$LAB_POOL/$volume@$snap" >/dev/null 2>&1 || true
        done
        rbd rm "$LAB_POOL/$volume" >/dev/null 2>&1 || true
    done
}

host_add cinder
host_add plain
vm_create vm1
snapshots_fill vm1
daemon_up vm1
libvirt_up plain NONE=
libvirt_up vm1 "LD_PRELOAD=$shim"
domain_start vm1 vm1 $domain
cat >"$LAB_DIR/pool.xml" <<XML
<pool type='rbd'><name>rbd</name><source><name>$LAB_POOL</name><host name='$LAB_STORAGE_IP' port='6789'/>
<auth username='nova' type='ceph'><secret uuid='$LIBVIRT_SECRET'/></auth></source></pool>
XML
so "libvirtd is under the shim" grep -q libfenceline.so "/proc/$(cat /run/libvirt-vm1/libvirtd.pid)/maps"
for host in plain vm1; do
    so "the pool is defined on $host" pool $host pool-define "$LAB_DIR/pool.xml"
    so "the pool starts on $host" pool $host pool-start rbd
    operations $host >"$LAB_DIR/operations-$host"
done
cat "$LAB_DIR/operations-vm1" >&2
so "most of them end well, a volume is made, resized, cloned and removed" test "$(grep -c ': 0 ' "$LAB_DIR/operations-vm1")" -ge 10
sed -i 's/UUID: [^ ]*//; s/Allocation:.*//' "$LAB_DIR"/operations-* # the pool's own, and what the VM has written meanwhile
diff "$LAB_DIR/operations-plain" "$LAB_DIR/operations-vm1" >&2 || true
so "each ends as it does under a libvirtd without the shim" diff "$LAB_DIR/operations-plain" "$LAB_DIR/operations-vm1"
so "libvirtd's trace provider is open" within 10 grep -q libfenceline-ust.so "/proc/$(cat /run/libvirt-vm1/libvirtd.pid)/maps"
so "doctor names the libvirtd without the shim, not the other" test "$(fenceline doctor | grep -c "libvirtd (pid $(cat /run/libvirt-plain/libvirtd.pid)) uses librbd without")$(fenceline doctor | grep -c "libvirtd (pid $(cat /run/libvirt-vm1/libvirtd.pid)) uses librbd without")" = 10
so "the VM writes on" writes_on vm1
so "nobody was fenced" sh -c "test -z \"\$(ceph osd blocklist ls 2>/dev/null)\" && test ! -d $deploy/incidents -o -z \"\$(ls $deploy/incidents)\""
so "the pool is stopped" pool vm1 pool-destroy rbd
so "libvirtd lives" libvirt_answers vm1
run_for 6
fence_by_rotation vm1
so "the folder is there within 10 s of the first -108" folder_in_time 10
one_proven_folder "$domain" "$(cat "$(vm_dir vm1)/uuid")" lost-pings
virsh_at vm1 destroy $domain >/dev/null 2>&1 || true
daemon_down
libvirt_down vm1
libvirt_down plain
finish
