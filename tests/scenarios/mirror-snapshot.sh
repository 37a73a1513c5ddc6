#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Snapshots that mirroring makes are in the trace as others are: `rbd mirror image snapshot` (the C++ API) and python-rbd's
# synchronous and asynchronous calls (the C API, what the manager's schedule uses), each begun and ended, with a real Ceph.
. "$(dirname "$0")/../lib/live.sh"

if ! rbd help mirror image snapshot >/dev/null 2>&1; then
    echo "Ceph $(ceph --version | cut -d' ' -f3) has no snapshots for mirroring"
    exit 77
fi
rbd create "$LAB_POOL/disk" --size 64M
rbd mirror pool enable "$LAB_POOL" image
rbd mirror pool peer add "$LAB_POOL" client.remote@remote # without one nothing is mirrored, and no snapshot is made
rbd mirror image enable "$LAB_POOL/disk" snapshot
cat >"$LAB_DIR/snapshots.py" <<PYTHON
import rados, rbd, threading
with rados.Rados(conffile="$CEPH_CONF") as cluster, cluster.open_ioctx("$LAB_POOL") as ioctx:
    with rbd.Image(ioctx, "disk") as image:
        print(image.mirror_image_create_snapshot())
        done = threading.Event()
        def made(completion, snap_id):
            print(snap_id)
            done.set()
        completion = image.aio_mirror_image_create_snapshot(0, made)
        if not done.wait(60):
            raise TimeoutError
        completion.wait_for_complete_and_cb()
        print(completion.get_return_value())
PYTHON
recording_start full
"${LAB_TRACED[@]}" rbd mirror image snapshot "$LAB_POOL/disk"
"${LAB_TRACED[@]}" /usr/bin/python3 "$LAB_DIR/snapshots.py" | tee "$dir/logs/python.txt"
recording_stop
is "the asynchronous call's result reaches its caller" 0 "$(tail -n 1 "$dir/logs/python.txt")"
tell_trace timeline
is "three begun" 3 "$(jq -s '[.[] | select(.kind == "snapshot-begin" and .op == "create" and .snap == "(mirror)" and .image.name == "disk")] | length' "$dir/timeline.ndjson")"
is "three ended, without an error" 3 "$(jq -s '[.[] | select(.kind == "snapshot-end" and .result == 0 and .image.name == "disk")] | length' "$dir/timeline.ndjson")"
live_end
