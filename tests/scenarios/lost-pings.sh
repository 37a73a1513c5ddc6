#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The incident itself: pings lost, watch expired, fenced by a snapshot rotation, guest I/O failed. Every link is proven.
. "$(dirname "$0")/../lib/scenario.sh"
stage lost-pings

one_incident
no_near_miss
nothing_lost
incident_of 0 vm1 lost-pings exclusive-lock-break client.cinder
nothing_missing 0
incidents "pings were sent and never answered" '.incidents[0].lost_pings >= 1' '.incidents[0].lost_pings'
incidents "the header's object and the OSD the pings went to" \
    '.incidents[0].header == {object: ("rbd_header." + $facts[0].vms.vm1.image_id), osd: $facts[0].osd}' '.incidents[0].header'
incidents "the watch's expiry, seen or computed" \
    '.incidents[0] | .watch_expired_ns > .last_ping_ack_ns and (.watch_expired_from | IN("seen", "computed"))' \
    '.incidents[0] | {last_ping_ack_ns, watch_expired_ns, watch_expired_from}'
incidents "it expired before the blocklist" '.incidents[0] | .watch_expired_ns <= .blocklist.ts_ns' '.incidents[0] | {watch_expired_ns, ts: .blocklist.ts_ns}'
incidents "a cut cable blames neither the OSD nor the way" '.incidents[0].where.side | IN("osd", "path") | not' '.incidents[0].where'
rotation_is_the_window 0
fenced_by_rbd 0
stack_shows 0 librbd
timeline "the timeline shows the lost pings" "$(events_of vm1 ping-lost) | length >= 1"
check "timeline.txt names the VM and the cause" grep -q vm1 "$dir/timeline.txt"
logs_agree vm1
finish
