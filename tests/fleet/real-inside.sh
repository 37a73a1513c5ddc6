# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Inside the lab. usage: real-inside.sh FOLDER PORT
set -eu
. "$LAB_HOME/lib/all.sh"
out=$1 port=$2
here=$(dirname "$(realpath "$0")")
dir=$out
# shellcheck source=lib/store.sh
. "$here/lib/store.sh"
work=/run/fleet-real
mkdir -p $work
store_start real "$port"
url=clickhouse://127.0.0.1:$port/fenceline
"$FENCELINE" ship --create "$url"
"$FENCELINE" record daemon --output $work/rec --watch-timeout "$LAB_WATCH_TIMEOUT" --ship "$url" >"$out/daemon.log" 2>&1 &
daemon=$!
"$FENCELINE" ship --follow --host monitor --spool $work/spool "$url" "$LAB_DIR/log/ceph.audit.log" >"$out/monitor.log" 2>&1 &
monitor=$!
"$FENCELINE" watch --every 1 "$url" >"$out/watch.log" 2>&1 &
watch=$!
host_add cinder
rbd create "$LAB_POOL/real1" --size 64M
"$FENCELINE" run -- /usr/bin/python3 "$here/../scenarios/daemon/client.py" real1 $work >"$out/client.log" 2>&1 &
client=$!
has() { [ -s "$work/real1.$1" ]; }
wait_until 60 "the client to have its lock" has address
sleep 8
kill -STOP $client
wait_until 60 "its watch to expire" vm_unwatched real1
"$FENCELINE" run -- rbd --id cinder snap create "$LAB_POOL/real1@tonight" >"$out/rbd.log" 2>&1
kill -CONT $client
wait_until 60 "it to fail" has failed
proven() { [ "$(sql real "SELECT count() FROM fenceline.fences WHERE confidence = 'proven'")" = 1 ]; }
wait_until 40 "the proven verdict" proven
seen=$(date +%s%N)
sql real "SELECT verdict FROM fenceline.fences FORMAT TabSeparatedRaw" >"$out/verdict.json"
first=$(jq .first_eshutdown.ts_ns "$out/verdict.json")
printf '{"first_ns": %s, "seen_ns": %s}\n' "$first" "$seen" >"$out/took.json"
sql real "SELECT count() FROM fenceline.events WHERE event = 'state' AND source_kind = 'page'" >"$out/states"
sql real "SELECT shipper, source, source_kind, event, count() FROM fenceline.events GROUP BY shipper, source, source_kind, event" >"$out/rows"
kill $client $daemon $monitor $watch
wait $daemon || true
store_stop real
