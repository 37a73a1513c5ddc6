#!/bin/bash
# SPDX-License-Identifier: MIT
# On a current release removed_snaps is gone: snapshots are deleted on a real cluster of this machine's Ceph, and fenceline
# shows the removal queue drain. usage: tests/matrix/snaps-queue.sh [DIR]     DIR keeps what the cluster said
# Prints reasons; exits 0, 1, or 77 with why it was skipped.
set -eu
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
# shellcheck source=/dev/null
for part in log wait namespace cluster; do . "$top/tools/lab/lib/$part.sh"; done
fenceline=${FENCELINE:-${FENCELINE_BUILD:-$top/build}/bin/fenceline}
export LAB_STORAGE_IP=10.99.0.1

dump() {
	ceph osd dump -f json >"$dir/$1-dump.json"
	ceph pg dump -f json >"$dir/$1-pg.json" 2>/dev/null
}

# the manager learns of the placement groups' queues every few seconds
queues_are_told() { ceph pg dump -f json 2>/dev/null | jq -e '[(.pg_map // .).pg_stats[].snaptrimq_len] | add > 0' >/dev/null; }
queue_is_empty() { ceph osd dump -f json | tee "$dir/last-dump.json" | jq -e '.removed_snaps_queue == []' >/dev/null; }

inside() {
	settle_in
	export LAB_CEPH_EXTRA=$'osd_snap_trim_sleep = 2\n'
	timed "a cluster of $(ceph --version | cut -d' ' -f3)" cluster_up
	rbd create "$LAB_POOL/image" --size 64M
	for i in 1 2 3 4 5 6 7 8; do
		rbd bench "$LAB_POOL/image" --io-type write --io-size 64K --io-total 2M >/dev/null
		rbd snap create --no-progress "$LAB_POOL/image@s$i" 2>/dev/null || rbd snap create "$LAB_POOL/image@s$i"
	done
	# librbd's own snapshot, made to validate the pool, is on its way out, too
	wait_until 120 "the removal queue to be empty" queue_is_empty
	dump before
	for i in 1 3 5 7; do rbd snap rm --no-progress "$LAB_POOL/image@s$i"; done
	ceph osd dump -f json >"$dir/filled-dump.json"
	wait_until 60 "the manager to know of the trim queues" queues_are_told
	ceph pg dump -f json >"$dir/filled-pg.json" 2>/dev/null
	timed "the removal queue to drain" wait_until 240 "the removal queue to be empty" queue_is_empty
	dump drained
}

if [ "${1:-}" = --inside ]; then
	dir=$2
	inside
	exit
fi

[ "$(id -u)" = 0 ] || { echo "needs root: namespaces"; exit 77; }
command -v ceph-osd >/dev/null || { echo "no Ceph on this machine"; exit 77; }
[ "$(ceph --version | sed 's/.*version \([0-9]*\).*/\1/')" -ge 15 ] || { echo "this machine's Ceph is older than Octopus"; exit 77; }
[ -x "$fenceline" ] || { echo "FAIL: $fenceline is not there; build it first"; exit 1; }
dir=${1:-}
[ -n "$dir" ] || { dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; }
mkdir -p "$dir"
in_namespaces bash "$0" --inside "$dir" || { echo "FAIL: the cluster did not run to the end"; exit 1; }

"$fenceline" snaps "$dir"/{before,filled,drained}-dump.json "$dir/filled-pg.json"
got=$("$fenceline" snaps --format json "$dir"/{before,filled,drained}-dump.json "$dir/filled-pg.json" |
	jq -c '.pools[]|select(.name=="volumes")|[.pays_at_start,.intervals,.removal_queue.snaps,(.removal_queue.snaptrim_pgs>0),[.samples[].queue_snaps]]')
case $got in
'[false,null,0,true,[0,'[1-9]*',0]]') echo "the queue filled and drained: $got" ;;
*) echo "FAIL: the removal queue: $got"; exit 1 ;;
esac
