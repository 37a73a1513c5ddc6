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
# The monitor commits at once, so that epochs are made fast; a stopped memstore keeps what it holds; trimming, which
# begins right after the start, must not be measured with it.
LAB_CEPH_EXTRA='paxos_propose_interval = 0.01
mon_osd_down_out_interval = 86400
osd_fast_shutdown = false
osd_snap_trim_sleep = 30
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

is_active() { grep -q 'state: booting -> active' "$LAB_DIR/log/osd.0.log"; }

# start_osd NAME: starts it, on a log of its own; NAME-cpu holds the CPU seconds it took to become active, NAME-waited the
# seconds that its threads were ready to run meanwhile and had no CPU
start_osd() {
	local begin
	: >"$LAB_DIR/log/osd.0.log"
	begin=$(now_ms)
	ceph-osd -i 0
	until is_active; do
		[ $(($(now_ms) - begin)) -lt 600000 ] || die "osd.0 is not active after 600 s"
		sleep 0.05
	done
	awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$(cat "$LAB_DIR/ceph/osd.0.pid")/stat" >"$out/$1-cpu"
	cat "/proc/$(cat "$LAB_DIR/ceph/osd.0.pid")"/task/*/schedstat | awk '{ waited += $2 } END { print waited / 1e9 }' >"$out/$1-waited"
	cut -d' ' -f1 /proc/loadavg >"$out/$1-load"
	cp "$LAB_DIR/log/osd.0.log" "$out/$1-osd.log"
}

# The OSD sleeps through `flapping` epochs that change nothing about snapshots: what a start costs without a set to speak of.
baseline() {
	ceph osd pool create snaps "$pgs"
	wait_until 120 "the pool to be clean" pool_is_clean
	stop_osd
	wait_until 60 "the monitor to see osd.0 down" osd_is_down
	python3 "$here/churn.py" epochs "$((flapping + 2 * rotations))" >"$out/baseline-epoch"
	start_osd baseline
}

pool_is_clean() { ceph pg stat -f json 2>/dev/null | jq -e '[(.pg_summary // .).num_pg_by_state[].name] == ["active+clean"]' >/dev/null; }
osd_is_down() { ceph osd dump -f json 2>/dev/null | jq -e '.osds[0].up == 0' >/dev/null; }
epoch() { ceph osd dump -f json | jq .epoch; }

large() {
	local before grown
	stop_osd
	wait_until 60 "the monitor to see osd.0 down" osd_is_down
	before=$(epoch)
	grown=$(python3 "$here/churn.py" grow snaps "$intervals")
	python3 "$here/churn.py" rotate snaps "$rotations" >/dev/null
	python3 "$here/churn.py" epochs "$flapping" >"$out/large-epoch"
	echo "$before $grown $(cat "$out/large-epoch")" >"$out/large-epochs"
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
stop_osd
start_osd first
timed "$((flapping + 2 * rotations)) epochs without a set" baseline
timed "$intervals intervals, $rotations rotations, $flapping epochs" large
