#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An OSD answers none of its clients: two hosts lose pings to it, one of them still reaches another OSD. That side is to blame.
. "$(dirname "$0")/../lib/scenario.sh"
stage osd-silent

one_incident
nothing_lost
incident_of 0 vm1 lost-pings exclusive-lock-break client.cinder
nothing_missing 0
incidents "the header's object and the OSD the pings went to" \
    '.incidents[0].header == {object: ("rbd_header." + $facts[0].vms.vm1.image_id), osd: $facts[0].osd}' '.incidents[0].header'
rotation_is_the_window 0
fenced_by_rbd 0
incidents "the OSD is to blame" '.incidents[0].where | .side == "osd" and .osd == $facts[0].osd' '.incidents[0].where'
incidents "vm2 lost pings, too, and nobody fenced it" '[.near_misses[] | select(.vm.name == "vm2")] | length == 1' '.near_misses'
pings_all_answered vm3 5
logs_agree vm1
finish
