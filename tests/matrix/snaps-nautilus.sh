#!/bin/bash
# SPDX-License-Identifier: MIT
# background/2 on a real Nautilus: deleted snapshots, what the OSD logs of them, and what they cost its start.
# usage: tests/matrix/snaps-nautilus.sh [DIR]     DIR keeps what the clusters said; without it a temporary folder
#
# Two clusters of Debian bullseye's Ceph 14.2.21, one that still requires luminous and one as it comes. On each: snapshots of an
# image as background/2 makes them, and fenceline's account must be what `rbd snap ls` says, id by id; then thousands of
# intervals, a long run of epochs while the OSD is down, and its measured start beside fenceline's prediction.
# Prints reasons; exits 0, 1, or 77 with why it was skipped. Sizes: SNAPS_INTERVALS, SNAPS_ROTATIONS, SNAPS_EPOCHS, SNAPS_PGS.
set -eu
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
intervals=${SNAPS_INTERVALS:-2000} rotations=${SNAPS_ROTATIONS:-100} epochs=${SNAPS_EPOCHS:-300} pgs=${SNAPS_PGS:-64}
# shellcheck source=/dev/null
. "$top/tools/lab/lib/log.sh"
# shellcheck source=/dev/null
. "$top/tools/lab/lib/namespace.sh"

if [ "${1:-}" = --inside ]; then # ROOT OUT MODE: process 1 of namespaces of its own
	root=$2 out=$3 mode=$4
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
		bash /mnt/top/tests/matrix/snaps/inside.sh /mnt/out /mnt/top/tools/lab "$mode" "$intervals" "$rotations" "$epochs" "$pgs"
fi

[ "$(id -u)" = 0 ] || { echo "needs root: chroot and namespaces"; exit 77; }
fenceline=${FENCELINE:-${FENCELINE_BUILD:-$top/build}/bin/fenceline}
[ -x "$fenceline" ] || { echo "FAIL: $fenceline is not there; build it first"; exit 1; }
root=$("$top/tests/matrix/suite" bullseye ceph-mon ceph-osd ceph-mgr ceph-common python3-rados python3-rbd jq iproute2 procps) ||
	{ echo "FAIL: no bullseye to run it in"; exit 1; }
dir=${1:-}
[ -n "$dir" ] || { dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; }
failed=0

wrong() { echo "FAIL: $*"; failed=1; }
first_of() { # FILTER INPUT...: of fenceline's JSON
	local filter=$1
	shift
	"$fenceline" snaps --format json "$@" 2>"$dir/stderr" | jq -c "$filter"
}

# same WHAT WANTED FILTER INPUT...
same() {
	local what=$1 wanted=$2 got
	shift 2
	got=$(first_of "$@")
	if [ "$got" = "$wanted" ]; then echo "  $what: $got"; else wrong "$what: $got instead of $wanted"; fi
}

LIVE='[.pools[]|select(.name=="volumes" or .pool==1)|.live_ranges[]|range(.[0];.[1]+1)]'

check_account() { # MODE
	local out=$dir/$1 alive last seq
	alive=$(jq -c '[.[].id]' "$out/experiment-snaps.json")
	seq=$(jq '.pools[]|select(.pool_name=="volumes").snap_seq' "$out/experiment-dump.json")
	echo "$1: rbd snap ls says $alive are alive, the osdmap's snap_seq is $seq"
	same "account of the osd dump (JSON)" "$alive" "$LIVE" "$out/experiment-dump.json"
	same "account of all maps" "$alive" "$LIVE" "$out/experiment-maps.json"
	same "account of the osd dump (text), its newest snapshots aside" "$(jq -c --argjson a "$alive" -n '$a|map(select(. < ($a|max)))')" \
		"$LIVE" "$out/experiment-dump.txt"
	same "burnt ids that the maps' history tells" "$(burnt_by_rbd "$out")" '.pools[]|select(.name=="volumes").burnt_ids' "$out/experiment-maps.json"
	if [ "$1" = luminous ]; then
		# the line's own snapc is 0: ids above the last removed one are not in the log
		last=$(first_of '.pools[]|select(.pool==1).snap_seq' "$out/experiment-osd.log")
		same "account of the OSD's own debug 20 lines, up to id $last" "$(jq -c --argjson l "$last" 'map(.id)|map(select(. <= $l))' "$out/experiment-snaps.json")" \
			"$LIVE" "$out/experiment-osd.log"
		same "does it pay at start?" true '.pools[]|select(.pool==1).pays_at_start' "$out/experiment-dump.json"
		same "and as the log tells it" true '.pools[]|select(.pool==1).pays_at_start' "$out/experiment-osd.log"
	else
		grep -q 'handle_advance_map' "$out/experiment-osd.log" || wrong "the default cluster's OSD did not log at debug 20"
		if grep -q 'PGPool::update cached_removed_snaps \[[0-9a-f]' "$out/experiment-osd.log"; then wrong "the default cluster's OSD still holds a set"; fi
		same "does it pay at start?" false '.pools[]|select(.pool==1).pays_at_start' "$out/experiment-dump.json"
	fi
}

