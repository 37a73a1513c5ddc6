# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For tests/scenarios/*.sh: stage a scenario for real, then check what fenceline says about it against what Ceph said
# (facts.json, the audit log, QEMU's log). usage of such a test: SCRIPT [FOLDER]

set -u -o pipefail
# With mounts of its own: what others mount meanwhile (a debootstrap, say) is not taken for what this test left behind.
if [ -z "${FENCELINE_OWN_MOUNTS:-}" ] && unshare --mount --propagation private true 2>/dev/null; then
    FENCELINE_OWN_MOUNTS=1 exec unshare --mount --propagation private bash "$(realpath "$0")" "$@"
fi
unset FENCELINE_OWN_MOUNTS
top=$(dirname "$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")")
FENCELINE=${FENCELINE:-${FENCELINE_BUILD:-$top/build}/bin/fenceline}
export FENCELINE
dir=${1:-}
checks=0 failures=''

# A folder made here goes again, unless a check failed.
if [ -z "$dir" ]; then
    dir=$(mktemp -d)
    trap '[ -n "$failures" ] || rm -rf "$dir"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
fi

# What this run starts inherits a mark in its environment, and is known by it.
mark_this_run() {
    export FENCELINE_TEST_MARK=$$.$RANDOM.$SECONDS
    mounts_before=$(wc -l </proc/self/mountinfo)
}

# left_behind: the pids of what carries the mark; who asks carries none.
left_behind() {
    env -u FENCELINE_TEST_MARK grep -lzsx "FENCELINE_TEST_MARK=$FENCELINE_TEST_MARK" /proc/[0-9]*/environ | env -u FENCELINE_TEST_MARK cut -d/ -f3
}

nothing_left() { # WHEN
    local left=''
    # The kernel ends the processes of a PID namespace before its first one is reaped; this only bridges that moment.
    for _ in 1 2 3 4 5; do
        left=$(left_behind)
        [ -n "$left" ] || break
        sleep 1
    done
    check "$1: no process left" test -z "$left"
    check "$1: no mount left" test "$(wc -l </proc/self/mountinfo)" = "$mounts_before"
}

# stage [OPTION…] NAME: everything that lab leaves is then in $dir.
stage() {
    local code=0
    rm -rf "$dir"
    mark_this_run
    "$top/tools/lab/lab" scenario --out "$dir" "$@" || code=$?
    if [ "$code" != 0 ]; then
        echo "FAIL: the lab could not stage '$*' (exit code $code), see $dir/logs"
        exit 1
    fi
    nothing_left "afterwards"
}

note() { # OK|"" TEXT DETAIL
    checks=$((checks + 1))
    if [ -n "$1" ]; then
        echo "so: $2"
    else
        echo "NOT so: $2: $3"
        failures+="${failures:+; }$2: $3"
    fi
}

# check_json FILE "what shall be so" JQ-CONDITION [JQ-EXPRESSION to show when it is not]: $facts[0] is facts.json.
check_json() {
    local shown
    # jq 1.6 takes a file with nothing in it for true.
    if [ -s "$dir/$1" ] && jq -e --slurpfile facts "$dir/facts.json" "$3" "$dir/$1" >/dev/null 2>"$dir/jq.err"; then
        note yes "$2" ''
    else
        shown=$(jq -c --slurpfile facts "$dir/facts.json" "${4:-empty}" "$dir/$1" 2>&1 | cut -c1-300)
        note '' "$2" "${shown:-see $dir/$1} $(cat "$dir/jq.err" 2>/dev/null)"
    fi
    rm -f "$dir/jq.err"
}

incidents() {
    check_json incidents.json "$@"
}

timeline() {
    check_json timeline.json "$@"
}

check() { # "what shall be so" COMMAND…
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then
        note yes "$what" ''
    else
        note '' "$what" "$*"
    fi
}

finish() {
    [ -z "$failures" ] || { echo "FAIL: $failures"; exit 1; }
    echo "$checks checks"
    exit 0
}

# ---- What every staged incident has ----

