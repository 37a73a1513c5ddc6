#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Somebody fenced a healthy VM by hand; only the audit log knows who.
. "$(dirname "$0")/../lib/scenario.sh"
stage operator

one_incident
no_near_miss
nothing_lost
incident_of 0 vm1 fenced-while-alive monitor-command client.admin
incidents "it says that no trace shows who sent the command" '.incidents[0].missing_evidence | length == 1' '.incidents[0].missing_evidence'
incidents "no ping was lost" '.incidents[0].lost_pings | . == 0 or . == null' '.incidents[0].lost_pings'
incidents "no snapshot window is blamed" '.incidents[0].snapshot_window == null' '.incidents[0].snapshot_window'
logs_agree vm1
finish
