#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest that knows its watch's cookie, its header's name and what pings look like writes them into its disk and reads them back,
# on a real Ceph, while pings go by and while one OSD keeps them waiting: nothing of it is recorded as a ping or an answer, and
# none of the real ones is missed.
export LAB_OSDS=2 # the header's, which is stopped, and another one
. "$(dirname "$0")/../lib/live.sh"
here=$(dirname "$(realpath "$0")")/forged-pings
shim=$(dirname "$(dirname "$FENCELINE")")/fakes/libfenceline.so
events=$dir/events.txt
rm -f "$events"

rbd create "$LAB_POOL/disk" --size 64M --object-size 1M
id=$(rbd info "$LAB_POOL/disk" --format json | jq -r .id)
primary() { # OBJECT
    ceph osd map "$LAB_POOL" "$1" -f json | jq .acting_primary
}
led=$(primary "rbd_header.$id")
near='' far='' # a MiB of the image on the header's OSD, and one elsewhere
for ((n = 0; n < 60; n++)); do
    if [ "$(primary "rbd_data.$id.$(printf '%016x' $n)")" = "$led" ]; then near=$n; else far=$n; fi
    [ -z "$near" ] || [ -z "$far" ] || break
done

env "FENCELINE_PRINT=$events" "LD_PRELOAD=$shim" qemu-system-x86_64 -machine none -nodefaults -display none -name guest=forger \
    -blockdev "driver=rbd,pool=$LAB_POOL,image=disk,conf=$CEPH_CONF,user=nova,node-name=d,cache.direct=on" \
    -qmp "unix:$LAB_DIR/qmp,server=on,wait=off" >"$dir/logs/qemu.log" 2>&1 </dev/null &
guest=$!
wait_until 30 "QEMU's monitor" test -S "$LAB_DIR/qmp"
count() { # PATTERN
    grep -c -e "$1" "$events" 2>/dev/null || true
}
at_least() { # COUNT PATTERN
    [ "$(count "$2")" -ge "$1" ]
}
does() { # COMMAND…: of qemu-io, one after the other
    printf '%s\n' "$@" | timeout 60 /usr/bin/python3 "$here/guest.py" "$LAB_DIR/qmp"
}

does 'write -P 7 0 4k'
wait_until 30 "an answered ping" at_least 1 '^ping_reply .*result=0'
value() { # FIELD EVENT: of the last one
    grep -e "^$2 " "$events" | tail -1 | grep -o " $1=[^ ]*" | cut -d= -f2
}
cookie=$(value cookie ping_sent) gen=$(value gen ping_sent)
/usr/bin/python3 "$here/forge.py" "$LAB_DIR" "rbd_header.$id" "$cookie" "$gen"

# ---- written: whole files, and sectors of their own ----

for place in $near $far; do
    does "write -s $LAB_DIR/answers ${place}M 960k" "write -s $LAB_DIR/candidates $((place * 1024 + 960))k 64k"
    for ((n = 1; n <= 64; n++)); do
        printf 'write -s %s %d 512\n' "$LAB_DIR/ping-$n" $((place * 1048576 + 8192 + n * 512))
    done >"$LAB_DIR/sectors"
    mapfile -t sectors <"$LAB_DIR/sectors"
    does "${sectors[@]}"
done
so "the guest's data are on the disk" cmp -s -n 65536 "$LAB_DIR/candidates" \
    <(rbd export --no-progress "$LAB_POOL/disk" - 2>/dev/null | tail -c +$(((far * 1024 + 960) * 1024 + 1)))

# ---- read, for four ticks, or two ----

reads() { # PLACE: in pieces that come ahead of a message's data, and in large ones
    local n
    for ((n = 0; n < 40; n++)); do
        printf 'read %d 4k\n' $(($1 * 1048576 + n * 4096 + n))
    done
    printf 'read %d 64k\n' $(($1 * 1048576 + 983040)) $(($1 * 1048576)) $(($1 * 1048576 + 65536))
    printf 'read %dM 1M\n' "$1"
}
span=21
[ -z "${FENCELINE_SHORT:-}" ] || span=11
begun=$SECONDS rounds=0
while [ $((SECONDS - begun)) -lt "$span" ]; do
    mapfile -t commands < <(reads "$near"; reads "$far")
    does "${commands[@]}"
    rounds=$((rounds + 1))
done
so "it was read over and over ($rounds times)" test "$rounds" -ge 5
sent=$(count '^ping_sent ')
is "each ping was answered once, with 0" "$sent" "$(count '^ping_reply .*result=0')"
is "and nothing else was" "$sent" "$(count '^ping_reply ')"
# Ticks are 5 s apart: what was written in between would be one too many.
so "no ping is one too many" awk '
    $1 == "ping_sent" { match($0, / sent_ns=[0-9]*/); at = substr($0, RSTART + 9, RLENGTH - 9); if (last && at - last < 4e9) bad = 1; last = at }
    END { exit bad }' "$events"

# ---- read from the other OSD while the header's does not answer ----

for cmdline in /proc/[0-9]*/cmdline; do
    [[ "$(tr '\0' ' ' <"$cmdline" 2>/dev/null)" != "ceph-osd -i $led "* ]] || osd=$(cut -d/ -f3 <<<"$cmdline")
done
kill -STOP "$osd"
wait_until 15 "a ping that waits" eval '[ "$(count "^ping_sent ")" -gt "$(count "^ping_reply ")" ]'
before=$(count '^ping_reply ')
for ((n = 0; n < 5; n++)); do
    mapfile -t commands < <(reads "$far")
    does "${commands[@]}"
done
is "no answer was seen while none was given" "$before" "$(count '^ping_reply ')"
kill -CONT "$osd"
wait_until 30 "the answers" eval '[ "$(count "^ping_reply ")" -ge "$(count "^ping_sent ")" ]'
is "the real ones are seen, once each, with 0" "$(count '^ping_sent ')" "$(count '^ping_reply .*result=0')"
is "nobody was told -108" "0 0" "$(count '^ping_reply .*result=-108') $(count '^watch_error ')"
kill "$guest"
wait "$guest" || true
live_end
