#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline integrate` on a root of its own: what it writes, what it leaves alone, that it takes everything back.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 60 "$@"
shim=/usr/lib/x86_64-linux-gnu/fenceline/libfenceline.so
rules=etc/apparmor.d/abstractions/libvirt-qemu

a_host() { # FOLDER: a compute and volume host, as far as integrate looks at it
	mkdir -p "$1"/{lib/systemd/system,usr/bin,etc/systemd/system,etc/default,etc/apparmor.d/abstractions}
	printf '[Service]\nEnvironment=A=1\n' | tee "$1"/lib/systemd/system/{libvirtd,cinder-volume,nova-compute}.service > /dev/null
	touch "$1/usr/bin/rbd"
	printf '%s\n' '  # silence refusals to open lttng files (see LP: #1432644)' '  deny /dev/shm/lttng-ust-wait-* r,' \
		'  deny /run/shm/lttng-ust-wait-* r,' '' '  #include <local/abstractions/libvirt-qemu>' > "$1/$rules"
}
integrate() { "$fenceline" integrate --root "$PWD/host" --shim $shim "$@"; }
same() { diff -r before host || fail "not as it was: $1"; }

a_host before && cp -a before host
expect 0 "+Environment=\"LD_PRELOAD=$shim\"" integrate --print libvirt
same "after --print"
for target in libvirt cinder nova rbd; do
	expect 0 written integrate $target
	expect 0 "integrated already" integrate $target
done
grep -qx "Environment=\"LD_PRELOAD=$shim\"" host/etc/systemd/system/cinder-volume.service.d/zz-fenceline.conf || fail "no LD_PRELOAD for cinder-volume"
[ ! -e host/etc/systemd/system/virtqemud.service.d ] || fail "a drop-in for a unit that is not there"
[ -x host/usr/local/bin/rbd ] || fail "the wrapper of rbd cannot be run"
! grep -q '^  deny' host/$rules || fail "AppArmor still denies LTTng's wait files"

integrate --print libvirt | sed -n '/^module fenceline/,/^TE$/p' | grep -vx TE > fenceline.te
[ "$(grep -c '^allow ' fenceline.te)" -ge 5 ] || fail "no SELinux module is printed"
if command -v checkmodule > /dev/null; then
	checkmodule -M -m -o fenceline.mod fenceline.te > checked 2>&1 || fail "SELinux's parser does not take the module: $(cat checked)"
else
	echo "skipped: SELinux's parser (checkpolicy) is not here; tests/deploy has it"
fi

# An upgrade brings the old rules back: they are changed again. Nothing of a target that is not integrated is touched.
cp before/$rules host/$rules
expect 0 "undone" integrate --undo nova
expect 0 "written" integrate --refresh
! grep -q '^  deny' host/$rules || fail "--refresh left the rules as the upgrade had them"
[ ! -e host/etc/systemd/system/nova-compute.service.d ] || fail "--refresh integrated nova again"
expect 0 "undone" integrate --undo all
same "after --undo all"
expect 0 "not integrated" integrate --undo libvirt

# What others have put there stays.
mkdir -p host/etc/systemd/system/libvirtd.service.d host/etc/apparmor.d/local/abstractions
printf '[Service]\nEnvironment=LD_PRELOAD=/usr/lib/libjemalloc.so.2\n' > host/etc/systemd/system/libvirtd.service.d/jemalloc.conf
printf '  /srv/** r,' > host/etc/apparmor.d/local/abstractions/libvirt-qemu
rm -rf before && cp -a host before
expect 0 written integrate libvirt
grep -q "LD_PRELOAD=$shim:/usr/lib/libjemalloc.so.2\"" host/etc/systemd/system/libvirtd.service.d/zz-fenceline.conf || fail "another preload was lost"
expect 0 undone integrate --undo libvirt
same "with another drop-in and rules of the site"

# What others write later, an EnvironmentFile with LD_PRELOAD and a rule above ours, leaves nothing of ours behind.
expect 0 written integrate libvirt
printf 'EnvironmentFile=-/etc/default/libvirtd\n' >> host/lib/systemd/system/libvirtd.service
echo 'LD_PRELOAD=/usr/lib/libjemalloc.so.2' > host/etc/default/libvirtd
sed -i '1i\  /opt/** r,' host/etc/apparmor.d/local/abstractions/libvirt-qemu
expect 1 "sets LD_PRELOAD" integrate --refresh
expect 0 undone integrate --undo all
! grep -rl fenceline host || fail "--undo left something behind"
grep -qx '  /opt/\*\* r,' host/etc/apparmor.d/local/abstractions/libvirt-qemu || fail "a rule above ours was lost"
rm -r host && cp -a before host

# What stands in the way is named.
printf 'EnvironmentFile=-/etc/default/nova\n' >> host/lib/systemd/system/nova-compute.service
echo 'LD_PRELOAD=/usr/lib/libjemalloc.so.2' > host/etc/default/nova
expect 1 "/etc/default/nova sets LD_PRELOAD" integrate nova
mkdir -p host/usr/local/bin && echo '#!/bin/sh' > host/usr/local/bin/rbd
expect 1 "is there and not fenceline's" integrate rbd
rm -r host && mkdir host
expect 1 "no libvirtd.service or virtqemud.service" integrate libvirt
expect 0 "nova_libvirt_extra_volumes" integrate kolla
expect 0 "pve-ha-lrm" integrate proxmox
expect 2 "no TARGET 'xen'" integrate xen
expect 2 "'all' goes with --undo" integrate all
expect 2 "name a TARGET" integrate
[ -z "$(ls host)" ] || fail "something was written where nothing is integrated"
exit $failed
