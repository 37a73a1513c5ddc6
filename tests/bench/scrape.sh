#!/bin/bash
# SPDX-License-Identifier: MIT
# What a scrape of the record daemon's metrics costs: 40 processes with three images each, 120 in all, on 120 OSDs. The daemon's CPU over
# SCRAPES scrapes (200), less what it takes in the same time without. The bound is 5 ms a scrape. No cluster: tests/fakes/emit.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 300 "$@"
scrapes=${SCRAPES:-200}

us() { awk '{ print int($1 / 1000) }' "/proc/$1/schedstat"; } # of its main thread, which does it all
"$fenceline" record daemon --output "$PWD/out" --listen 127.0.0.1:9911 2> daemon.log & daemon=$!
for i in $(seq 100); do grep -sq 'incidents come into' daemon.log && break; sleep 0.1; done
pids=''
for ((n = 1; n <= 40; n++)); do
	{ echo "{\"page\":\"10.0.0.2:0/$n\",\"vm\":\"vm$n\",\"images\":3}"; echo '{"sleep_ms":280000}'; } |
		LTTNG_UST_REGISTER_TIMEOUT=0 "$build/bin/emit" "$provider" > /dev/null 2>&1 & pids+=" $!"
done
for i in $(seq 300); do [ "$(curl -s http://127.0.0.1:9911/metrics | grep -c '^fenceline_image_info{')" = 120 ] && break; sleep 0.2; done
images=$(curl -s http://127.0.0.1:9911/metrics | grep -c '^fenceline_image_info{')
[ "$images" = 120 ] || { fail "there are $images images: $(cat daemon.log)"; exit 1; }
sleep 5
before=$(us $daemon)
began=$(date +%s%N)
for ((i = 0; i < scrapes; i++)); do curl -s -o page http://127.0.0.1:9911/metrics; done
took=$((($(date +%s%N) - began) / 1000))
busy=$(($(us $daemon) - before))
before=$(us $daemon)
sleep "$(awk "BEGIN { print $took / 1e6 }")"
idle=$(($(us $daemon) - before))
awk -v busy=$busy -v idle=$idle -v n="$scrapes" -v bytes="$(stat -c %s page)" -v lines="$(grep -vc '^#' page)" 'BEGIN { each = (busy - idle) / n / 1000
	printf "%s bench/scrape: %.2f ms of CPU a scrape of 120 images (%d lines, %d KiB), bound 5 ms\n", (each > 5 ? "FAIL" : "ok"), each, lines, bytes / 1024; exit (each > 5) }' || failed=1
kill $pids $daemon
wait $daemon
exit $failed
