# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# libvirt as it is shipped: real libvirtd and virtlogd without systemd, a domain with an rbd network disk and a cephx secret, its
# default user and sandbox. It writes /etc/libvirt and /var/lib of the root it runs in, so only in a suite of its own (tests/deploy).
#
# A domain is one of the lab's VMs: vm_create comes first, and vm_watch, hold_osd, rotate and the rest work on it by the VM's name.

LIBVIRT_SECRET=11111111-2222-3333-4444-555555555555

# virsh_at HOST ARG…: that host's libvirtd.
virsh_at() {
    local host=$1
    shift
    virsh -q -c "qemu+unix:///system?socket=/run/libvirt-$host/libvirt-sock" "$@"
}

libvirt_answers() { # HOST
    virsh_at "$1" version >/dev/null 2>&1
}

# libvirt_up HOST [NAME=VALUE…]: libvirtd on that host, with this in its environment, as a drop-in of its unit would have it.
# Each host has a libvirtd of its own: another host name and host UUID, another state folder.
libvirt_up() {
    local host=$1
    shift
    mkdir -p "/run/libvirt-$host" /etc/libvirt /var/log/libvirt/qemu
    # Two hosts share one file system here, and with it the owners that libvirt would remember of a console's file.
    printf 'stdio_handler = "file"\nremember_owner = 0\n' >/etc/libvirt/qemu.conf
    cat >"/run/libvirt-$host/run" <<RUN
set -eu
hostname $host
mkdir -p /run/libvirt /run/state-$host/{lib,cache,etc}
mount --bind /run/libvirt-$host /run/libvirt
for folder in lib cache; do cp -a /var/\$folder/libvirt /run/state-$host/\$folder/; mount --bind /run/state-$host/\$folder/libvirt /var/\$folder/libvirt; done
cp -a /etc/libvirt /run/state-$host/etc/; mount --bind /run/state-$host/etc/libvirt /etc/libvirt
printf 'host_uuid = "%s"\n' "\$(cat /proc/sys/kernel/random/uuid)" >>/etc/libvirt/libvirtd.conf
virtlogd -d -p /run/libvirt-$host/virtlogd.pid
exec env "\$@" libvirtd -d -p /run/libvirt-$host/libvirtd.pid
RUN
    nsenter --net="/run/netns/$host" -- unshare --uts --mount --propagation private -- bash "/run/libvirt-$host/run" "$@" >"$LAB_DIR/log/libvirt-$host.log" 2>&1
    wait_until 40 "libvirtd of $host" libvirt_answers "$host"
    printf "<secret ephemeral='no' private='no'><uuid>%s</uuid><usage type='ceph'><name>nova</name></usage></secret>\n" "$LIBVIRT_SECRET" >"/run/libvirt-$host/secret.xml"
    virsh_at "$host" secret-define "/run/libvirt-$host/secret.xml" >>"$LAB_DIR/log/libvirt-$host.log" 2>&1
    virsh_at "$host" secret-set-value "$LIBVIRT_SECRET" --base64 "$(ceph auth get-key client.nova)" >>"$LAB_DIR/log/libvirt-$host.log" 2>&1
}

libvirt_down() { # HOST
    local pid
    for pid in libvirtd virtlogd; do
        kill "$(cat "/run/libvirt-$1/$pid.pid")" 2>/dev/null || true
    done
}

# domain_xml NAME DOMAIN: the disk of the VM NAME, as nova has it.
domain_xml() {
    cat <<XML
<domain type='qemu'>
<name>$2</name><uuid>$(cat "$(vm_dir "$1")/uuid")</uuid><memory unit='MiB'>192</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type><kernel>/var/lib/guest/vmlinuz</kernel><initrd>/var/lib/guest/initrd.gz</initrd>
<cmdline>console=ttyS0 quiet panic=-1 no_timer_check lab.writers=2</cmdline></os>
<features><acpi/></features>
<on_reboot>destroy</on_reboot><on_crash>destroy</on_crash>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
${DOMAIN_DISK-$(disk_xml "$1" vda)}
<serial type='file'><source path='/var/lib/guest/$1.log' append='on'/></serial><controller type='usb' model='none'/><memballoon model='none'/></devices>
</domain>
XML
}

disk_xml() { # NAME TARGET
    cat <<XML
<disk type='network' device='disk'><driver name='qemu' type='raw' cache='none'/><auth username='nova'><secret type='ceph' uuid='$LIBVIRT_SECRET'/></auth>
<source protocol='rbd' name='$LAB_POOL/$1'><host name='$LAB_STORAGE_IP' port='6789'/></source><target dev='$2' bus='virtio'/></disk>
XML
}

# domain_start HOST NAME DOMAIN: defines and starts it, waits for the guest's first write and for its watch.
domain_start() {
    domain_launch "$@"
    domain_writes "$2" "$3"
}

# domain_launch HOST NAME DOMAIN: defines and starts it. With DOMAIN_DISK= it has no disk, and its guest waits for one.
domain_launch() {
    local host=$1 name=$2 domain=$3 dir
    dir=$(vm_dir "$name")
    mkdir -p /var/lib/guest
    cp "$LAB_GUEST"/{vmlinuz,initrd.gz} /var/lib/guest/
    : >"/var/lib/guest/$name.log"
    chmod -R a+rX /var/lib/guest
    ln -sf "/var/lib/guest/$name.log" "$dir/console.log"
    domain_xml "$name" "$domain" >"$dir/domain.xml"
    virsh_at "$host" define "$dir/domain.xml" >>"$LAB_DIR/log/libvirt-$host.log" 2>&1
    virsh_at "$host" start "$domain" >>"$LAB_DIR/log/libvirt-$host.log" 2>&1
    domain_pid "$host" "$name" "$domain"
}

# domain_pid HOST NAME DOMAIN: notes which process the VM is now.
domain_pid() {
    cat "/run/libvirt-$1/qemu/$3.pid" >"$(vm_dir "$2")/pid"
}

# domain_writes NAME DOMAIN: waits for the guest's first write and for its watch.
domain_writes() {
    local name=$1 domain=$2
    wait_until 120 "$domain to boot" vm_ready_or_gone "$name"
    if vm_gone "$name"; then
        tail -3 "/var/log/libvirt/qemu/$domain.log" >&2
        fail "$domain ended while booting"
        return 1
    fi
    wait_until 30 "$domain to watch its image" vm_watches "$name"
    vm_watch "$name" >"$(vm_dir "$name")/watch"
}
