#!/bin/bash
# SPDX-License-Identifier: MIT
# packaging/tmpfiles.d/fenceline.conf: systemd-tmpfiles makes LTTng's wait files from it, root's, one page each, of zeros; and puts
# right the owner and the mode of those that are there.
set -u
command -v systemd-tmpfiles > /dev/null || { echo "needs systemd-tmpfiles"; exit 77; }
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 60 "$@"
[ "$(stat -c %s "$build/lttng-ust-wait")" = 4096 ] || fail "the page in the build folder is not one page"
sed "s|/[a-z/]*/fenceline/lttng-ust-wait|$build/lttng-ust-wait|" "$build/tmpfiles.d/fenceline.conf" > fenceline.conf
rm -f /dev/shm/lttng-ust-wait-*
install -o 65533 -m 0666 "$build/lttng-ust-wait" /dev/shm/lttng-ust-wait-8
systemd-tmpfiles --create "$PWD/fenceline.conf" || fail "systemd-tmpfiles failed"
for number in 8 11; do
	said=$(stat -c '%U %a %s' /dev/shm/lttng-ust-wait-$number)
	[ "$said" = "root 664 4096" ] || fail "lttng-ust-wait-$number: $said"
	for user in 0 64055 107; do
		said=$(stat -c '%U %a %s' /dev/shm/lttng-ust-wait-$number-$user)
		[ "$said" = "root 644 4096" ] || fail "lttng-ust-wait-$number-$user: $said"
		cmp -s /dev/shm/lttng-ust-wait-$number-$user <(head -c 4096 /dev/zero) || fail "lttng-ust-wait-$number-$user: not all zeros"
	done
done
exit $failed
