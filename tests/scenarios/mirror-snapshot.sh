#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Snapshots that mirroring makes are in the trace as others are: `rbd mirror image snapshot` and the asynchronous call (the C++
# API), python-rbd's synchronous and asynchronous calls (the C API, what the manager's schedule uses), and the older calls without
# flags of both APIs, each begun and ended, with a real Ceph.
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
cat >"$LAB_DIR/snapshot.cc" <<'CPP'
#include <rados/librados.hpp>
#include <rbd/librbd.hpp>
#include <cstdio>
int main(int, char **argv)
{
	librados::Rados cluster;
	librados::IoCtx ioctx;
	librbd::RBD rbd;
	librbd::Image image;
	uint64_t id = 0;
	if (cluster.init("admin") || cluster.conf_read_file(nullptr) || cluster.connect() ||
	    cluster.ioctx_create(argv[1], ioctx) || rbd.open(ioctx, image, "disk"))
		return 1;
	librbd::RBD::AioCompletion *completion = new librbd::RBD::AioCompletion(nullptr, nullptr);
	if (image.aio_mirror_image_create_snapshot(0, &id, completion) || completion->wait_for_complete())
		return 1;
	long result = completion->get_return_value();
	completion->release();
	printf("%s\n%ld\n", id ? "has an id" : "has none", result);

	rados_t c_cluster;
	rados_ioctx_t c_ioctx;
	rbd_image_t c_image;
	uint64_t older = 0, c_older = 0;
	if (image.mirror_image_create_snapshot(&older) || rados_create(&c_cluster, "admin") || rados_conf_read_file(c_cluster, nullptr) ||
	    rados_connect(c_cluster) || rados_ioctx_create(c_cluster, argv[1], &c_ioctx) ||
	    rbd_open(c_ioctx, "disk", &c_image, nullptr) || rbd_mirror_image_create_snapshot(c_image, &c_older))
		return 1;
	rbd_close(c_image);
	rados_ioctx_destroy(c_ioctx);
	rados_shutdown(c_cluster);
	printf("%s\n", older > id && c_older > older ? "so have the older calls'" : "the older calls' have none");
}
CPP
g++ -Wall -o "$LAB_DIR/snapshot" "$LAB_DIR/snapshot.cc" -lrbd -lrados
recording_start full
"${LAB_TRACED[@]}" rbd mirror image snapshot "$LAB_POOL/disk"
"${LAB_TRACED[@]}" /usr/bin/python3 "$LAB_DIR/snapshots.py" | tee "$dir/logs/python.txt"
"${LAB_TRACED[@]}" "$LAB_DIR/snapshot" "$LAB_POOL" | tee "$dir/logs/cpp.txt"
recording_stop
is "the asynchronous call's result reaches its caller" 0 "$(tail -n 1 "$dir/logs/python.txt")"
is "so does that of the asynchronous call of the C++ API" "has an id 0 so have the older calls'" "$(paste -sd " " "$dir/logs/cpp.txt")"
tell_trace timeline
# one of a process with two clients is told in the timeline of each
is "six begun" 6 "$(jq -s '[.[] | select(.kind == "snapshot-begin" and .op == "create" and .snap == "(mirror)" and .image.name == "disk")] | unique_by(.vm.pid, .action) | length' "$dir/timeline.ndjson")"
is "six ended, without an error" 6 "$(jq -s '[.[] | select(.kind == "snapshot-end" and .result == 0 and .image.name == "disk")] | unique_by(.vm.pid, .action) | length' "$dir/timeline.ndjson")"
live_end
