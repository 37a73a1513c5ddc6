#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline osds` on traces as text: the slow OSD by name, filters, what cannot be placed, bad use; its JSON fits its schema.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
fenceline=$build/bin/fenceline
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
export LC_ALL=C.UTF-8 COLUMNS=120
unset NO_COLOR

# story SLOW-RTT-MS [VMS-ON-THE-SLOW-ONE]: four VMs on three OSDs, twelve pings each; vm3 and, by default, vm4 on 10.99.0.1:6808.
story() {
	python3 - "$@" <<'PYTHON'
import json, sys
slow_ns, on_slow = int(sys.argv[1]) * 1000000, int(sys.argv[2]) if len(sys.argv) > 2 else 2
base, events = 1795383660000000000, []
for vm in range(1, 5):
    osd = ["10.99.0.1:6800", "10.99.0.1:6804", "10.99.0.1:6808", "10.99.0.1:6808" if on_slow > 1 else "10.99.0.1:6800"][vm - 1]
    who = {"pid": 4700 + vm, "global_id": 4100 + vm}
    watch = {**who, "cookie": 93825000000 + vm}
    name = "vm%d" % vm if vm != 3 else "vm\u001b[31m3"
    events.append((base + vm, {**who, "event": "client_connect", "process": "qemu-system-x86_64", "vm_name": name, "vm_uuid": "", "entity": "client.libvirt",
                               "address": "10.99.0.2:0/%d" % (1000 + vm), "fsid": "", "ceph_version": "16.2.15", "result": 0, "latency_ns": 1}))
    events.append((base + 20000000 + vm, {**watch, "event": "watch_registered", "oid": "rbd_header.10%d" % vm, "pool": "rbd", "timeout_s": 0, "result": 0, "latency_ns": 1}))
    events.append((base + 31000000 + vm, {**who, "event": "image_open", "image": 1, "pool": "rbd", "name": "disk%d" % vm, "image_id": "10%d" % vm, "result": 0, "latency_ns": 1}))
    for n in range(1, 13):
        sent = base + n * 5000000000 + vm * 100
        rtt = slow_ns + n if osd.endswith("6808") else 600000 + n * 50000
        ping = {**watch, "gen": 1, "sent_ns": sent, "osd": osd}
        events.append((sent, {**ping, "event": "ping_sent"}))
        if not (vm == 1 and n in (5, 6)):
            events.append((sent + rtt, {**ping, "event": "ping_reply", "rtt_ns": rtt, "result": 0}))
print(json.dumps({"schema": "fenceline/events/1"}))
for at, event in sorted(events, key=lambda one: one[0]):
    print(json.dumps({"ts_ns": at, "host": "compute1", **event}))
PYTHON
}

fail() { echo "FAIL: $*"; failed=1; }
json() { # FILE JQ-CONDITION WHAT OPTION…
	local file=$1 condition=$2 what=$3
	shift 3
	"$fenceline" osds --format json "$@" "$file" > "$work/osds.json" 2> "$work/err" || fail "$what: it ended with $?: $(cat "$work/err")"
	[ -s "$work/osds.json" ] && jq -e "$condition" "$work/osds.json" > "$work/answer" || fail "$what: $(jq -c . "$work/osds.json" 2>&1 | cut -c1-1500)"
	if /usr/bin/python3 -W ignore -c 'import jsonschema' 2> /dev/null; then
		/usr/bin/python3 -W ignore -m jsonschema -i "$work/osds.json" "$root/tools/fenceline/osds/schema/osds-1.json" > "$work/schema" 2>&1 || fail "$what: its schema: $(head -3 "$work/schema")"
	fi
}
text() { # FILE TEXT WHAT: the words hold TEXT, whatever the line breaks
	"$fenceline" osds "$1" > "$work/osds.txt" 2> "$work/err" || fail "$3: it ended with $?"
	tr -s ' \n' ' ' < "$work/osds.txt" | grep -qF -- "$2" || fail "$3: no '$2' in: $(cat "$work/osds.txt")"
}
code() { # CODE WHAT OPTION…
	local expected=$1 what=$2 seen=0
	shift 2
	"$fenceline" osds "$@" > "$work/out" 2>&1 || seen=$?
	[ $seen = "$expected" ] || fail "$what: code $seen, not $expected: $(head -3 "$work/out")"
}

story 400 > "$work/slow.events"
json "$work/slow.events" '.osds[0] | .osd == "10.99.0.1:6808" and .slow and .slow_vms == 2 and .answered == 24 and .lost == 0 and .median_ns == 400000006 and .p99_ns == 400000012' "two VMs find it slow"
json "$work/slow.events" '[.osds[] | select(.slow)] | length == 1' "and no other"
json "$work/slow.events" '.osds[] | select(.osd == "10.99.0.1:6800") | .lost == 2 and .answered == 10 and (.slow | not)' "two lost pings are counted, and make no OSD slow"
json "$work/slow.events" '[.osds[].histogram[].count] | add == 46' "each answered ping is in one bucket"
text "$work/slow.events" "The OSD at 10.99.0.1:6808 stands out: median 400 ms" "the slow one by name"
text "$work/slow.events" 'vm\x1b[31m3, vm4' "a hostile name cannot colour the terminal"
! grep -q $'\033' "$work/osds.txt" || fail "an escape sequence in the text"
json "$work/slow.events" '[.osds[].osd] == ["10.99.0.1:6804"]' "--vm" --vm vm2
json "$work/slow.events" '[.osds[].answered] | add == 4' "--until" --until 2026-11-22T21:41:07
story 400 1 > "$work/one.events"
json "$work/one.events" '[.osds[] | select(.slow)] == [] and .osds[0].slow_vms == 1' "one VM alone"
text "$work/one.events" "alone finds the OSD at 10.99.0.1:6808 slow" "one VM alone"
story 49 > "$work/floor.events"
json "$work/floor.events" '[.osds[] | select(.slow)] == []' "below the floor"
text "$work/floor.events" "No OSD stands out" "below the floor"
grep -v '"osd": "10.99.0.1:680[04]"' "$work/slow.events" > "$work/single.events"
text "$work/single.events" "There is only one OSD" "one OSD"
sed 's/, "osd": "[^"]*"//' "$work/slow.events" > "$work/nameless.events"
json "$work/nameless.events" '.osds == [] and .unplaced > 40' "pings that name no OSD"
text "$work/nameless.events" "No watch ping with its OSD" "pings that name no OSD"
code 1 "no such file" "$work/nowhere"
code 2 "a format that it has not" --format html "$work/slow.events"
code 2 "a time that is none" --since soon "$work/slow.events"
code 0 "this host" --format json
[ $failed = 1 ] || echo "osds: all as it should be"
exit $failed
