#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a suite's throwaway chroot that has no compiler: the packages are installed as README says, the incident is staged and told by
# what they brought, integrate is done and undone, and a purge leaves nothing behind. usage: installed.sh FOLDER-OF-DEBS
set -u -o pipefail
debs=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")
work=$(mktemp -d)
failed=0
export DEBIAN_FRONTEND=noninteractive APT_CONFIG=$work/apt.conf
printf 'APT::Get::Assume-Yes "true";\nDpkg::Use-Pty "0";\n' >"$work/apt.conf"
fail() {
    echo "FAIL: $*"
    failed=1
}
so() { # "what is so" COMMAND…
    local what=$1
    shift
    if "$@" >"$work/said" 2>&1; then echo "so: $what"; else fail "not so: $what: $(tail -n 3 "$work/said" | tr '\n' ' ')"; fi
}
quiet_apt() {
    apt-get -q "$@" >>"$work/apt.log" 2>&1 || { tail -n 5 "$work/apt.log"; return 1; }
}
# Every file of /etc, /usr and /var but what dpkg, apt, systemd, mount and the loader keep for themselves, with its sum and mode.
census() {
    local left_out=(-path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache -o -path /var/log -o -path /etc/ld.so.cache
        -o -path /var/tmp -o -name __pycache__ -o -path /var/lib/systemd -o -path /run/lock
        -o -path /run/systemd -o -path /run/mount -o -name '*.dpkg-old')
    { find /etc /usr /var /run -xdev \( "${left_out[@]}" \) -prune -o -printf '%M %u:%g %p %l\n'
      find /etc /usr /var /run -xdev \( "${left_out[@]}" \) -prune -o -type f -print0 | xargs -0 md5sum; } | sort
}

so "there is no compiler" sh -c '! command -v cc && ! command -v gcc'
quiet_apt update
so "apt finds in this Debian all that the packages depend on" apt-get -s install --no-install-recommends "$debs"/fenceline_*.deb "$debs"/fenceline-shim_*.deb
# What they depend on comes from Debian and may stay; ours is what a purge must take away.
depends=$(for deb in "$debs"/fenceline*_*.deb; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' | sed 's/(.*//; s/|.*//; s/ //g' | grep -v '^fenceline' | sort -u)
# shellcheck disable=SC2086 # one word a package
quiet_apt install --no-install-recommends $depends man-db
census >"$work/before"

# README's first line. The packages were built elsewhere, by `tools/package`, as for any fleet.
mkdir -p "$work/checkout/tools" "$work/checkout/build/package"
printf '#!/bin/sh\n' >"$work/checkout/tools/package" && chmod 755 "$work/checkout/tools/package"
cp "$debs"/*.deb "$work/checkout/build/package/"
sed -n '/^## In production/,$s/^    \(tools\/package\)/\1/p' "$top/README.md" | sed 's/  *#.*//' >"$work/checkout/line"
so "README's first line is about the packages" grep -q 'apt install ./build/package/fenceline' "$work/checkout/line"
so "README's first line: $(cat "$work/checkout/line")" sh -c "cd $work/checkout && . ./line"
so "fenceline help lists record, incidents and integrate" sh -c 'fenceline help | grep -q "^  record" && fenceline help | grep -q "^  incidents" && fenceline help | grep -q "^  integrate"'
for page in fenceline $(fenceline help | sed -n 's/^  \([a-z]*\)  .*/fenceline-\1/p') fenceline-record-daemon fenceline-record-window; do
    so "man $page is there, with examples" sh -c "man $page 2>&1 | col -b | grep -q ^EXAMPLES"
done
so "man -k finds them" sh -c 'mandb -q; apropos fenceline | grep -q fenceline-record-daemon'
so "the shim is where libraries of its own lie" sh -c 'fenceline run -- sh -c "echo \$LD_PRELOAD" | grep -q "/usr/lib/.*/fenceline/libfenceline.so$"'
unit=$(ls /lib/systemd/system/fenceline.service)
so "systemd finds no fault in the unit" sh -c "systemd-analyze verify $unit 2>&1 | { ! grep fenceline; }"
so "and its exposure is 4.0 at most" systemd-analyze security --offline=true --threshold=40 --no-pager "$unit"
so "the wait files are made at boot" systemd-tmpfiles --create /usr/lib/tmpfiles.d/fenceline.conf
so "root's, a page each, and the VM's user cannot write its own" test "$(stat -c '%a %U %s' /dev/shm/lttng-ust-wait-8 /dev/shm/lttng-ust-wait-8-64055 | tr '\n' ' ')" = "664 root 4096 644 root 4096 "

# By hand, then README's other lines: libvirt, the daemon, doctor, the folder.
export FENCELINE=/usr/bin/fenceline
"$top/tools/lab/lab" scenario --out /var/tmp/installed lost-pings >"$work/lab.log" 2>&1 || fail "lost-pings could not be staged: $(tail -n 3 "$work/lab.log")"
so "lost-pings is proven by what was installed" sh -c 'jq -e ".incidents | length == 1 and .[0].cause == \"lost-pings\" and .[0].confidence == \"proven\"" /var/tmp/installed/incidents.json'
cp -a /etc/libvirt "$work/etc-libvirt"
"$top/tools/lab/lab" run --watch-timeout 8 -- bash "$here/production.sh" "$top/README.md" >"$work/production.log" 2>&1 || fail "README's In production did not come about"
cat "$work/production.log"
cp -a "$work/etc-libvirt/." /etc/libvirt/
rm -rf /var/lib/guest /var/log/ceph/ceph.audit.log

rules=/etc/apparmor.d/abstractions/libvirt-qemu
so "libvirt's AppArmor rules are here" test -e $rules
so "AppArmor no longer denies LTTng's wait files" sh -c "! grep -q '^ *deny .*lttng' $rules"
sed 's/LIBVIRT_TEMPLATE/libvirt-test/' /etc/apparmor.d/libvirt/TEMPLATE.qemu >"$work/profile"
so "AppArmor's parser takes the rules" apparmor_parser -Q -K -I /etc/apparmor.d -b /etc/apparmor.d "$work/profile"
# An upgrade that brings its own rules: dpkg puts the shipped file in place and then triggers us.
quiet_apt install --reinstall --no-install-recommends -o Dpkg::Options::=--force-confnew -o Dpkg::Options::=--force-confask "$(dpkg -S $rules | cut -d: -f1)"
so "they stay open after an upgrade of libvirt" sh -c "! grep -q '^ *deny .*lttng' $rules"
so "integrate --undo" fenceline integrate --undo libvirt
so "AppArmor's rules are as they were shipped" sh -c "grep -q '^ *deny .*lttng' $rules"
so "integrate libvirt once more, left to the removal" fenceline integrate libvirt
so "the packages are purged" quiet_apt purge fenceline fenceline-shim fenceline-dbgsym fenceline-shim-dbgsym
rm -rf /var/tmp/installed
census >"$work/after"
so "a purge leaves no byte" diff "$work/before" "$work/after"
diff "$work/before" "$work/after"
rm -rf "$work"
exit $failed
