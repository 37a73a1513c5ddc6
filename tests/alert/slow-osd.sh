#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One OSD of three delays what it dispatches, for real. `fenceline osds` names it, from the status pages and from the trace, and its alert
# fires, while nobody has lost a watch; when it is well again both are quiet.
LIVE_LAB=(--watch-timeout 30)
export LAB_DEBUG_OSD=1 LAB_OSDS=3
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/alert/lib.sh"

# Two clients for each OSD, each a process of its own with one image.
place_clients() {
    local n osd
    declare -A have=()
    for ((n = 1; n <= 60 && ${#names[@]} < 6; n++)); do
        rbd create "volumes/c$n" --size 8M
        osd=$(osd_of_header "$(rbd info "volumes/c$n" --format json | jq -r .id)")
        if [ "${have[$osd]:-0}" -lt 2 ]; then
            have[$osd]=$((${have[$osd]:-0} + 1))
            names+=("c$n")
        else
            rbd rm --no-progress "volumes/c$n"
        fi
    done
}

start_clients() {
    local name
    mkfifo "$LAB_DIR/end"
    for name in "${names[@]}"; do
        "$FENCELINE" run -- /usr/bin/python3 "$LAB_HOME/../../tests/guard/clients.py" volumes "$name" <"$LAB_DIR/end" >>"$dir/clients.txt" 2>>"$dir/clients.err" &
    done
    exec 7>"$LAB_DIR/end"
}

all_hold_locks() {
    [ "$(wc -l <"$dir/clients.txt")" -ge 6 ]
}

delay() { # OSD SECONDS PROBABILITY
    ceph tell "osd.$1" config set osd_debug_inject_dispatch_delay_duration "$2" >/dev/null
    ceph tell "osd.$1" config set osd_debug_inject_dispatch_delay_probability "$3" >/dev/null
}

slow_now() { # prints the slow OSDs' addresses
    "$FENCELINE" osds --format json | jq -r '.osds[] | select(.slow).osd'
}

names_it() {
    [ "$(slow_now)" = "$bad_address" ]
}

names_none() {
    [ -z "$(slow_now)" ]
}

alert_fires() {
    curl -sf "http://127.0.0.1:$RULES/api/v2/alerts?active=true" | jq -e --arg osd "$bad_address" 'any(.labels.alertname == "FencelineOsdSlow" and .labels.osd == $osd)' >/dev/null
}

alert_on_another() {
    curl -sf "http://127.0.0.1:$RULES/api/v2/alerts?active=true" | jq -e --arg osd "$bad_address" 'any(.labels.alertname == "FencelineOsdSlow" and .labels.osd != $osd)' >/dev/null
}

no_slow_alert() {
    ! curl -sf "http://127.0.0.1:$RULES/api/v2/alerts?active=true" | jq -e 'any(.labels.alertname == "FencelineOsdSlow")' >/dev/null
}

watches_there() {
    local name
    for name in "${names[@]}"; do
        [ "$(rbd status "volumes/$name" --format json | jq '.watchers | length')" = 1 ] || return 1
    done
}

names=()
place_clients
is "images that are placed, two an OSD" 6 ${#names[@]}
alerting_start
recording_start incident
start_clients
wait_until 120 "six clients to hold their locks" all_hold_locks
bad=$(osd_of_header "$(rbd info "volumes/${names[0]}" --format json | jq -r .id)")
bad_address=$(ceph osd dump -f json | jq -r --argjson id "$bad" '.osds[] | select(.osd == $id) | .public_addrs.addrvec[] | select(.type == "v2").addr')
run_for 20
so "none stands out before" names_none
begin=$(now_s)
delay "$bad" 0.2 1.0
so "osds names osd.$bad at $bad_address, out of status pages" within 60 names_it
echo "named after $(less "$(now_s)" "$begin") s"
so "its alert fires" within 150 alert_fires
echo "alert after $(less "$(now_s)" "$begin") s"
so "and on no other" not alert_on_another
"$FENCELINE" osds --format json >"$dir/osds.json"
"$FENCELINE" osds >"$dir/osds.txt"
cat "$dir/osds.txt"
so "nobody has lost a watch" watches_there
is "writes that failed" 0 "$(grep -c failed "$dir/clients.txt" || true)"
recording_stop
"$FENCELINE" osds --since -60 --format json "$LAB_DIR/trace" >"$dir/trace.json"
so "the trace names it, too" test "$(jq -r '.osds[] | select(.slow).osd' "$dir/trace.json")" = "$bad_address"
delay "$bad" 0 0.0
so "well again: none stands out" within 60 names_none
so "and the alert is resolved" within 240 no_slow_alert
alerting_end
live_end