# incident_of INDEX NAME CAUSE ENTRY ENTITY: the facts that do not depend on the way in.
incident_of() {
    local at=".incidents[$1]" vm="\$facts[0].vms.$2"
    incidents "the VM is $2, with its UUID and pid" \
        "$at.vm.name == \"$2\" and $at.vm.uuid == $vm.uuid and $at.vm.pid == ($vm.pid | tonumber)" "$at.vm"
    incidents "the image is volumes/$2, with its id" \
        "$at.image.pool == \"volumes\" and $at.image.name == \"$2\" and $at.image.id == $vm.image_id" "$at.image"
    incidents "the client address is the one on Ceph's blocklist" "$at.client.address == $vm.address" "$at.client"
    check "that address is in blocklist.txt" grep -qF "$(jq -r ".vms.$2.address" "$dir/facts.json")" "$dir/logs/blocklist.txt"
    incidents "the cause is $3" "$at.cause == \"$3\"" "$at | {cause, confidence, missing_evidence}"
    incidents "it is proven" "$at.confidence == \"proven\"" "$at | {cause, confidence, missing_evidence}"
    incidents "the entry is $4" "$at.blocklist.entry == \"$4\"" "$at.blocklist"
    incidents "the entity is $5" "$at.blocklist.entity == \"$5\"" "$at.blocklist"
    incidents "the blocklist agrees with the audit log within 1 s" \
        "(($at.blocklist.ts_ns - ($vm.fenced_ns | tonumber)) | fabs) < 1e9" "[$at.blocklist.ts_ns, $vm.fenced_ns]"
    if jq -e ".vms.$2.hung" "$dir/facts.json" >/dev/null; then
        guest_hangs "$at" # Nautilus, unless a write was answered before the watch was gone
    else
        guest_had_failures "$at" "$2"
    fi
    incidents "evidence, each with time, source and text" \
        "($at.evidence | length) > 0 and all($at.evidence[]; .ts_ns > 0 and (.source | length) > 0 and (.text | length) > 0)" "$at.evidence"
    incidents "the watch timeout is the cluster's" "$at.watch_timeout_s == (\$facts[0].watch_timeout_s | tonumber)" \
        "$at | {watch_timeout_s, watch_timeout_from}"
}

guest_had_failures() { # JQ-PATH NAME
    incidents "a first -108 with offset and length, after the blocklist" \
        "$1.first_eshutdown | .ts_ns > 0 and (.offset | type) == \"number\" and .length > 0" "$1.first_eshutdown"
    first_failure_is_told_elsewhere "$1.first_eshutdown" "$2"
    incidents "at least one failed I/O" "$1.failed_ios >= 1 and $1.failed_bytes >= 4096" "$1 | {failed_ios, failed_bytes}"
}

guest_hangs() { # JQ-PATH
    incidents "I/O of the guest that hangs is held back" "$1.waiting_ios >= 1" "$1.waiting_ios"
    incidents "the client was told -108 all the same" "any($1.evidence[]; .text | test(\"-108\"))" "$1.evidence"
}

nothing_missing() { # INDEX
    incidents "no evidence is missing" ".incidents[$1].missing_evidence == []" ".incidents[$1].missing_evidence"
}

# By QEMU, or, since QEMU before 7 says nothing, by the guest's kernel, which names the sector.
first_failure_is_told_elsewhere() { # JQ-PATH NAME
    local told
    told=$(qemu_failures "$2")
    if [ -n "$told" ]; then
        incidents "the first -108 is one that QEMU reported" "[$1.offset, $1.length] | tostring | IN($told)" "$1"
    else
        told=$(sed -n 's/.*I\/O error, dev vda, sector \([0-9]*\) .*/\1/p' "$dir/logs/console-$2.log" | sort -u | paste -sd, -)
        incidents "the first -108 is at a sector that the guest's kernel names" "$1.offset / 512 | IN(${told:-empty})" "$1"
    fi
}

# The offset and length of each failed request in QEMU's own log, as jq strings with commas between.
qemu_failures() { # NAME
    sed -n 's/.*rbd request failed: cmd [0-9]* offset \([0-9]*\) bytes \([0-9]*\) .*/"[\1,\2]"/p' "$dir/logs/qemu-$1.log" | sort -u | paste -sd, -
}

# stack_shows INDEX MODULE-PATTERN…: the blocklist's call stack names each of them.
stack_shows() {
    local at=".incidents[$1].blocklist" pattern
    shift
    for pattern in "$@"; do
        incidents "the call stack names $pattern" "any($at.stack[]; .module | test(\"$pattern\"))" "$at.stack"
    done
}

# The rotation is the snapshot window, and the operation in it that sent the blocklist is one of its two.
rotation_is_the_window() { # INDEX
    local at=".incidents[$1].snapshot_window"
    incidents "a snapshot window by client.cinder's rbd" "$at.by | .entity == \"client.cinder\" and .process == \"rbd\"" "$at"
    incidents "the window names the snapshot and the operation that sent the blocklist" \
        "[$at.op, $at.snap] | . == [\"remove\", \$facts[0].rotation.removed] or . == [\"create\", \$facts[0].rotation.created]" "$at"
    incidents "both operations of the rotation are in it" \
        "[$at.ops[] | [.op, .snap]] == [[\"remove\", \$facts[0].rotation.removed], [\"create\", \$facts[0].rotation.created]]" "$at.ops"
    incidents "the blocklist lies in the window" \
        "$at.begin_ns <= .incidents[$1].blocklist.ts_ns and .incidents[$1].blocklist.ts_ns <= $at.end_ns" "$at"
}

