#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `rbd snap create` is over in less than a second, and the proof of who fenced is in its trace: fifty in a row during one
# recording, and every one of them is there from its begin to its end.
if [ "${1:-}" != --inside ]; then
    . "$(dirname "$0")/../lib/scenario.sh"
    mkdir -p "$dir/logs"
    "$top/tools/lab/lab" run -- bash "$(realpath "$0")" --inside "$dir"
    exit
fi

set -eu -o pipefail
dir=$2
. "$LAB_HOME/lib/all.sh"
failures=0

rbd create "$LAB_POOL/disk" --size 64M
recording_start incident
for ((n = 1; n <= 50; n++)); do
    "${LAB_TRACED[@]}" rbd --id cinder snap create "$LAB_POOL/disk@s$n" >>"$dir/logs/rbd.log" 2>&1
done
recording_stop
"$FENCELINE" timeline --format ndjson "$LAB_DIR/trace" >"$dir/timeline.ndjson"

seq -f 's%g' 50 | sort >"$dir/logs/expected"
for kind in snapshot-begin snapshot-end; do
    jq -r --arg kind "$kind" 'select(.kind == $kind and .op == "create") | .snap' "$dir/timeline.ndjson" | sort >"$dir/logs/$kind"
    if diff "$dir/logs/expected" "$dir/logs/$kind" >"$dir/logs/$kind.diff"; then
        echo "so: each of the 50 snapshots has one $kind"
    else
        echo "NOT so: each has one $kind: $(tr '\n' ' ' <"$dir/logs/$kind.diff" | cut -c1-300)"
        failures=$((failures + 1))
    fi
done
[ "$failures" = 0 ] || { echo "FAIL: snapshots are missing from the trace, see above"; exit 1; }
