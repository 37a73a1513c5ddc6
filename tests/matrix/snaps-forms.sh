#!/bin/bash
# SPDX-License-Identifier: MIT
# What Ceph's own commands say of snapshots, on real clusters of each release: every form must be recognised, and all must tell the
# same, as far as the release tells it at all. usage: tests/matrix/snaps-forms.sh [--keep DIR] [SUITE...]
# Without a SUITE: those of tests/matrix/suites (where built; tests/matrix/suite builds one), and "here", this machine's own Ceph.
# Prints reasons; exits 0, 1, or 77 with why it was skipped.
set -u
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
# shellcheck source=/dev/null
for part in log namespace; do . "$top/tools/lab/lib/$part.sh"; done

if [ "${1:-}" = --inside ]; then # ROOT OUT: process 1 of namespaces of its own
	root=$2 out=$3
	set -e
	if [ "$root" = here ]; then
		mount --make-rprivate /
		mount -t tmpfs tmpfs /run
		exec bash "$top/tests/matrix/snaps/forms.sh" "$out" "$top/tools/lab"
	fi
	# shellcheck source=/dev/null
	. "$top/tests/matrix/snaps/enter.sh"
	enter_suite "$root" "$out" forms.sh
fi

[ "$(id -u)" = 0 ] || { echo "needs root: chroot and namespaces"; exit 77; }
fenceline=${FENCELINE:-${FENCELINE_BUILD:-$top/build}/bin/fenceline}
[ -x "$fenceline" ] || { echo "FAIL: $fenceline is not there; build it first"; exit 1; }
dir=
[ "${1:-}" != --keep ] || { dir=$2; shift 2; }
[ -n "$dir" ] || { dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; }
suites=("$@")
here=bookworm # what this machine is
[ $# -gt 0 ] || mapfile -t suites < <(awk -v here=$here '!/^#/ && $1 != here { print $1 } END { print "here" }' "$top/tests/matrix/suites")
failed=0 ran=0

wrong() { echo "FAIL: $*"; failed=1; }

# same WHAT WANTED FILTER INPUT: of the pool that has had snapshots
same() {
	local got
	got=$("$fenceline" snaps --format json "$4" 2>"$dir/stderr" | jq -c ".pools[]|select(.pool==1)|$3")
	if [ "$got" = "$2" ]; then echo "  ${4##*/}: $1: $got"; else wrong "${4##*/}: $1: $got instead of $2 ($(head -1 "$dir/stderr"))"; fi
}

live='[.live_ranges[]|range(.[0];.[1]+1)]'
queue='.removal_queue|[.intervals,.snaps]'

# Up to Nautilus a map holds the set itself: every id is told.
check_sets() { # OUT ALIVE
	local out=$1 alive=$2 form but_newest
	but_newest=$(jq -c '. as $a|map(select(. < ($a|max)))' <<<"$alive") # a text holds no snap_seq
	for form in osd-dump pool-ls; do
		same "alive" "$alive" "$live" "$out/$form.json"
		same "alive, but for the newest" "$but_newest" "$live" "$out/$form.txt"
	done
	for form in osdmaps incrementals; do
		same "alive" "$alive" "$live" "$out/$form.json"
		same "each deletion's burnt id" 4 '.burnt_ids|length' "$out/$form.json" # three, and librbd's own to validate the pool
	done
}

# Later nothing tells them, and that must be said.
check_no_sets() { # OUT
	local form
	for form in osd-dump.json osd-dump.txt pool-ls.json pool-ls.txt osdmaps.json; do
		same "alive is not told, nothing is paid" '[null,null,false]' '[.intervals,.live_ranges,.pays_at_start]' "$1/$form"
	done
}

# snaptrimq OUT FORM: what a JSON of placement groups says of their queues
snaptrimq() { jq '[(.pg_map // .).pg_stats[].snaptrimq_len] | add' "$1/$2.json"; }

check() { # SUITE
	local out=$dir/$1 told form
	told=$(jq -c '[.removed_snaps_queue[]|select(.pool==1)|.snaps]|add|[length,(map(.length)|add)]' "$out/osd-dump.json")
	echo "$1: Ceph $(jq -r '[.. | .ceph_version? // empty][0] // ""' "$out/osd-dump.json")$(jq -r .require_osd_release "$out/osd-dump.json"); rbd snap ls: $(cat "$out/alive.json"); queue $told"
	for form in osd-dump.json osd-dump.txt pool-ls.txt; do
		same "queue" "$told" "$queue" "$out/$form"
	done
	for form in pg-dump.json pg-dump.txt pg-ls.json; do
		same "snaptrim queues" "$(snaptrimq "$out" "${form%.*}")" '.removal_queue.snaptrim_queued' "$out/$form"
	done
	if jq -e '[.pools[].removed_snaps] | map(select(. != "[]" and . != null)) == []' "$out/osd-dump.json" >/dev/null; then
		check_no_sets "$out"
	else
		check_sets "$out" "$(cat "$out/alive.json")"
	fi
}

for suite in "${suites[@]}"; do
	root=${XDG_CACHE_HOME:-$HOME/.cache}/fenceline/suites/$suite
	if [ "$suite" = here ]; then
		command -v ceph-osd >/dev/null || continue
		root=here
	elif [ ! -d "$root" ]; then
		[ $# -gt 0 ] || continue
		"$top/tests/matrix/suite" "$suite" >/dev/null || { wrong "no $suite to run it in"; continue; }
	fi
	rm -rf "${dir:?}/$suite"
	mkdir -p "$dir/$suite"
	in_namespaces bash "$0" --inside "$root" "$dir/$suite" || { wrong "the cluster of $suite did not run: $(tail -3 "$dir/$suite/lab/log/cluster-up.log" 2>/dev/null)"; continue; }
	ran=$((ran + 1))
	check "$suite"
done
[ "$ran" -gt 0 ] || [ "$failed" = 1 ] || { echo "no suite is built, and this machine has no Ceph"; exit 77; }
exit "$failed"
