#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a host's shipping costs by VM: 20 processes with a status page and an image each, as 20 VMs have, and `ship --pages` into a real store
# for SHIP_SECONDS (60). Its CPU, less what it takes with no VM, is at most 0.1 % of a core for each. No cluster: tests/fakes/emit.
# usage: FENCELINE_BUILD=build/test tests/fleet/pages.sh
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 300 "$@"
PATH=$PATH:/usr/sbin
command -v clickhouse-server >/dev/null || { echo "skip fleet/pages: no clickhouse-server"; exit 0; }
dir=$PWD vms=20 seconds=${SHIP_SECONDS:-60}
# shellcheck source=lib/store.sh
. "$root/tests/fleet/lib/store.sh"
port=$(store_port_free)
store_start pages "$port" || exit 1
url=clickhouse://127.0.0.1:$port/pages
"$fenceline" ship --create "$url" || exit 1
us() { awk '{ s += $1 } END { print int(s / 1000) }' /proc/"$1"/task/*/schedstat; }
spent() { # NAME: what the shipper takes in `seconds`
    local ship before
    "$fenceline" ship --follow --pages --host "$1" --spool "$dir/spool-$1" "$url" 2>"$dir/$1.log" &
    ship=$!
    sleep 10
    before=$(us $ship)
    sleep "$seconds"
    used=$(($(us $ship) - before))
    kill $ship
    wait $ship
}
spent empty
empty=$used
pids=()
for ((n = 1; n <= vms; n++)); do
    { echo "{\"page\":\"10.0.0.2:0/$n\",\"vm\":\"vm$n\",\"images\":1}"; echo '{"sleep_ms":280000}'; } |
        LTTNG_UST_REGISTER_TIMEOUT=0 "$build/bin/emit" "$provider" >/dev/null 2>&1 &
    pids+=($!)
done
spent full
told=$(sql pages "SELECT uniqExact(vm) FROM pages.events WHERE event = 'state' AND shipper = 'full'")
[ "$told" = $vms ] || fail "fleet/pages: states of $told of $vms VMs: $(cat "$dir/full.log")"
awk -v used="$used" -v empty="$empty" -v n=$vms -v s="$seconds" 'BEGIN { each = (used - empty) / n / s / 1e4
    printf "%s fleet/pages-cost: %.4f %% of a core by VM, %.3f %% for the host without any, bound 0.1 %%\n", (each > 0.1 ? "FAIL" : "ok"), each, empty / s / 1e4
    exit (each > 0.1) }' || failed=1
kill "${pids[@]}" 2>/dev/null
store_stop pages
exit $failed
