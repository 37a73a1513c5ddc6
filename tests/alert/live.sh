#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In time: a VM's pings are held back, with Ceph's own timeout of 30 s and the examples' settings. By rule the alert is firing in
# Alertmanager 10 s or more before the watch's end, by push within 12 s of the first lost ping; both are resolved when pings return.
# ALERT_ROUNDS says how often (3).
LIVE_LAB=(--watch-timeout 30 --no-trace)
export LAB_DEBUG_OSD=10
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/alert/lib.sh"
LAB_TRACED=("$FENCELINE" run --)

pings_flow() { # VM'S-ADDRESS
    local unanswered
    unanswered=$(metric_of fenceline_watch_pings_unanswered "$1")
    [ "${unanswered:-1}" = 0 ]
}

has_news() { # ADDRESS LAST-ACK
    local last
    last=$(metric_of fenceline_watch_last_ack_timestamp_seconds "$1")
    [ -n "$last" ] && [ "$last" != "$2" ] && [ "$last" != 0 ]
}

# The time at which each first was active: rule unanswered, rule near its end, push. Until the watch has ended.
watch_alerts() { # VM
    local until=$((SECONDS + 75))
    unanswered_at='' near_at='' push_at='' ended_at=''
    while [ $SECONDS -lt $until ] && [ -z "$ended_at" ]; do
        [ -n "$push_at" ] || ! is_active $PUSH FencelineWatchPingsUnanswered "$1" || push_at=$(now_s)
        [ -n "$unanswered_at" ] || ! is_active $RULES FencelineWatchPingsUnanswered "$1" || unanswered_at=$(now_s)
        [ -n "$near_at" ] || ! is_active $RULES FencelineWatchNearItsEnd "$1" || near_at=$(now_s)
        ! vm_unwatched "$1" || ended_at=$(now_s)
        sleep 0.3
    done
}

one_round() { # N VM
    local address last_ack lost end
    vm_watch "$2" >"$(vm_dir "$2")/watch"
    address=$(vm_address "$2")
    wait_until 30 "pings to be answered" pings_flow "$address"
    last_ack=$(metric_of fenceline_watch_last_ack_timestamp_seconds "$address")
    wait_until 15 "one more answered ping" has_news "$address" "$last_ack"
    hold_osd "$2"
    last_ack=$(metric_of fenceline_watch_last_ack_timestamp_seconds "$address")
    lost=$(awk -v t="$last_ack" 'BEGIN { printf "%.3f", t + 5 }') end=$(awk -v t="$last_ack" 'BEGIN { printf "%.3f", t + 30 }')
    watch_alerts "$2"
    echo "round $1: seconds after the last acknowledged ping: push $(less "${push_at:-0}" "$last_ack"), rule unanswered $(less "${unanswered_at:-0}" "$last_ack"), rule near its end $(less "${near_at:-0}" "$last_ack"), watch seen gone $(less "${ended_at:-0}" "$last_ack")"
    so "round $1: by push within 12 s of the first lost ping" at_most "$(less "${push_at:-9999999999}" "$lost")" 12
    so "round $1: by rule, pings unanswered, 10 s or more before the watch's end" at_most "${unanswered_at:-9999999999}" "$(less "$end" 10)"
    so "round $1: by rule, near its end, 10 s or more before the watch's end" at_most "${near_at:-9999999999}" "$(less "$end" 10)"
    so "round $1: the watch did end, not before it should" at_most "$end" "$(less "${ended_at:-0}" -1)"
    drop_osd "$2"
    so "round $1: resolved by push when pings return" within 60 nothing_active $PUSH
    so "round $1: resolved by rule when pings return" within 60 nothing_active $RULES
}

vm_create vm1
alerting_start
vm_boot vm1
begin=${EPOCHREALTIME%.*}
for ((n = 1; n <= ${ALERT_ROUNDS:-3}; n++)); do
    one_round "$n" vm1
done
is "near misses that the daemon counted" "${ALERT_ROUNDS:-3}" "$(curl -sf http://127.0.0.1:9911/metrics | awk '/^fenceline_near_misses_total/ { n += $NF } END { print n + 0 }')"
is "clients that were fenced" "" "$(osd_blocklist ls -f json 2>/dev/null | jq -s -r 'flatten | .[].addr' | grep -F "$(host_address vm1):" || true)"
# Which have nothing to tell here, everything being recorded and nobody fenced, is known; each query is one that Prometheus answers.
/usr/bin/python3 "$LAB_HOME/../../tests/alert/panels.py" http://127.0.0.1:9090 "$begin" "${EPOCHREALTIME%.*}" "$LAB_HOME/../../dashboards/fenceline.json" >"$dir/panels.html" 2>"$dir/panels.err" || true
is "panels without an answer" "no answer: I/O errors, a minute" "$(cat "$dir/panels.err")"
alerting_end
live_end
