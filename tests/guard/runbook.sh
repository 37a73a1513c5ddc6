#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# docs/runbook.md, tried: each shell block as it stands, the line of cron, and the driver around cinder's, on a base class that takes
# real snapshots with python3-rbd as cinder's does.
LIVE_LAB=(--watch-timeout 12)
export LAB_DEBUG_OSD=1
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/guard/lib.sh"
runbook=$LAB_HOME/../../docs/runbook.md
PATH=$(dirname "$FENCELINE"):$PATH
export PATH

# blocks KIND: the n-th block of that kind goes to $dir/KIND.N
blocks() {
    awk -v kind="$1" -v into="$dir/${1// /-}." '$0 == "```" kind { on = 1; n++; next } /^```/ { on = 0 } on { print > (into n) }' "$runbook"
}

try_block() { # FILE [HOST]
    so "$(basename "$1"): $(head -n 1 "$1" | cut -c1-100)" ${2:+on_host "$2"} bash -e -o pipefail "$1"
}

driver() {
    mkdir -p "$dir/python/cinder/volume/drivers"
    touch "$dir"/python/cinder/{,volume/,volume/drivers/}__init__.py
    echo 'class VolumeBackendAPIException(Exception):
    def __init__(self, data): super().__init__(data)' >"$dir/python/cinder/exception.py"
    cat >"$dir/python/cinder/volume/drivers/rbd.py" <<'PYTHON'
import rados, rbd
class RBDDriver:
    class configuration: rbd_pool, rbd_user = "volumes", "cinder"
    def _image(self, name):
        cluster = rados.Rados(conffile="", rados_id="cinder")
        cluster.connect()
        return rbd.Image(cluster.open_ioctx("volumes"), name)
    def create_snapshot(self, snapshot): self._image(snapshot.volume_name).create_snap(snapshot.name)
    def delete_snapshot(self, snapshot): self._image(snapshot.volume_name).remove_snap(snapshot.name)
PYTHON
    cp "$dir/python.1" "$dir/python/guarded_rbd.py"
    PYTHONPATH=$dir/python /usr/bin/python3 - "$1" <<'PYTHON'
import sys, types
from cinder import exception
from guarded_rbd import GuardedRBDDriver
driver = GuardedRBDDriver()
snapshot = types.SimpleNamespace(volume_name="vm1", name="by-driver")
if sys.argv[1] == "refuses":
    import subprocess
    real = subprocess.run
    subprocess.run = lambda words, **rest: real([w if w != "5m" else "1s" for w in words], **rest)
    try:
        driver.create_snapshot(snapshot)
    except exception.VolumeBackendAPIException as error:
        print(error)
        sys.exit(0)
    sys.exit("it took the snapshot")
driver.create_snapshot(snapshot)
driver.delete_snapshot(snapshot)
PYTHON
}

host_add cinder
vm_create vm1
vm_boot vm1
for kind in sh "sh dead" python crontab; do
    blocks "$kind"
done
for block in "$dir"/sh.[0-9]*; do
    try_block "$block" cinder
done
so "the backup is there" test -s /tmp/backup.raw
rm -f /tmp/backup.raw
sed -E 's/^([^ ]+ +){5}root +//; s/\\%/%/g' "$dir/crontab.1" >"$dir/cron.sh"
try_block "$dir/cron.sh" cinder
so "cron's snapshot is there" has_snapshot vm1 "$(date +%F)"
so "the driver takes and deletes a snapshot" driver takes
vm_freeze vm1
so "the driver refuses while the VM is stopped" driver refuses
so "no snapshot was taken" not has_snapshot vm1 by-driver
kill -KILL "$(vm_pid vm1)"
wait_until 60 "the watch of vm1 to expire" vm_unwatched vm1
try_block "$dir/sh-dead.1" vm1
is "the lock is broken" '[]' "$(lock_of vm1)"
vm_boot vm1
so "and the VM starts" vm_runs vm1
live_end
