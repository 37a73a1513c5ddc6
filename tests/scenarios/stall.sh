#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# QEMU stood still: it sent no ping, so none was lost; the gap is the evidence.
. "$(dirname "$0")/../lib/scenario.sh"
stage stall

one_incident
no_near_miss
nothing_lost
incident_of 0 vm1 client-stalled exclusive-lock-break client.cinder
nothing_missing 0
rotation_is_the_window 0
fenced_by_rbd 0
stack_shows 0 librbd
timeline "the timeline shows the stall" "$(events_of vm1 process-stalled) | length >= 1"
logs_agree vm1
finish
