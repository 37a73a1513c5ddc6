#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A recording that begins long after the VM booted names VM, image, client and watch within 5 s; and a ring that has been written around
# a hundred times still does. A real QEMU and a real Ceph; the hundred times are `rbd bench`, which is quick, beside a VM that is not.
# By name: it takes a minute and a half.
[ -n "${LATE:-}" ] || { echo "by name: LATE=1 tests/scenarios/late-and-long.sh"; exit 77; }
. "$(dirname "$0")/../lib/live.sh"

# names FOLDER NAME: what the trace tells of the VM's disk, in one line.
names() {
    "$FENCELINE" timeline --format json "$1" | jq -r --arg vm "$2" '.vms[] | select(.vm.name == $vm) | .vm as $vm | .images[] |
        select(.image != null) | [$vm.name, $vm.uuid, .image.pool, .image.name, .image.id, .client.address] | join(" ")' | sort -u
}
watches() { # FOLDER NAME: pings of the watch on its header, by which the watch is known
    "$FENCELINE" timeline --format json "$1" | jq --arg vm "$2" '[.vms[] | select(.vm.name == $vm) | .images[].events[] | select(.kind | startswith("ping-"))] | length'
}
is_vm() { # WHAT FOLDER
    local dir_of
    dir_of=$(vm_dir vm1)
    is "$1" "vm1 $(cat "$dir_of/uuid") $LAB_POOL vm1 $(cat "$dir_of/image_id") $(vm_address vm1)" "$(names "$2" vm1)"
    so "$1: its watch" test "$(watches "$2" vm1)" -ge 1
}
newest() { # FOLDER
    find "$1" -maxdepth 1 -name 'snapshot*' -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2
}
# How often the fastest CPU's ring of this process has been written around: the number of its newest packet, by the number of sub-buffers.
times_around() { # SNAPSHOT PROCESS
    local file most=0 size last
    for file in "$1"/ust/pid/"$2"-*/full_[0-9]*; do
        [ -s "$file" ] || continue
        size=$(($(od -A n -t u8 -j 56 -N 8 "$file") / 8))
        last=$(od -A n -t u8 -j $(($(stat -c %s "$file") - size + 64)) -N 8 "$file")
        [ $((last / 4)) -le "$most" ] || most=$((last / 4))
    done
    printf '%s\n' "$most"
}

# ---- late: no session daemon when the VM boots; it does I/O meanwhile ----
vm_create vm1
vm_boot vm1 lab.writers=4
sleep 10
rbd create "$LAB_POOL/bench" --size 256M

"$FENCELINE" record start --session late --flight-recorder=2M --output "$LAB_DIR/late"
began=$(date +%s%N)
knows_vm() {
    took=$((($(date +%s%N) - began) / 1000000))
    "$FENCELINE" record snapshot --session late 2>/dev/null
    [ -n "$(names "$(newest "$LAB_DIR/late")" vm1)" ] && [ "$(watches "$(newest "$LAB_DIR/late")" vm1)" -ge 1 ]
}
wait_until 60 "the VM to be in the recording" knows_vm
is_vm "$took ms after the recording began" "$(newest "$LAB_DIR/late")"
# A process that waits for its CPU is late with its word.
load=$(cut -d. -f1 /proc/loadavg)
so "within 5 s, or a second for each that waits for a CPU: $took ms, load $load" test "$took" -le $((load > 5 ? load * 1000 : 5000))
"$FENCELINE" record stop --session late

# ---- long: the smallest rings there are, every I/O ----
"$FENCELINE" record start --session long --profile full --flight-recorder=1K --output "$LAB_DIR/long"
"${LAB_TRACED[@]}" rbd bench --id nova --io-type write --io-size 4096 --io-total 16G --io-threads 8 "$LAB_POOL/bench" >"$dir/logs/rbd-bench.log" 2>&1 &
bench=$!
went_around() { # a hundred times, and the VM's own ring of its I/O, too
    sleep 2 # each snapshot costs a sub-buffer of four, and pings come every 5 s
    "$FENCELINE" record snapshot --session long 2>/dev/null
    snapshot=$(newest "$LAB_DIR/long")
    around=$(times_around "$snapshot" rbd) of_vm=$(times_around "$snapshot" qemu-system-x86)
    [ "$around" -ge 100 ] && [ "$of_vm" -ge 5 ]
}
within 150 went_around || true
so "rbd's ring was written around a hundred times: $around" test "$around" -ge 100
so "the VM's, too: $of_vm" test "$of_vm" -ge 5
is "rbd's image, after so long" "$LAB_POOL/bench" "$("$FENCELINE" timeline --format json "$snapshot" |
    jq -r '.vms[].images[] | select(.image.name == "bench") | .image.pool + "/" + .image.name' | sort -u)"
so "rbd's client has its address" test "$("$FENCELINE" timeline --format json "$snapshot" |
    jq -r '[.vms[].images[] | select(.image.name == "bench" and (.client.address | length) > 6)] | length')" -ge 1
is_vm "the VM, whose I/O was written around $of_vm times" "$snapshot"
so "the ring's reach is told" test "$("$FENCELINE" record status --format json | jq '.recordings[] | select(.session == "long") | .reach.rings')" -ge 2
kill $bench
"$FENCELINE" record stop --session long
vm_end vm1
live_end
