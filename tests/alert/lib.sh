# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A real record daemon, Prometheus and two Alertmanagers on the storage node of a live lab; after tests/lib/live.sh. Prometheus tells what
# its rules say to the one at 9093, the daemon pushes to the one at 9094, so that each can be timed.
RULES=9093 PUSH=9094
alert_top=$LAB_HOME/../..

now_s() {
    echo "$EPOCHREALTIME"
}

answers_at() { # PORT PATH
    curl -sf --max-time 2 "http://127.0.0.1:$1$2" >/dev/null
}

alerting_start() {
    local at
    mkdir -p "$dir/alerting"
    cp "$alert_top/alerts/fenceline.rules.yml" "$alert_top/alerts/prometheus.example.yml" "$dir/alerting/"
    for at in $RULES $PUSH; do
        prometheus-alertmanager --config.file="$alert_top/alerts/alertmanager.example.yml" --storage.path="$dir/alerting/$at" --cluster.listen-address= \
            --web.listen-address="127.0.0.1:$at" >"$dir/logs/alertmanager.$at.log" 2>&1 &
        alerting_pids+=" $!"
    done
    prometheus --config.file="$dir/alerting/prometheus.example.yml" --storage.tsdb.path="$dir/alerting/tsdb" --web.listen-address=127.0.0.1:9090 \
        >"$dir/logs/prometheus.log" 2>&1 &
    alerting_pids+=" $!"
    "$FENCELINE" record daemon --output "$LAB_DIR/daemon" --listen 9911 --alertmanager "http://127.0.0.1:$PUSH" >"$dir/logs/daemon.log" 2>&1 &
    alerting_pids+=" $!"
    wait_until 90 "the record daemon to answer" answers_at 9911 /metrics
    wait_until 60 "Alertmanager to be ready" answers_at $RULES /-/ready
    wait_until 60 "Alertmanager to be ready" answers_at $PUSH /-/ready
    wait_until 60 "Prometheus to be ready" answers_at 9090 /-/ready
}

alerting_end() {
    # shellcheck disable=SC2086
    kill $alerting_pids 2>/dev/null || true
}

# The alerts that an Alertmanager holds for active, inhibited ones included, by name and VM; one a line.
active_at() { # PORT
    curl -sf --max-time 2 "http://127.0.0.1:$1/api/v2/alerts?active=true&inhibited=true&silenced=true" | jq -r '.[].labels | "\(.alertname) \(.vm // "")"'
}

is_active() { # PORT NAME VM
    active_at "$1" | grep -qx "$2 $3"
}

nothing_active() { # PORT
    local list
    list=$(active_at "$1") && [ -z "$list" ]
}

metric_of() { # NAME VM'S-ADDRESS: its value, as the daemon tells it
    curl -sf --max-time 2 http://127.0.0.1:9911/metrics | grep -F "client=\"$2\"" | awk -v name="$1{" 'index($0, name) == 1 { print $NF }'
}

query() { # PROMQL: the values, one a line
    curl -sfG --max-time 5 --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query | jq -r '.data.result[] | "\(.metric | del(.__name__) | tostring) \(.value[1])"'
}

not() {
    ! "$@"
}

# at_most A B, in decimals: A is at most B.
at_most() {
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }'
}

less() { # A B: A - B
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a - b }'
}
