#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline snaps` on what real clusters logged and dumped (tests/fixtures/snaps), and on input that is broken.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-${BUILD_DIR:-$root/build}}
snaps=("$build/bin/fenceline" snaps)
golden=$root/tests/fixtures/snaps
[ -x "${snaps[0]}" ] || { echo "FAIL: fenceline is not built in $build"; exit 1; }
command -v jq >/dev/null || { echo "jq is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() { echo "FAIL: $*"; failed=1; }

# expect WHAT FILTER WANTED INPUT...: the JSON report, through jq -c
expect() {
	local what=$1 filter=$2 wanted=$3 got
	shift 3
	got=$("${snaps[@]}" --format json "$@" 2>"$work/stderr" | jq -c "$filter" 2>&1)
	[ "$got" = "$wanted" ] || fail "$what: $got instead of $wanted ($(head -1 "$work/stderr"))"
}

# complains WHAT PATTERN CODE INPUT...
complains() {
	local what=$1 pattern=$2 wanted=$3 code=0
	shift 3
	"${snaps[@]}" "$@" >"$work/stdout" 2>"$work/stderr" || code=$?
	[ "$code" = "$wanted" ] || fail "$what: exit code $code instead of $wanted"
	grep -qE -- "$pattern" "$work/stderr" || fail "$what: nothing like '$pattern' on stderr: $(head -1 "$work/stderr")"
}

numbers='.pools[0]|[.intervals,.removed,.snap_seq,.live,.burnt]'
expect "the log line of background/2" "$numbers" '[82,4679,4798,119,2339]' "$golden/background-2.log"
gzip -c "$golden/background-2.log" >"$work/line.gz"
expect "the same line, compressed" "$numbers" '[82,4679,4798,119,2339]' "$work/line.gz"
(printf 'ceph-osd.3.log.1:'; cat "$golden/background-2.log") >"$work/grepped"
expect "the same line, with grep's file name" "$numbers" '[82,4679,4798,119,2339]' "$work/grepped"
echo '[1~3,8~1,a~1]' >"$work/set"
expect "the experiment's set" '.pools[0]|[.live_ranges,.burnt,.burnt_ids,.live]' '[[[4,7],[9,9]],2,null,5]' --snap-seq 10 "$work/set"
expect "the experiment's set, with more alive" '.pools[0]|[.live_ranges,.snap_seq]' '[[[4,7],[9,9],[11,12]],12]' --snap-seq 12 "$work/set"
got=$("${snaps[@]}" --snap-seq 10 --format json - <"$work/set" | jq -c '.pools[0].delete_together')
[ "$got" = '[[9],[4,5,6,7]]' ] || fail "stdin: groups $got"
expect "the series of incrementals names what was burnt" '.pools[0]|[.pool,.burnt_ids,.burnt_by,.growth_per_deletion,([.samples[].epoch]|[.[0],.[-1],length])]' \
	'[30,[10],[{"epoch":23310,"burnt":10,"removed":8}],2,[23304,23310,7]]' "$golden/background-2-incrementals.json"

# A real 14.2.21 that requires luminous: ids 4, 6, 7 and 9 were alive (rbd snap ls).
for input in osdmaps.json pool-ls.json osd-dump.txt; do
	expect "Nautilus, $input" '.pools[0]|[.pool,.name,.removed]' '[1,"rbd",5]' "$golden/nautilus-luminous-$input"
done
expect "Nautilus, the maps' history" '.require_osd_release,(.pools[0]|[.live_ranges,.burnt_ids,.pays_at_start])' \
	'"luminous"
[[[4,4],[6,7],[9,9]],[3,8],true]' "$golden/nautilus-luminous-osdmaps.json"
expect "Nautilus, debug 20 names pool and epoch" '.pools[]|[.pool,.log_lines,.burnt_ids,[.samples[]|[.epoch,.removed]]]' \
	'[1,64,[3,8],[[8,1],[9,3],[14,5]]]' "$golden/nautilus-luminous-osd.log"
expect "Nautilus, log, dump and maps together are one history" '.pools|[length,.[0].live_ranges,.[0].burnt_ids]' '[1,[[4,4],[6,7],[9,9]],[3,8]]' \
	"$golden"/nautilus-luminous-{osd.log,osd-dump.txt,osdmaps.json,pg-dump.txt}

# A real 16.2.15 whose removal queue drains
expect "Pacific, the queue drains" '.pools[0]|[.intervals,.removal_queue.snaps,.pays_at_start,([.samples[].queue_snaps]|[.[0],.[-1]])]' \
	'[null,0,false,[5,0]]' "$golden/pacific-queue-drains.json"
expect "Pacific, osd dump and pg dump as text" '.pools[0]|[.removal_queue.intervals,.removal_queue.snaps,.removal_queue.snaptrim_pgs>0]' '[4,4,true]' \
	"$golden/pacific-osd-dump.txt" "$golden/pacific-pg-dump.txt"

# What Ceph's own commands print, of each release (excerpts; from 15 on the map keeps no removed_snaps, and it must not be taken for an empty one)
expect "14, incremental maps with the nested lists of its dumper" '.pools|[length,(.[0]|.live_ranges,.burnt_ids,.removal_queue.snaps)]' \
	'[1,[[4,4],[6,6],[9,9],[13,13]],[3,10,11,12],3]' "$golden/nautilus-incrementals.json"
expect "14, osd dump as JSON" '.pools[0]|[.live,.pays_at_start,.removal_queue.snaps]' '[4,false,3]' "$golden/nautilus-osd-dump.json"
expect "14, pool ls detail as text, which has no snap_seq: how many are alive is no fact" '.pools[0]|[.live,.live_least,.snap_seq_from,.removal_queue.intervals,.pays]' '[null,3,"last removed id",2,"in part"]' "$golden/nautilus-pool-ls.txt"
for release in pacific reef tentacle; do
	expect "$release, pool ls detail as JSON" '.pools[0]|[.intervals,.live,.live_ranges,.pays_at_start]' '[null,null,null,false]' "$golden/$release-pool-ls.json"
done
expect "16, incremental maps: the queue grows and drains" '.pools[0]|[.live,.burnt_ids,([.samples[].queue_snaps]|max),.removal_queue.snaps]' '[null,null,4,3]' "$golden/pacific-incrementals.json"
for release in reef tentacle; do
	expect "$release, osd dump as text" '.pools|[length,(.[0]|.live,.pays_at_start,.removal_queue.intervals,.removal_queue.snaps)]' '[1,null,false,2,3]' "$golden/$release-osd-dump.txt"
done
expect "18, pg dump as text" '.pools[0].removal_queue|[.snaptrim_pgs,.snaptrim_queued]' '[4,12]' "$golden/reef-pg-dump.txt"
expect "20, pg dump as text" '.pools[0].removal_queue|[.snaptrim_pgs,.snaptrim_queued]' '[4,8]' "$golden/tentacle-pg-dump.txt"

{ cat "$golden/nautilus-incrementals.json"; echo '{"epoch": 900, "require_osd_release": "octopus", "pools": [{"pool": 1, "snap_mode": "selfmanaged", "snap_seq": 20, "removed_snaps": "[]"}]}'; } >"$work/upgraded.json"
expect "an upgrade ends what the maps knew" '.pools[0]|[.snap_seq,.intervals,.live,.burnt_ids,.burnt_by,.pays_at_start]' '[20,null,null,null,[],false]' "$work/upgraded.json"

# Broken input: named, and what can be counted is counted
echo '[1~3,5~0,8~1,8~2,c~1,d~1,4~1,ffffffffffffffff~2]' >"$work/broken"
expect "a set with every fault" '.pools[0]|[.intervals,.removed]' '[3,8]' "$work/broken"
for fault in '1:6: 5~0: an interval of length zero' '1:14: 8~2: .*overlaps' '1:22: d~1: .*touches' '1:26: 4~1: .*starts before' '1:30: ffffffffffffffff~2: .*64-bit'; do
	complains "the fault $fault" "$work/broken:$fault" 0 "$work/broken"
done
head -c 300 "$golden/background-2.log" >"$work/half"
complains "half a line" "half:1:29[0-9]: .*cut off" 0 "$work/half"
expect "half a line is counted as far as it goes" '.pools[0].intervals > 20' true "$work/half"
for _ in $(seq 30); do cat "$golden/nautilus-luminous-osd.log"; done | gzip -1 >"$work/whole.gz"
head -c $(($(stat -c %s "$work/whole.gz") / 2)) "$work/whole.gz" >"$work/half.gz"
complains "a damaged archive" "half.gz: damaged" 0 "$work/half.gz"
expect "a damaged archive is counted as far as it goes" '.pools[0].log_lines > 500' true "$work/half.gz"
echo '{"epoch": 5, "pools": [{"pool": 1, "snap_mode": "selfmanaged", "snap_seq": 3, "removed_snaps": "[1~3,8~1]"}]} {"epoch": 6, "poo' >"$work/cut.json"
complains "a snap_seq below the last id" 'epoch 5: pool 1: snap_seq 3 is below the last removed id, 8' 0 "$work/cut.json"
complains "JSON that ends in the middle" 'cut.json:1: this JSON is broken' 0 "$work/cut.json"
echo '{"epoch": 5, "pools": [{"pool": 1, "snap_mode": "selfmanaged", "snap_seq": 9, "removed_snaps": "[1~3,5~0,8~1,zz"}]}' >"$work/faults.json"
complains "an interval in a map" 'faults.json: epoch 5: pool 1: 5~0: an interval of length zero' 0 "$work/faults.json"
complains "no interval in a map" 'faults.json: epoch 5: pool 1: not an interval' 0 "$work/faults.json"
expect "a map with faults is counted as far as it goes" '.pools[0]|[.intervals,.removed,(.live_ranges|length)]' '[2,4,2]' "$work/faults.json"
echo "nothing of interest" >"$work/other"
complains "nothing known" 'nothing known in it' 0 "$work/other"
: >"$work/empty"
complains "an empty file" 'is empty' 1 "$work/empty"
printf "pool 1 'v' replicated size 3 min_size 2 crush_rule 0 flags hashpspool,selfmanaged_snaps\n\tremoved_snaps [1~3]\n" > "$work/one-pool"
complains "an empty file beside another" 'is empty' 0 "$work/empty" "$work/one-pool"
dump() { printf "epoch %s\nmodified 2021-03-0%sT10:00:00.000000+0000\nrequire_osd_release octopus\npool 1 'v' replicated size 3 min_size 2 crush_rule 0 flags hashpspool,selfmanaged_snaps\n%smax_osd 3\n" "$@"; }
{ dump 100 1 $'\tremoved_snaps_queue [5~1,7~2]\n' && dump 200 2 ''; } > "$work/drained"
expect "a queue that a whole dump no longer has is trimmed" '.pools[0]|[.removal_queue.snaps,.churn_per_day]' '[0,null]' "$work/drained"
for fsid in aaaaaaaa bbbbbbbb; do
	{ printf 'epoch 9\nfsid %s-1111-4222-8333-444444444444\n' $fsid && cat "$work/one-pool"; } > "$work/of-$fsid"
done
complains "two clusters' dumps" 'of-bbbbbbbb:2: is of another cluster .fsid bbbbbbbb-' 0 "$work/of-aaaaaaaa" "$work/of-bbbbbbbb"
printf "pool 1 'v' replicated size 3 min_size 2 crush_rule 0 flags hashpspool,selfmanaged_snaps\n\tremoved_snaps [...]\nmax_osd 3\n" > "$work/elided"
complains "a set that somebody cut out" 'not an interval' 0 "$work/elided"
expect "a set that somebody cut out is not known" '.pools[0]|[.intervals,.removed]' '[null,null]' "$work/elided"
complains "a missing file" 'No such file' 1 "$work/missing"
complains "a folder" 'is a folder' 1 "$work"
complains "no input" 'no INPUT' 2
complains "an unknown format" "no format 'xml'" 2 --format xml "$work/set"
complains "a pool that is not there" "no pool 'x'" 1 --pool x "$golden/nautilus-luminous-osd-dump.txt"
complains "more updates than epochs" 'more updates than epochs' 2 --simulate --epochs 5 --updates 6 "$work/set"

# The bar fits the terminal; no control character of a pool's name reaches it
printf "epoch 3\npool 1 'a\033[31mb' replicated flags selfmanaged_snaps\n\tremoved_snaps [1~3,8~1,a~1]\n" >"$work/evil"
for width in 80 130; do
	longest=$(COLUMNS=$width LC_ALL=C.UTF-8 "${snaps[@]}" --simulate --epochs 50 "$golden/background-2.log" | LC_ALL=C.UTF-8 wc -L)
	[ "$longest" -le "$width" ] || fail "at $width columns a line has $longest"
done
"${snaps[@]}" "$work/evil" | grep -q "$(printf '\033')" && fail "an escape sequence of a pool's name reached the terminal"
LC_ALL=C "${snaps[@]}" "$golden/background-2.log" | LC_ALL=C grep -q '[^ -~]' && fail "the C locale gets more than ASCII"

# The page asks the network for nothing, and a name cannot end its script
sed -i 's/a.*b/<\/script>/' "$work/evil"
"${snaps[@]}" --format html "$work/evil" >"$work/page.html" || fail "html: exit code $?"
grep -qE '(src|href)=|url\(|@import|fetch\(|XMLHttp' "$work/page.html" && fail "the page refers to something outside"
[ "$(grep -c '</script>' "$work/page.html")" = 2 ] || fail "the name of a pool ended a script"

# Both algorithms really run; what each did adds up
"${snaps[@]}" --format json --simulate --epochs 200 --pgs 4 --updates 20 --deletions 10 "$golden/background-2.log" >"$work/cost.json"
jq -e '.pools[0].cost | (.runs | length == 5) and all(.runs[]; .ran.whole and .ran.updates == 20 and .operations.copied >= 82 * 200 * 4)
	and (.runs[0].operations.erased >= 82 * 20 * 4) and (.runs[1].operations.erased == 0) and (.runs[2].operations.erased >= 82 * 10 * 4)
	and (.runs[4].operations.searched == 0) and (.by_intervals | length >= 5)' "$work/cost.json" >/dev/null || fail "the simulation: $(jq -c '.pools[0].cost.runs' "$work/cost.json")"

if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
	for input in "$golden"/*; do
		"${snaps[@]}" --format json "$input" >"$work/report.json" 2>/dev/null
		/usr/bin/python3 -W ignore -m jsonschema -i "$work/report.json" "$root/tools/fenceline/snaps/schema/snaps-1.json" >"$work/schema" 2>&1 ||
			fail "$(basename "$input") against the schema: $(head -3 "$work/schema")"
	done
	/usr/bin/python3 -W ignore -m jsonschema -i "$work/cost.json" "$root/tools/fenceline/snaps/schema/snaps-1.json" >"$work/schema" 2>&1 ||
		fail "the simulation against the schema: $(head -3 "$work/schema")"
elif "$root/tools/install-deps" --list test 2>/dev/null | grep -qx python3-jsonschema; then
	fail "python3-jsonschema is not installed; tools/install-deps installs it"
fi
exit $failed
