#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The OSD processed a ping that the VM lost: neither of the two is to blame, but what lies between them.
. "$(dirname "$0")/../lib/scenario.sh"
stage way-back-cut

one_incident
no_near_miss
nothing_lost
incident_of 0 vm1 lost-pings exclusive-lock-break client.cinder
nothing_missing 0
rotation_is_the_window 0
fenced_by_rbd 0
logs_agree vm1
check_json incidents-of-all.json "with the OSD's log: the way is to blame" '.incidents[0].where.side == "path"' '.incidents[0].where'
finish
