#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The rotation on a live, busy VM: nothing is wrong, and nothing is said to be.
. "$(dirname "$0")/../lib/scenario.sh"
stage healthy

no_incident
no_near_miss
nothing_lost
pings_all_answered vm1 5
timeline "both rotations show in the VM's timeline" "$(events_of vm1 snapshot-begin) | length == 4" "$(events_of vm1 snapshot-begin)"
timeline "no I/O failed" '[.vms[].images[].events[] | select(.kind == "io-error" or .kind == "io-eshutdown")] == []'
finish
