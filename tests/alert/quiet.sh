#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Three VMs under load, nothing wrong: no alert for ALERT_QUIET_SECONDS (900), by rule or by push, nor when promtool replays what Prometheus
# scraped for an hour.
LIVE_LAB=(--watch-timeout 30 --no-trace)
export LAB_DEBUG_OSD=1 LAB_OSDS=3
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/alert/lib.sh"
LAB_TRACED=("$FENCELINE" run --)

# What was ever active at either, one line each time it was looked at.
listen_for() { # SECONDS
    local until=$((SECONDS + $1))
    while [ $SECONDS -lt $until ]; do
        active_at $RULES | sed 's/^/by rule: /' >>"$dir/heard"
        active_at $PUSH | sed 's/^/by push: /' >>"$dir/heard"
        looks=$((looks + 1))
        sleep 3
    done
}

for name in vm1 vm2 vm3; do
    vm_create $name
done
alerting_start
for name in vm1 vm2 vm3; do
    vm_boot $name lab.pause=0.05 lab.writers=2
done
: >"$dir/heard"
looks=0
sleep 30 # what the start of three VMs on this machine does is no load of theirs
begin=${EPOCHREALTIME%.*}
listen_for "${ALERT_QUIET_SECONDS:-900}"
end=${EPOCHREALTIME%.*}
is "alerts in $((end - begin)) s, $looks looks" "" "$(sort "$dir/heard" | uniq -c)"
is "VMs that are told of" 3 "$(query 'count(count by (vm) (fenceline_image_info))' | awk '{ print $NF }')"
is "alerts that Prometheus ever had, pending ones included" "" "$(query "count by (alertname) (count_over_time(ALERTS[$((end - begin))s]))")"
/usr/bin/python3 "$LAB_HOME/../../tests/alert/replay.py" http://127.0.0.1:9090 "$begin" "$end" "$dir/alerting/fenceline.rules.yml" >"$dir/replay.yml"
so "promtool's replay of an hour of it: no alert" promtool test rules "$dir/replay.yml"
alerting_end
live_end
