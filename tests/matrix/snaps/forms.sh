#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs in network and PID namespaces of its own, on this machine or in a suite's chroot: snapshots on a real cluster, and in OUT what
# each of Ceph's own commands says of them. Trimming is held back, so that all of it tells of one state.
# usage: forms.sh OUT LAB
set -eu
out=$1 lab=$2
ip link set lo up
ip address add 10.99.0.1/32 dev lo
export LAB_DIR=$out/lab CEPH_CONF=$out/lab/ceph.conf LAB_STORAGE_IP=10.99.0.1 LAB_DEBUG_OSD=20
LAB_CEPH_EXTRA='paxos_propose_interval = 0.05
osd_snap_trim_sleep = 1
osd_pool_default_pg_num = 8
pid_file = $run_dir/$name.pid
'
export LAB_CEPH_EXTRA
# shellcheck source=/dev/null
for part in log wait cluster; do . "$lab/lib/$part.sh"; done

snap() { # create|rm NAME...
	local what=$1 name
	shift
	for name in "$@"; do rbd snap "$what" "$LAB_POOL/disk@$name" >/dev/null 2>&1 || die "rbd snap $what $name"; done
}

# The manager learns of the placement groups' queues every few seconds: all must have told of the three deletions.
queues_are_told() {
	ceph pg dump -f json 2>/dev/null |
		jq -e '[(.pg_map // .).pg_stats[] | select(.pgid | startswith("1.")).snaptrimq_len] | length == 8 and (unique | length == 1 and .[0] >= 3)' >/dev/null
}

# Debian's ceph-dencoder of 16 and later comes without its plugins: there osdmaptool dumps full maps, and nothing incremental ones.
has_dencoder() { ceph --version | grep -q ' 14\.'; }

# Full maps as the monitor hands them out, incremental ones as it keeps them.
maps() {
	local e last
	last=$(map_epoch)
	mkdir -p "$out/incrementals"
	for e in $(seq 1 "$last"); do
		ceph osd getmap "$e" -o "$out/map" 2>/dev/null
		if has_dencoder; then
			ceph-dencoder type OSDMap import "$out/map" decode dump_json
		else
			osdmaptool --dump json "$out/map" 2>/dev/null | sed '/^osdmaptool:/d'
		fi
	done >"$out/osdmaps.json"
	pid=$(cat "$LAB_DIR/ceph/mon.a.pid")
	kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
	for e in $(seq 2 "$last"); do
		ceph-kvstore-tool rocksdb "$LAB_DIR/ceph/mon/store.db" get osdmap "$e" out "$out/incrementals/$e" >/dev/null 2>&1
		! has_dencoder || ceph-dencoder type OSDMap::Incremental import "$out/incrementals/$e" decode dump_json
	done >"$out/incrementals.json"
	rm -f "$out/map"
}

map_epoch() { ceph osd dump -f json | jq .epoch; }

# What was removed while the pool was made may still be purged: the map moves on between two commands.
forms_of_one_map() {
	local form epoch
	epoch=$(map_epoch)
	for form in osd-dump:"osd dump" pool-ls:"osd pool ls detail" pg-dump:"pg dump" pg-ls:"pg ls"; do
		# shellcheck disable=SC2086
		ceph ${form#*:} >"$out/${form%%:*}.txt" 2>/dev/null
		# shellcheck disable=SC2086
		ceph ${form#*:} -f json >"$out/${form%%:*}.json" 2>/dev/null
	done
	[ "$epoch" = "$(map_epoch)" ]
}

timed "a cluster of $(ceph --version | cut -d' ' -f3)" cluster_up
rbd create "$LAB_POOL/disk" --size 64M
for name in 1 2 3 4 5 6; do
	rbd bench "$LAB_POOL/disk" --io-type write --io-size 64K --io-total 2M >/dev/null
	snap create "s$name"
done
ceph osd set nosnaptrim 2>/dev/null || true
snap rm s2 s5 s4
snap create last
wait_until 60 "trim queues in pg dump" queues_are_told
rbd snap ls "$LAB_POOL/disk" --format json | jq -c '[.[].id]' >"$out/alive.json"
wait_until 60 "all forms of one map" forms_of_one_map
cp "$LAB_DIR/log/osd.0.log" "$out/osd.log"
timed "its maps" maps
