#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two VMs, one fenced: only that one is in the incidents, and the other one's pings were answered throughout.
. "$(dirname "$0")/../lib/scenario.sh"
stage two-vms

one_incident
no_near_miss
nothing_lost
incident_of 0 vm1 lost-pings exclusive-lock-break client.cinder
nothing_missing 0
incidents "vm2 is nowhere in the incidents" '[.incidents[], .near_misses[] | .vm.name] | index("vm2") == null'
pings_all_answered vm2 5
finish
