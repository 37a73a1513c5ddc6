#!/bin/bash
# SPDX-License-Identifier: MIT
# background/2 on a real Nautilus: deleted snapshots, what the OSD logs of them, and what they cost its start.
# usage: tests/matrix/snaps-nautilus.sh [DIR]     DIR keeps what the clusters said; without it a temporary folder
#
# Two clusters of Debian bullseye's Ceph 14.2.21, one that still requires luminous and one as it comes. On each: snapshots of an
# image as background/2 makes them, and fenceline's account must be what `rbd snap ls` says, id by id; then thousands of
# intervals, a long run of epochs while the OSD is down, and its measured start beside fenceline's prediction.
# Prints reasons; exits 0, 1, or 77 with why it was skipped. What to run: SNAPS_MODES ("luminous default"), SNAPS_INTERVALS, SNAPS_ROTATIONS, SNAPS_EPOCHS, SNAPS_PGS.
set -eu
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
modes=${SNAPS_MODES:-luminous default} intervals=${SNAPS_INTERVALS:-2000} rotations=${SNAPS_ROTATIONS:-100} epochs=${SNAPS_EPOCHS:-300} pgs=${SNAPS_PGS:-64}
# shellcheck source=/dev/null
. "$top/tools/lab/lib/log.sh"
# shellcheck source=/dev/null
. "$top/tools/lab/lib/namespace.sh"

if [ "${1:-}" = --inside ]; then # ROOT OUT MODE: process 1 of namespaces of its own
	root=$2 out=$3 mode=$4
	# shellcheck source=/dev/null
	. "$top/tests/matrix/snaps/enter.sh"
	enter_suite "$root" "$out" inside.sh "$mode" "$intervals" "$rotations" "$epochs" "$pgs"
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
	"${fenceline[@]}" snaps --format json "$@" 2>"$dir/stderr" | jq -c "$filter"
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

# as_the_osd COMMAND...: before other work, as the OSD was started
as_the_osd() {
	setsid --wait sh -c 'echo -20 >/proc/self/autogroup; exec nice -n -20 "$@"' sh "$@" 2>/dev/null
}

# predict MODE ALGORITHM: what the set adds to the start, of the simulation's run of this algorithm
predict() {
	local fenceline=("as_the_osd" "$fenceline")
	first_of "[.pools[]|select(.name==\"snaps\")|.intervals as \$n|.cost|.epochs as \$e|.runs[]|select(.algorithm==\"$2\")|.+{intervals:\$n,epochs:\$e}][0]" \
		--pool snaps --simulate --epochs "$(cat "$dir/$1/large-epochs")" --pgs "$pgs" --updates $((2 * rotations + 2)) \
		--deletions "$rotations" --threads 5 "$dir/$1/large-dump.json"
}

# Measured: the start of the same OSD after as many epochs without a set, and with it. Predicted: the former and what the simulation
# adds. Both the sum and what the set adds must come within a factor of 2: in CPU time always, in wall time where the machine was idle,
# for wall time measures the others, too.
compare_start() { # MODE ALGORITHM
	# on a hard disk, as it takes a memstore for one, 14.2.21 walks with 5 threads (osd_op_num_shards_hdd)
	predict "$1" "$2" | jq -r --arg mode "$1" --argjson cpus "$(nproc)" --argjson pgs "$pgs" --argjson rotations "$rotations" \
		--argjson slept "$(cat "$dir/$1/baseline-epochs")" --slurpfile base "$dir/$1/baseline-start.json" \
		--slurpfile large "$dir/$1/large-start.json" '
		def t: . * 100 | round / 100 | tostring + " s";
		def s: t | . + " " * ([0, 12 - length] | max);
		def off($a; $b): $a > 2 * $b or $b > 2 * $a;
		def fail($what): "FAIL: \($mode): \($what) differ by more than a factor of 2";
		. as $p | $base[0] as $b | $large[0] as $l | ($p.epochs / $slept) as $scale
		| ($b.cpu_s * $scale) as $bc | ($b.wall_s * $scale) as $bw
		| ([$b.load, $l.load] | max < $cpus) as $idle
		| "\($mode): \($p.intervals) intervals, \($pgs) placement groups; the OSD walks \($p.epochs) epochs, at \($rotations) of them a snapshot was deleted",
		  "                             CPU time      wall",
		  "  without a set, measured    \($bc | s)  \($bw | s)(\($slept) epochs, scaled; \($b.decoded) maps decoded again)",
		  "  the set adds, predicted    \($p.cpu_s | s)  \($p.start_s | s)(CPU: maps \($p.map_s + $p.again_s | t), decoded again \($p.decoded_again) times, copies \($p.copy_s | t), set work \($p.set_s | t); nodes from malloc \($p.in_order.cpu_s | t), from free lists \($p.scattered.cpu_s | t))",
		  "  the set adds, measured     \($l.cpu_s - $bc | s)  \($l.wall_s - $bw | s)",
		  "  start-up predicted         \($bc + $p.cpu_s | s)  \($bw + $p.start_s | s)",
		  "  start-up measured          \($l.cpu_s | s)  \($l.wall_s | s)(\($l.decoded) maps decoded again; threads waited \($l.waited_s | t) for a CPU; load \($l.load), \($cpus) CPUs)",
		  (if off($p.cpu_s; $l.cpu_s - $bc) then fail("predicted and measured CPU time of what the set adds") else empty end),
		  (if off($bc + $p.cpu_s; $l.cpu_s) then fail("predicted and measured CPU time of the start") else empty end),
		  (if $idle | not then "  (wall time is shown only: other work had the machine, load \([$b.load, $l.load] | max))"
		   elif off($bw + $p.start_s; $l.wall_s) then fail("predicted and measured time of the start") else empty end)' |
		tee "$dir/$1/compared"
	grep -q "start-up measured" "$dir/$1/compared" || wrong "$1: the comparison did not come to its end"
	if grep -q FAIL "$dir/$1/compared"; then failed=1; fi
}

for mode in $modes; do
	mkdir -p "$dir/$mode"
	in_namespaces bash "$0" --inside "$root" "$dir/$mode" "$mode" || { wrong "the $mode cluster did not run: $(tail -3 "$dir/$mode/lab/log/cluster-up.log" 2>/dev/null)"; continue; }
	check_account "$mode"
	[ "$(jq '.pools[]|select(.pool_name=="snaps").removed_snaps|split(",")|length' "$dir/$mode/large-dump.json")" -ge "$intervals" ] ||
		wrong "$mode: the set did not grow to $intervals intervals"
done
for mode in $modes; do
	case $mode in
	luminous) compare_start luminous "14.2.21 at luminous" ;;
	default) compare_start default "14.2.21 at mimic on" ;;
	esac
done
exit "$failed"
