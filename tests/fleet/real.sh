#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A real fence, explained in the store: a client of a real Ceph stands still, its watch expires, an rbd breaks its lock for a snapshot. The record
# daemon of the host ships, and a shipper of the monitors' audit log; `fenceline watch` has the proven verdict within 10 s of the first
# -108. usage: tests/fleet/real.sh FOLDER PORT
set -u -o pipefail
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")
dir=$1 port=$2
mkdir -p "$dir"
failed=0
note() { if [ "$1" = yes ]; then echo "ok fleet/$2"; else echo "FAIL fleet/$2: $3"; failed=1; fi; }
if ! timeout 400 "$top/tools/lab/lab" run --watch-timeout 10 -- bash "$here/real-inside.sh" "$dir" "$port" >"$dir/lab.log" 2>&1; then
    echo "FAIL fleet/real: the lab: $(tail -n 3 "$dir/lab.log" | tr '\n' ' ')"
    exit 1
fi
verdict=$dir/verdict.json
of() { jq -r "$1" "$verdict"; }
note "$([ "$(of '.cause + ", " + .confidence')" = "client-stalled, proven" ] && echo yes)" real-verdict-proven "$(of '.cause + ", " + .confidence')"
note "$([ "$(of '.blocklist.entity')" = client.cinder ] && [ "$(of '.snapshot_window.snap')" = tonight ] && echo yes)" real-verdict-names-fencer-and-snapshot "$(of '.blocklist')"
note "$(of '[.evidence[].source] | if any(endswith("ceph.audit.log")) and any(contains("/rec/")) then "yes" else "no" end')" real-evidence-of-monitor-and-hosts "$(of '[.evidence[].source] | tostring')"
took=$(jq -r '(.seen_ns - .first_ns) / 1e9' "$dir/took.json")
note "$(awk "BEGIN { if ($took <= 10) print \"yes\" }")" "real-within-10-s" "$took s from the first -108 to the verdict in the store"
note "$([ "$(cat "$dir/states")" -gt 0 ] && echo yes)" real-pages-shipped "no state rows of status pages"
echo "from the first -108 to the proven verdict in the store: $took s"
exit $failed
