#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The watch expired and came back, and nobody wanted the lock meanwhile: no incident, one near miss.
. "$(dirname "$0")/../lib/scenario.sh"
stage near-miss

no_incident
nothing_lost
incidents "exactly one near miss, of vm1" '[.near_misses[].vm.name] == ["vm1"]' '.near_misses'
incidents "it went as far as the watch" '.near_misses[0].kind | IN("watch-expired", "watch-error")' '.near_misses[0]'
incidents "its longest gap is longer than the timeout" '.near_misses[0].longest_ping_gap_ns > ($facts[0].watch_timeout_s | tonumber) * 1e9' '.near_misses[0]'
incidents "the client address is Ceph's" '.near_misses[0].client.address == $facts[0].vms.vm1.address' '.near_misses[0].client'
timeline "pings are answered again after it" "(.vms | length) > 0 and ($(events_of vm1 ping-ack) | map(select(.result == 0)) | length) >= 3"
# QEMU does not wait for LTTng, so its first registration may come before the recording: what counts is the second.
# A cookie is an address inside the client: the new watch may well get the old one's.
timeline "the watch was registered again" \
    "($(events_of vm1 watch-error)[0]) as \$error | any($(events_of vm1 watch-registered)[]; .ts_ns > \$error.ts_ns)" "$(events_of vm1 watch-registered)"
finish
