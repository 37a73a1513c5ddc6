# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The snapshot rotation of a backup service: five are kept; the oldest is removed, then the new one is made. It runs on a
# host of its own ("cinder") and as client.cinder.

LAB_SNAPSHOTS_KEPT=5

cinder() {
    on_host cinder "$@"
}

# snapshots_fill NAME: the five that an earlier day left behind. Nautilus has no --no-progress here: what rbd says goes to the log.
snapshots_fill() {
    local n
    for ((n = 1; n <= LAB_SNAPSHOTS_KEPT; n++)); do
        cinder rbd --id cinder snap create "$LAB_POOL/$1@daily-$n" >>"$LAB_DIR/log/rotation.log" 2>&1
    done
}

# rotate NAME: one rotation; prints nothing. What rbd says goes to log/rotation.log.
rotate() {
    local name=$1 oldest newest
    oldest=$(rbd snap ls "$LAB_POOL/$name" --format json | jq -r '.[0].name')
    newest=daily-$(($(rbd snap ls "$LAB_POOL/$name" --format json | jq -r '.[-1].name | ltrimstr("daily-")') + 1))
    {
        cinder "${LAB_TRACED[@]}" rbd --id cinder --no-progress snap rm "$LAB_POOL/$name@$oldest"
        cinder "${LAB_TRACED[@]}" rbd --id cinder snap create "$LAB_POOL/$name@$newest"
    } >>"$LAB_DIR/log/rotation.log" 2>&1 </dev/null
    fact "rotation.removed" "$oldest"
    fact "rotation.created" "$newest"
}
