#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The record daemon on a real Ceph: fences in a row, each by an `rbd` that ends at once, then many at once. One complete folder each, in
# time. DAEMON_ROW and DAEMON_ONCE are how many (DAEMON_ONCE: 20); DAEMON_BUFFERS is pid or uid.
# By name: it takes some minutes.
[ -n "${DAEMON_ROW:-}" ] || { echo "by name: DAEMON_ROW=6 tests/scenarios/daemon.sh"; exit 77; }
# shellcheck source=../lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
row=$DAEMON_ROW once=${DAEMON_ONCE:-20} buffers=${DAEMON_BUFFERS:-pid}
rm -rf "$dir" && mkdir -p "$dir"
mark_this_run
"$top/tools/lab/lab" run --watch-timeout 10 -- bash "$top/tests/scenarios/daemon/inside.sh" "$dir" "$buffers" "$row" "$once" >"$dir/lab.log" 2>&1 ||
    { echo "FAIL: the lab: $(tail -3 "$dir/lab.log")"; exit 1; }
nothing_left "afterwards"
jq -s . "$dir"/verdicts/*.json >"$dir/all.json"
of() { jq "$1" "$dir/all.json"; }
rows='[.[] | select(.incidents[0].image.name | startswith("row"))]'
check "$row fences in a row: a folder each" test "$(of "$rows | length")" = "$row"
for what in '.cause == "client-stalled"' '.confidence == "proven"' '.blocklist.entry == "exclusive-lock-break"' '.blocklist.process == "rbd"' \
    '.blocklist.entity == "client.cinder"' '(.blocklist.stack | length) > 3' '.snapshot_window.snap == "tonight"' '.failed_ios >= 1'; do
    n=$(of "$rows | map(select(.incidents[0] | $what)) | length")
    note "$([ "$n" = "$row" ] && echo yes)" "each of the $row: $what" "$n of $row"
done
many='[.[] | select(.incidents[0].image.name | startswith("once"))]'
check "$once fences at once: a folder each" test "$(of "$many | length")" = "$once"
n=$(of "$many | map(select(.incidents[0] | .confidence == \"proven\" and .blocklist.entity == \"client.admin\" and .failed_ios >= 1)) | length")
note "$([ "$n" = "$once" ] && echo yes)" "each of the $once: proven, by client.admin, with its failed I/O" "$n of $once"
incidents_of_one="[.[].incidents[0] | select(.image.name == \"once1\") | .failed_ios]"
n=$(of "$incidents_of_one | max // 0")
note "$([ "$n" -ge 900 ] && echo yes)" "the one with a thousand failing I/Os has them ($n)" "$n"
took=$(jq '(.folders_ns - .first_failed_ns) / 1e9' "$dir/once.json")
note "$(awk "BEGIN { if ($took <= 20) print 1 }")" "$once at once: all folders within 20 s of the first -108 ($took s)" "$took s"
check "each with one hook, or two where the verdict became stronger" test "$(wc -l <"$dir/hooks")" -ge $((row + once))
echo "folders of $once at once after $took s; daemon: $(awk '/VmHWM/ { print $2 " " $3 }' "$dir/daemon.status"), $(cat "$dir/daemon.fds") descriptors"
finish
