#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A VM under libvirt that stands still is fenced and then killed before it has met its fence, as an operator would do: nothing more can
# be told of it, so the folder comes at once, not when the wait for its first -108 is over, and holds what the dead VM's ring held. Runs
# inside the lab, in a throwaway chroot.
set -eu -o pipefail
# shellcheck source=../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
# shellcheck source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"
domain=instance-0000002f

host_add cinder
vm_create vm1
snapshots_fill vm1
daemon_up vm1
libvirt_up vm1 "LD_PRELOAD=$shim"
domain_start vm1 vm1 $domain
run_for 12
vm_freeze vm1
wait_until $((LAB_WATCH_TIMEOUT + 30)) "the watch of vm1 to expire" vm_unwatched vm1
rotate vm1 || true
so "it is fenced" blocklisted "$(vm_address vm1)"
run_for 6
so "there is no folder while the VM may still meet its fence" test -z "$(folders)"
kill -KILL "$(vm_pid vm1)"
fenced_at=$EPOCHSECONDS
so "the folder is there within 10 s of the VM's end" folder_in_time 10
so "there is one" test "$(folders | wc -l)" = 1
so "it tells who fenced it, through which call" jq -e '.incidents | length == 1 and .[0].blocklist.entry == "exclusive-lock-break" and .[0].blocklist.process == "rbd"' "$(folders)/incidents.json"
so "the dead VM's ring is in it" test -n "$(find "$(folders)/trace" -path '*ring-*' -name '*qemu*' | head -n 1)"
so "and nothing was left over" sh -c "! grep 'cannot move' $LAB_DIR/log/daemon.log"
so "of this VM" jq -e ".incidents[0].vm.name == \"$domain\"" "$(folders)/incidents.json"
daemon_down
libvirt_down vm1
finish
