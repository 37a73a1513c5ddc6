#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# 500 hosts with 10,000 VMs on three shards behind Distributed tables, at real rates; a shard away for a minute, a clock 3 minutes off; then
# how big, how fast. usage: tests/fleet/long.sh FOLDER PORT      FLEET_FENCES (50), FLEET_HOSTS (500), FLEET_SECONDS (420)
set -u -o pipefail
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")
dir=$1 port=$2
mkdir -p "$dir"
rm -f "$dir"/shard-away "$dir"/shard-back
export FENCELINE=${FENCELINE:-$top/build/test/bin/fenceline} PATH=$PATH:/usr/sbin
# shellcheck source=lib/store.sh
. "$here/lib/store.sh"
trap 'for name in "${!store_pid[@]}"; do store_stop "$name" KILL; done' EXIT
cluster="<remote_servers><fleet>"
for n in 0 1 2; do
    cluster+="<shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>$((port + 10 * n + 1))</port></replica></shard>"
done
cluster+="</fleet></remote_servers>"
for n in 0 1 2; do
    store_start shard$n $((port + 10 * n)) "$cluster" || exit 1
    for db in fl lapse; do "$FENCELINE" ship --create "clickhouse://127.0.0.1:$((port + 10 * n))/${db}_local" || exit 1; done
done
for db in fl lapse; do
    {
        sed "s/{db}/$db/g; s/{local}/${db}_local/g; s/{cluster}/fleet/g; s/--.*//" "$top/tools/fenceline/fleet/schema-distributed.sql"
        sed -n '/^CREATE VIEW/,/;$/p' "$top/tools/fenceline/fleet/schema.sql" | sed "s/{db}/$db/g; s/--.*//"
    } | tr '\n' ' ' | while IFS= read -r -d ';' statement; do sql shard0 "$statement"; done
done
# The shard that is away: told by a file when to go and when to come back.
python3 "$here/big.py" "$port" "$dir" "${FLEET_HOSTS:-500}" "${FLEET_FENCES:-50}" "${FLEET_SECONDS:-420}" "${store_pid[*]}" &
big=$!
while kill -0 $big 2>/dev/null; do
    if [ -e "$dir/shard-away" ] && [ ! -e "$dir/shard-back" ] && [ -n "${store_pid[shard2]}" ]; then store_stop shard2 KILL; fi
    if [ -e "$dir/shard-back" ] && [ -z "${store_pid[shard2]}" ]; then store_run shard2; fi
    sleep 1
done
wait $big
