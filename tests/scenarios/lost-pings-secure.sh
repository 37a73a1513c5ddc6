#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With ms_client_mode=secure the wire shows nothing; the sampler alone still proves it.
. "$(dirname "$0")/../lib/scenario.sh"
stage --secure lost-pings

one_incident
nothing_lost
incident_of 0 vm1 lost-pings exclusive-lock-break client.cinder
nothing_missing 0
incidents "pings were lost" '.incidents[0].lost_pings >= 1' '.incidents[0].lost_pings'
timeline "no ping was seen on the wire" '[.vms[].images[].events[] | select(.seen == "wire")] == []'
timeline "answered pings were sampled" "$(events_of vm1 ping-ack) | map(select(.seen == \"sampled\")) | length >= 2"
finish