# Every deletion of the experiment burnt the id that the osdmap's snap_seq moved to: known from the maps' own snap_seq.
burnt_by_rbd() {
	jq -cs '[.[].pools[]|select(.pool_name=="volumes")|{s:.snap_seq,r:.removed_snaps}] as $m
		| [range(1;$m|length) as $i | select($m[$i].r != $m[$i-1].r and $m[$i].s > 2) | $m[$i].s]' "$1/experiment-maps.json"
}

# seconds NAME: from the OSD's first line to "booting -> active"
seconds() {
	awk '/state: booting -> active/ { print t($2) - first; exit } !first && $2 ~ /:/ { first = t($2) }
		function t(clock, part) { split(clock, part, ":"); return part[1] * 3600 + part[2] * 60 + part[3] }' "$dir/$1-osd.log"
}

# run NAME: which of the simulation's runs
predict() { # MODE ALGORITHM
	local before grown end updates deletions
	read -r before grown end <"$dir/$1/large-epochs"
	# a third of the growth's operations were deletions
	updates=$((grown - before + 2 * rotations)) deletions=$(((grown - before) / 3 + rotations))
	first_of "[.pools[]|select(.name==\"snaps\")|.intervals,(.cost|.epochs,.updates,(.runs[]|select(.algorithm==\"$2\")|.map_s,.copy_s,.set_s,.start_s))]" \
		--pool snaps --simulate --epochs $((end - before)) --pgs "$pgs" --updates "$updates" --deletions "$deletions" --threads "$(nproc)" "$dir/$1/large-dump.json"
}

# alone NAME: how long the start would have taken on a machine of its own. Its threads were ready to run longer than they ran: the
# start is stretched in that proportion. On an idle machine nothing waits, and it is the wall time as it is.
alone() { # MODE/NAME
	awk -v wall="$(seconds "$1")" -v cpu="$(cat "$dir/$1-cpu")" -v waited="$(cat "$dir/$1-waited")" 'BEGIN { print wall * cpu / (cpu + waited) }'
}

# Both must come within a factor of 2: CPU time, and wall time of a machine of its own.
compare_start() { # MODE ALGORITHM
	predict "$1" "$2" | jq -r --argjson walked "$((epochs + 2 * rotations))" --arg mode "$1" --argjson cpus "$(nproc)" \
		--argjson base "$(alone "$1/baseline")" --argjson large "$(alone "$1/large")" --argjson wall_measured "$(seconds "$1/large")" \
		--argjson base_cpu "$(cat "$dir/$1/baseline-cpu")" --argjson large_cpu "$(cat "$dir/$1/large-cpu")" \
		--argjson waited "$(cat "$dir/$1/large-waited")" --argjson load "$(cat "$dir/$1/large-load")" '
		def s: . * 10 | round / 10 | tostring + " s";
		def off($a; $b): $a > 2 * $b or $b > 2 * $a;
		. as [$intervals,$all,$updates,$map,$copy,$set,$start]
		| ($all / $walked) as $times
		| ($base_cpu * $times + $map + $copy + $set) as $cpu | ($base * $times + $start) as $wall
		| "\($mode): \($intervals) intervals; the OSD walks \($all) epochs, at \($updates) of them snapshots were made or deleted",
		  "                             CPU time    wall",
		  "  without a set, measured    \($base_cpu * $times | s)      \($base * $times | s)    (\($walked) epochs, scaled)",
		  "  the set adds, predicted    \($map + $copy + $set | s)      \($start | s)    (maps \($map | s), copies \($copy | s), set work \($set | s))",
		  "  the set adds, measured     \($large_cpu - $base_cpu * $times | s)      \($large - $base * $times | s)",
		  "  start-up predicted         \($cpu | s)      \($wall | s)",
		  "  start-up measured          \($large_cpu | s)      \($large | s)    (\($wall_measured | s), in which threads waited \($waited | s) for a CPU; load \($load), \($cpus) CPUs)",
		  (if off($cpu; $large_cpu) then "FAIL: \($mode): predicted and measured CPU time of the start differ by more than a factor of 2" else empty end),
		  (if off($wall; $large) then "FAIL: \($mode): predicted and measured time of the start differ by more than a factor of 2" else empty end)' |
		tee "$dir/$1/compared"
	[ -s "$dir/$1/compared" ] || wrong "$1: nothing to compare"
	if grep -q FAIL "$dir/$1/compared"; then failed=1; fi
}

for mode in luminous default; do
	mkdir -p "$dir/$mode"
	in_namespaces bash "$0" --inside "$root" "$dir/$mode" "$mode" || { wrong "the $mode cluster did not run: $(tail -3 "$dir/$mode/lab/log/cluster-up.log" 2>/dev/null)"; continue; }
	check_account "$mode"
	[ "$(jq '.pools[]|select(.pool_name=="snaps").removed_snaps|split(",")|length' "$dir/$mode/large-dump.json")" -ge "$intervals" ] ||
		wrong "$mode: the set did not grow to $intervals intervals"
done
compare_start luminous "14.2.21 at luminous"
compare_start default "14.2.21 at mimic on"
exit "$failed"
