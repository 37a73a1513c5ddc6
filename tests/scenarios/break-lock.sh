#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# python-rbd breaks the locks of healthy VMs, both ways that the API has.
. "$(dirname "$0")/../lib/scenario.sh"
stage break-lock

incidents "exactly two incidents" '.incidents | length == 2' '[.incidents[] | {vm: .vm.name, cause}]'
no_near_miss
nothing_lost
for vm in vm1 vm2; do
    index=$(jq --arg vm $vm '[.incidents[].vm.name] | index($vm) // 0' "$dir/incidents.json")
    incident_of "$index" $vm fenced-while-alive break-lock-api client.cinder
    nothing_missing "$index"
    incidents "the blocklister is the script, with its pid" \
        ".incidents[$index].blocklist | .process == \"break-lock.py\" and .pid > 1" ".incidents[$index].blocklist | {process, pid}"
    stack_shows "$index" librbd
done
finish
