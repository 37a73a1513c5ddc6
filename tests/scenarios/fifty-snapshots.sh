#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `rbd snap create` is over in less than a second, and the proof of who fenced is in its trace: fifty in a row during one
# recording, and every one of them is there from its begin to its end.
. "$(dirname "$0")/../lib/live.sh"

rbd create "$LAB_POOL/disk" --size 64M
recording_start incident
for ((n = 1; n <= 50; n++)); do
    "${LAB_TRACED[@]}" rbd --id cinder snap create "$LAB_POOL/disk@s$n" >>"$dir/logs/rbd.log" 2>&1
done
recording_stop
tell_trace timeline

seq -f 's%g' 50 | sort >"$dir/logs/expected"
for kind in snapshot-begin snapshot-end; do
    jq -r --arg kind "$kind" 'select(.kind == $kind and .op == "create") | .snap' "$dir/timeline.ndjson" | sort >"$dir/logs/$kind"
    so "each of the 50 snapshots has one $kind" diff "$dir/logs/expected" "$dir/logs/$kind"
done
live_end
