#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs inside the bullseye chroot, in namespaces of its own: churns snapshots on a Nautilus cluster and leaves in OUT what
# `fenceline snaps` is to be asked about. usage: inside.sh OUT LAB luminous|default INTERVALS ROTATIONS EPOCHS PGS
set -eu
out=$1 lab=$2 mode=$3 intervals=$4 rotations=$5 flapping=$6 pgs=$7
here=$(dirname "$(realpath "$0")")
ip link set lo up
ip address add 10.99.0.1/32 dev lo
export LAB_DIR=$out/lab CEPH_CONF=$out/lab/ceph.conf LAB_STORAGE_IP=10.99.0.1
# The monitor commits at once, so that epochs are made fast; a stopped memstore keeps what it holds. Trimming begins right after a
# start and would go on for long: it stays away, but for a default cluster while the set grows, or its maps would hold a removal
# queue as long as the set.
LAB_CEPH_EXTRA='paxos_propose_interval = 0.01
mon_osd_down_out_interval = 86400
osd_fast_shutdown = false
osd_max_trimming_pgs = 0
osd_snap_trim_sleep = 0.001
mon_max_snap_prune_per_epoch = 100000
pid_file = $run_dir/$name.pid
'
[ "$mode" = default ] || LAB_CEPH_EXTRA+=$'mon_debug_no_require_nautilus = true\nmon_debug_no_require_mimic = true\n'
export LAB_CEPH_EXTRA LAB_DEBUG_OSD=20
# shellcheck source=/dev/null
for part in log wait cluster; do . "$lab/lib/$part.sh"; done

dump() { # NAME: what the cluster says of itself
	ceph osd dump >"$out/$1-dump.txt"
	ceph osd dump -f json >"$out/$1-dump.json"
	ceph pg dump -f json >"$out/$1-pg.json" 2>/dev/null
}

stop_osd() {
	local pid
	pid=$(cat "$LAB_DIR/ceph/osd.0.pid")
	kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

# start_osd NAME: NAME-start.json holds what the start took
start_osd() {
	python3 "$here/start_osd.py" "$LAB_DIR/log/osd.0.log" "$LAB_DIR/ceph/osd.0.pid" "$LAB_DIR/ceph" >"$out/$1-start.json"
}

go_first() { # PIDFILE: the monitor hands out the maps, and must not be what the OSD waits for
	local pid
	pid=$(cat "$1")
	renice -n -20 -p "$pid" >/dev/null
	echo -20 >"/proc/$pid/autogroup" 2>/dev/null || true
}

queue_is_empty() { ceph osd dump -f json | jq -e '.removed_snaps_queue == []' >/dev/null; }
osd_cpu() { awk '{ print $14 + $15 }' "/proc/$(cat "$LAB_DIR/ceph/osd.0.pid")/stat"; }
osd_is_idle() { # for a second
	local before
	before=$(osd_cpu)
	sleep 1
	[ $(($(osd_cpu) - before)) -le 3 ]
}

# sleep_through NAME WHAT...: the OSD is down while WHAT happens; NAME-epochs holds how many maps it missed
sleep_through() {
	local name=$1 before
	shift
	stop_osd
	wait_until 60 "the monitor to see osd.0 down" osd_is_down
	before=$(epoch)
	"$@"
	echo $(($(epoch) - before)) >"$out/$name-epochs"
}

pool_is_clean() { ceph pg stat -f json 2>/dev/null | jq -e '[(.pg_summary // .).num_pg_by_state[].name] | all(startswith("active+clean"))' >/dev/null; } # some wait to trim
osd_is_down() { ceph osd dump -f json 2>/dev/null | jq -e '.osds[0].up == 0' >/dev/null; }
epoch() { ceph osd dump -f json | jq .epoch; }

flaps() { python3 "$here/churn.py" epochs "$1" >/dev/null; }

rotations_and_flaps() {
	python3 "$here/churn.py" rotate snaps "$rotations" >/dev/null
	flaps "$flapping"
}

# What a start costs without a set to speak of: as many epochs, that change nothing about snapshots.
baseline() {
	ceph osd pool create snaps "$pgs"
	wait_until 120 "the pool to be clean" pool_is_clean
	sleep_through baseline flaps "$((flapping + 2 * rotations))"
	start_osd baseline
}

# The set grows while the OSD is up; what it then sleeps through finds it grown.
large() {
	if [ "$mode" = default ]; then
		ceph tell osd.0 injectargs --osd_max_trimming_pgs=64 >/dev/null
		python3 "$here/churn.py" grow snaps "$intervals" >/dev/null
		wait_until 300 "the removal queue to be empty" queue_is_empty
	else
		python3 "$here/churn.py" grow snaps "$intervals" >/dev/null
	fi
	wait_until 300 "the OSD to have walked to the newest map" osd_is_idle
	sleep_through large rotations_and_flaps
	dump large
	start_osd large
}

# What background/2 does, on an image: four snapshots, one deleted, more made.
experiment() {
	rbd create "$LAB_POOL/test1" --size 64M
	for name in snap4 snap5 snap6 snap7; do rbd snap create "$LAB_POOL/test1@$name"; done
	rbd snap rm --no-progress "$LAB_POOL/test1@snap5"
	for name in snap9 snap10; do rbd snap create "$LAB_POOL/test1@$name"; done
	rbd snap rm --no-progress "$LAB_POOL/test1@snap4"
	rbd snap rm --no-progress "$LAB_POOL/test1@snap9"
	rbd snap create "$LAB_POOL/test1@last"
	sleep 2 # for the OSD to walk to the last map
	rbd snap ls "$LAB_POOL/test1" --format json >"$out/experiment-snaps.json"
	dump experiment
	cp "$LAB_DIR/log/osd.0.log" "$out/experiment-osd.log"
	for e in $(seq 1 "$(epoch)"); do
		ceph osd getmap "$e" -o "$out/map" 2>/dev/null && ceph-dencoder type OSDMap import "$out/map" decode dump_json
	done >"$out/experiment-maps.json"
}

mkdir -p "$out"
timed "a $mode Nautilus cluster" cluster_up
timed "background/2's experiment" experiment
sed -i 's/^debug_osd = .*/debug_osd = 1/' "$CEPH_CONF" # debug 20 would be what is measured
go_first "$LAB_DIR/ceph/mon.a.pid"
stop_osd
start_osd first
timed "a start after epochs without a set" baseline
timed "$intervals intervals, and a start after $rotations rotations among other epochs" large
