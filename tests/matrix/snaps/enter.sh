# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by process 1 of namespaces of its own (tools/lab/lib/namespace.sh), which becomes a script in a suite's chroot.

# enter_suite ROOT OUT SCRIPT [ARG...]: runs tests/matrix/snaps/SCRIPT there with OUT at /mnt/out, the lab, and ARG... The checkout
# is at /mnt/top, which is read-only; /run and /dev/shm are private.
enter_suite() {
	local root=$1 out=$2 script=$3 top
	shift 3
	top=$(realpath "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../../..")
	mount --make-rprivate /
	mount --rbind /dev "$root/dev"
	mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
	mount -t proc proc "$root/proc"
	mount -t tmpfs tmpfs "$root/run"
	mount -t tmpfs tmpfs "$root/mnt"
	mkdir "$root/mnt/out" "$root/mnt/top"
	mount --bind "$out" "$root/mnt/out"
	mount --bind -o ro "$top" "$root/mnt/top"
	exec chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
		bash "/mnt/top/tests/matrix/snaps/$script" /mnt/out /mnt/top/tools/lab "$@"
}