fenced_by_rbd() { # INDEX
    incidents "the blocklister is an rbd process with its pid" \
        ".incidents[$1].blocklist | .process == \"rbd\" and .pid > 1" ".incidents[$1].blocklist | {process, pid}"
    timeline "no process but QEMU's is taken for a VM" \
        '[.vms[].vm | select(.name != null or .uuid != null) | "\(.name) \(.pid)"] - [$facts[0].vms | to_entries[] | "\(.key) \(.value.pid)"] == []' \
        '[.vms[].vm]'
}

# ---- The logs alone, and beside the trace ----

# What the scenario's logs tell; those of no kind that fenceline knows are its own to leave out. An empty one (QEMU before 7 says
# nothing of failed requests) is an error by its name.
all_logs() {
    find "$dir/logs" -maxdepth 1 \( -name '*.log' -o -name blocklist.txt \) -size +0 | sort
}

# logs_agree NAME: the logs alone say who was fenced and when as the trace does; with the trace it is proven, in whatever order.
logs_agree() {
    local logs reversed vm="\$facts[0].vms.$1"
    mapfile -t logs < <(all_logs)
    mapfile -t reversed < <(all_logs | sort -r)
    "$FENCELINE" incidents --format json "${logs[@]}" >"$dir/incidents-of-logs.json" 2>"$dir/incidents-of-logs.err"
    check_json incidents-of-logs.json "the logs alone: one incident" '.incidents | length == 1' '[.incidents[] | {client, cause, confidence}]'
    check_json incidents-of-logs.json "the logs alone: likely or better" '.incidents[0].confidence | IN("likely", "proven")' \
        '.incidents[0] | {cause, confidence, missing_evidence}'
    check_json incidents-of-logs.json "the logs alone: the same client" ".incidents[0].client.address == $vm.address" '.incidents[0].client'
    check_json incidents-of-logs.json "the logs alone: the same image" ".incidents[0].image.id == $vm.image_id" '.incidents[0].image'
    check_json incidents-of-logs.json "the logs alone: the same time" \
        "((.incidents[0].blocklist.ts_ns - ($vm.fenced_ns | tonumber)) | fabs) < 1e9" "[.incidents[0].blocklist.ts_ns, $vm.fenced_ns]"
    "$FENCELINE" incidents --format json "$dir/trace" "${logs[@]}" >"$dir/incidents-of-all.json" 2>/dev/null
    "$FENCELINE" incidents --format json "${reversed[@]}" "$dir/trace" >"$dir/incidents-of-all-reversed.json" 2>/dev/null
    check_json incidents-of-all.json "trace and logs: proven, of the same cause" \
        "(.incidents | length == 1) and (.incidents[0] | .confidence == \"proven\" and .vm.name == \"$1\" and .client.address == $vm.address)" \
        '[.incidents[] | {client, cause, confidence, missing_evidence}]'
    check "trace and logs: the cause is the trace's" \
        test "$(jq -r '.incidents[0].cause' "$dir/incidents-of-all.json")" = "$(jq -r '.incidents[0].cause' "$dir/incidents.json")"
    check "trace and logs: the same bytes in another order" cmp "$dir/incidents-of-all.json" "$dir/incidents-of-all-reversed.json"
}

no_incident() {
    incidents "no incident" '.incidents == []' '[.incidents[] | {vm: .vm.name, cause, confidence}]'
}

one_incident() {
    incidents "exactly one incident" '.incidents | length == 1' '[.incidents[] | {vm: .vm.name, client, cause, confidence}]'
}

no_near_miss() {
    incidents "no near miss" '.near_misses == []' '.near_misses'
}

nothing_lost() {
    incidents "no trace event was lost" '.lost_events == 0' '.lost_events'
}

# events_of NAME KIND: a jq expression, all events of that kind of a VM.
events_of() {
    printf '[.vms[] | select(.vm.name == "%s") | .images[].events[] | select(.kind == "%s")]' "$1" "$2"
}

# A ping every 5 s on the wire, each with its answer; none late, none lost.
pings_all_answered() { # NAME AT-LEAST
    local acks
    acks="$(events_of "$1" ping-ack) | map(select(.seen == \"wire\"))"
    timeline "at least $2 pings of $1 answered" "($acks | length) >= $2" "$acks"
    timeline "each with its round trip" "all(($acks)[]; .rtt_ns > 0 and .rtt_ns < 2e9 and .result == 0)" "$acks | map(.rtt_ns)"
    timeline "5.0 s apart" "[$acks | map(.sent_ns) | sort | range(1; length) as \$i | .[\$i] - .[\$i - 1]] | all(. > 4.5e9 and . < 5.9e9)" \
        "[$acks | map(.sent_ns) | sort | range(1; length) as \$i | .[\$i] - .[\$i - 1]]"
    timeline "no ping of $1 lost" "$(events_of "$1" ping-lost) == []" "$(events_of "$1" ping-lost)"
}
