#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline doctor` on a host in use: each of its checks seen failing and passing. What cannot be had here is made up as it looks to
# doctor: VMs are librados clients by QEMU's name, under seccomp as libvirt's sandbox has it; /etc, /usr/local and /sys are this
# test's own. No kernel here has AppArmor or SELinux: their state and rules are read from files, and nothing is confined.
set -u
/usr/bin/python3 -c 'import rbd' 2> /dev/null || { echo "needs python3-rbd"; exit 77; }
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 560 "$@"
# shellcheck source=doctor_host.bash
. "$root/tests/unit/doctor_host.bash"

mkdir upper work upper2 work2
mount -t overlay overlay -o lowerdir=/etc,upperdir=upper,workdir=work /etc || fail "no overlay over /etc"
mount -t overlay overlay -o lowerdir=/usr/local,upperdir=upper2,workdir=work2 /usr/local || fail "no overlay over /usr/local"

# ---- what is installed ----
says ok "shim $(realpath "$build/lib/libfenceline.so")"
says ok "trace provider"
mkdir -p moved/bin moved/libexec moved/lib && cp -a "$build/bin/fenceline" moved/bin/
cp -a "$build/libexec/fenceline" moved/libexec/ && cp "$build/lib/libfenceline.so" moved/lib/
fenceline=$PWD/moved/bin/fenceline says FAIL "trace provider: there is no .*apt install --reinstall fenceline-shim"
rm moved/lib/libfenceline.so
fenceline=$PWD/moved/bin/fenceline says FAIL "shim: missing; .*apt install fenceline-shim"

# ---- LTTng ----
says ok "session daemon: none answers; .fenceline record start. starts one"
says ok "LTTng: 2\."
WITH="env PATH=/nowhere" says FAIL "session daemon: none answers, and lttng-sessiond is not installed; .apt install lttng-tools."
WITH="env PATH=/nowhere" says '?' "LTTng: no lttng-sessiond tells its version"
fits=2.13.9 other=2.12.5
[ -z "${provider##*.so.1}" ] || fits=2.12.5 other=2.13.9 # bullseye
lttng_of $other says FAIL "LTTng: the session daemon is ${other%.*} and the trace provider loads .*so.[01]"
lttng_of $fits says ok "LTTng: ${fits%.*}"
if [ $fits = 2.13.9 ]; then
    lttng_of 2.99.0 says warn "LTTng: 2.99 is newer than any"
else # no daemon from 2.13 on understands a provider of .so.0
    lttng_of 2.99.0 says FAIL "LTTng: the session daemon is 2.99 and the trace provider loads .*so.0"
fi
rm -f /dev/shm/lttng-ust-wait-*
says warn "wait files: .* is missing, .*.fenceline record start. makes it"
"$fenceline" record start --output trace 2> /dev/null
says ok "wait files: in place for each user"
says ok "session daemon: one answers, started by fenceline"
says ok "session daemon: may open"
sessiond=$(cat /run/lttng/lttng-sessiond.pid)
prlimit --pid "$sessiond" --nofile=64:
says FAIL "session daemon: may open 64 files .*.prlimit --pid $sessiond --nofile=65536."
prlimit --pid "$sessiond" --nofile=4096:
says ok "session daemon: may open 4096 files"

# ---- Ceph ----
says ok "Ceph [0-9]*\."
says ok "calls: those of Ceph .* all that verdicts rest on"
ceph_of 21.1.0 says warn "Ceph 21 is newer than any that this fenceline knows"
ceph_of 13.2.0 says warn "Ceph 13 is older than any"
ceph_of unknown says '?' "Ceph: its libraries do not tell their version"
ceph_of 16.2.0 says FAIL "calls: .* are not exported, among them"
! ceph_of 16.2.0 "$fenceline" doctor | grep -q "newer than any\|older than any" || fail "Ceph 16 was called unknown"
hidden /usr/lib/*-linux-gnu/librados.so.2 says warn "Ceph: no librados to be found"

# ---- VMs, their sandbox, their memory ----
says ok "VMs: none uses librbd here now"
says ok "snapshots: 0 processes beside VMs"
vm bare guest-a env
says warn "VM guest-a (pid $pid) uses librbd without the shim; .*fenceline integrate libvirt"
says warn "VMs: 0 of 1 that use librbd have the shim"
away
vm good guest-b "$fenceline" run --
says ok "VMs: 1 of 1 that use librbd have the shim"
says ok "sandbox: 0 of the VMs with the shim are in one, and each has opened LTTng"
says ok "/dev/shm: the session daemon shares it with 1 VM"
away
vm confined guest-c env SANDBOX=1 "$fenceline" run --
says ok "sandbox: 1 of the VMs with the shim are in one, and each has opened LTTng"
away
mkdir waits && mv /dev/shm/lttng-ust-wait-* waits/
vm killed guest-d env SANDBOX=1 "$fenceline" run --
says FAIL "trace provider: VM guest-d (pid $pid) has not opened it, since it is sandboxed .*fenceline record start"
mv waits/* /dev/shm/
away
vm halved guest-e env LD_PRELOAD="$PWD/moved/libfenceline.so"
says FAIL "VM guest-e (pid $pid) has the shim and not its trace provider.*fenceline doctor --pid $pid"
away
vm apart guest-f unshare --mount sh -c 'mount -t tmpfs none /dev/shm; exec "$@"' sh "$fenceline" run --
says FAIL "/dev/shm: the VM with pid $pid has another one .*fenceline integrate kolla"
away
says ok "/dev/shm has .* free"

# ---- who takes snapshots ----
taker snapper.py env
says warn "snapper.py (pid $pid) uses librbd without the shim: .*fenceline run --"
away
taker cinder-volume env
says warn "cinder-volume (pid $pid) uses librbd without the shim: .*.fenceline integrate cinder."
away
taker snapper.py "$fenceline" run --
says ok "snapshots: 1 process beside VMs uses librbd now, all under the shim"
away
as_nobody says '?' "VMs: processes that could not be looked at: .*; run this as root"
says ok "services: neither libvirt, cinder nor nova"
printf '[Service]\nExecStart=/usr/sbin/libvirtd\n' > /etc/systemd/system/libvirtd.service
says warn "libvirtd.service is installed and not integrated: .*.fenceline integrate libvirt."
"$fenceline" integrate libvirt > /dev/null
says ok "services: each of the 1 that are installed here brings the shim along"
says ok "cron: none of its"
echo '0 3 * * * root rbd --id cinder snap create volumes/v@daily' > /etc/cron.d/rotate
says warn "/etc/cron.d/rotate line 1 runs rbd without the shim"
printf '# rbd snap create\n0 3 * * * root fenceline run -- rbd snap create v@d\n0 4 * * * root rbd snap ls v\n' > /etc/cron.d/rotate
says ok "cron: none of its"
mkdir -p /usr/local/bin && printf '#!/bin/sh\n' > /usr/local/bin/rbd && chmod 755 /usr/local/bin/rbd
printf 'PATH=/usr/local/bin:/usr/bin:/bin\n0 3 * * * root rbd snap rm v@d\n' > /etc/cron.d/rotate # the wrapper of integrate rbd
says ok "cron: none of its"
printf '0 3 * * * root rbd snap rm v@d\n' > /etc/cron.d/rotate # cron's own PATH does not find the wrapper
says warn "/etc/cron.d/rotate line 1 runs rbd"
printf 'PATH=/usr/local/bin:/usr/bin:/bin\n0 3 * * * root /usr/bin/rbd snap rm v@d\n' > /etc/cron.d/rotate
says warn "/etc/cron.d/rotate line 2 runs rbd"
rm /etc/cron.d/rotate

# ---- the recorder ----
"$fenceline" record stop 2> /dev/null
says warn "record daemon: does not run, .*systemctl enable --now fenceline"
# The metric of VMs without the shim: looked at once a minute, the first time at once.
metric() {
	local i
	for i in $(seq 600); do
		! grep -q "^fenceline_vms_without_shim $1\$" metrics/*.prom 2> /dev/null || return 0
		sleep 0.1
	done
	fail "no metric of $1 VMs without the shim: $(grep -h vms_without_shim metrics/* 2>&1)"
}
mkdir metrics
vm bare2 guest-g env
bare=$pid
vm good2 guest-h "$fenceline" run --
daemon_up --textfile "$PWD/metrics"
metric 1
kill $daemon && wait $daemon
kill "$bare" && wait "$bare" 2> /dev/null
daemon_up --textfile "$PWD/metrics"
metric 0
away
says ok "record daemon: runs"
says ok "ring: the record daemon's recording is on"
kill -STOP $daemon # or it would make it anew at once
lttng destroy fenceline-daemon > /dev/null
says FAIL "ring: the record daemon runs, but its recording does not: .*systemctl restart fenceline"
kill -CONT $daemon
as_nobody says '?' "ring: not looked at"
kill $daemon && wait $daemon
mount -t tmpfs -o size=1M,mode=1777 tmpfs /dev/shm
says warn "/dev/shm has .* free; the full profile takes .*mount -o remount,size=[0-9]*M /dev/shm"
umount /dev/shm

# ---- the clock ----
clock_of 0x2001 0 says ok "clock: in step, within 3 ms"
clock_of 0x2041 5 says warn "clock: the kernel does not know it to be in step .*apt install chrony"

# ---- confinement, as its files tell ----
rules=/etc/apparmor.d/abstractions/libvirt-qemu
mkdir -p "${rules%/*}" "/etc/apparmor.d/local/abstractions"
"$fenceline" integrate --undo libvirt > /dev/null
rm -f $rules
mount -t tmpfs tmpfs /sys
says '?' "AppArmor: there is no /sys to ask"
mkdir -p /sys/module/apparmor/parameters /sys/fs/selinux
echo N > /sys/module/apparmor/parameters/enabled
says ok "AppArmor: off in this kernel"
printf '  deny /dev/shm/lttng-ust-wait-* r,\n  include if exists <local/abstractions/libvirt-qemu>\n' > $rules
says warn "AppArmor: .* denies LTTng's wait files, .*this kernel has it off.*fenceline integrate libvirt"
echo Y > /sys/module/apparmor/parameters/enabled
says FAIL "AppArmor: .* denies LTTng's wait files, .*fenceline integrate libvirt"
printf '# deny /dev/shm/lttng-ust-wait-* r,\n' > $rules
says FAIL "AppArmor: on, and no rule lets a VM read LTTng's wait files"
printf '  deny /dev/shm/lttng-ust-wait-* r,\n  include if exists <local/abstractions/libvirt-qemu>\n' > $rules
"$fenceline" integrate libvirt > /dev/null
says ok "AppArmor: on; its rules for libvirt's VMs let LTTng's wait files through"
rm $rules
says ok "AppArmor: on, and libvirt's rules for VMs .* are not installed"
says ok "SELinux: not in this kernel"
echo 0 > /sys/fs/selinux/enforce
says ok "SELinux: permissive"
echo 1 > /sys/fs/selinux/enforce
says '?' "SELinux: enforcing; whether it lets QEMU record was not looked at"
printf 'nodev\tselinuxfs\n' > filesystems && rm /sys/fs/selinux/enforce
mount --bind filesystems /proc/filesystems && says '?' "SELinux: in this kernel, and whether it enforces cannot be read"
umount /proc/filesystems /sys

"$fenceline" doctor --format json > json
jq -e '.schema == "fenceline/doctor/1" and (.checks | length > 10) and .failures == ([.checks[] | select(.status == "failure")] | length)
	and .unknown == ([.checks[] | select(.status == "unknown")] | length) and (.checks | all(.check and .text))' json > /dev/null || fail "the JSON does not tell what the text does: $(cat json)"
remedies
echo "skipped: whether AppArmor and SELinux confine a VM as their rules say: no kernel here has them on"
exit $failed
