#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Threads and lifetimes, with a real Ceph of two OSDs, librbd, python-rbd and QEMU: images and clients that come and go, librbd
# unloaded, fork and exec, drives plugged in and out, a daemon, a sandbox, another user, and a watch whose OSD is another one
# now. What is done succeeds as without the shim, and the events say so, no more and no less.
. "$(dirname "$0")/../lib/live.sh"
here=$(dirname "$(realpath "$0")")/lifetimes
build=$(dirname "$(dirname "$FENCELINE")")
shim=$build/fakes/libfenceline.so
cd "$LAB_DIR" || exit
export LIFE_POOL=$LAB_POOL

# under_shim NAME COMMAND…: its events, as text, go to $dir/NAME.txt, what it says to logs/NAME.log.
under_shim() {
    local name=$1
    shift
    events=$dir/$name.txt
    rm -f "$events"
    env "FENCELINE_PRINT=$events" "LD_PRELOAD=$shim" timeout 120 "$@" >"$dir/logs/$name.log" 2>&1 </dev/null
}
count() { # PATTERN: events of the last under_shim
    grep -c -e "$1" "$events" || true
}
distinct() { # FIELD PATTERN: how many different values
    grep -e "$2" "$events" | grep -o " $1=[^ ]*" | sort -u | wc -l
}
nothing_passed() { # WHAT
    is "$1: nothing was passed through" 0 "$(count '^passthrough ')"
}

# A second OSD, so that a watch can move. Each object on both.
second_osd() {
    local uuid
    uuid=$(cat /proc/sys/kernel/random/uuid)
    mkdir -p "$LAB_DIR/ceph/osd1"
    ceph osd new "$uuid" 1
    cluster_key osd.1 mon 'profile osd' mgr 'profile osd' osd 'allow *'
    ceph-osd -i 1 --osd-data "$LAB_DIR/ceph/osd1" --mkfs --osd-uuid "$uuid"
    ceph osd crush add osd.1 1 root=default
    ceph-osd -i 1 --osd-data "$LAB_DIR/ceph/osd1"
    ceph osd pool set "$LAB_POOL" size 2
}
on_both() { # OBJECT: what is written to it from now on is on both (asked of the monitor: a manager on a busy host answers late)
    ceph osd map "$LAB_POOL" "$1" -f json | jq -e '.acting | length == 2' >/dev/null
}

second_osd >"$dir/logs/second-osd.log" 2>&1 # while there is nothing yet that it would have to copy
wait_until 60 "two OSDs for an object" on_both any

# ---- images and clients that come and go ----

so "a thousand images are opened, written and closed in one process" under_shim thousand /usr/bin/python3 "$here/thousand.py"
is "each is opened once" 1000 "$(count '^image_open .*result=0')"
is "and closed once" 1000 "$(count '^image_close ')"
is "a thousand numbers were given" 1000 "$(distinct image '^image_open ')"
is "each watch is registered" 1000 "$(count '^watch_registered .*result=0')"
is "and ended" 1000 "$(count '^watch_unregistered ')"
is "each write is an event" 1000 "$(count '^io .* op=1 ')"
nothing_passed "a thousand images"
so "their memory is given back: 8 MiB more at most after the first hundred" \
    awk '/^kib/ { exit !($3 - $2 <= 8192) }' "$dir/logs/thousand.log"

so "a client that could not connect does so later; four clients live side by side" under_shim clients /usr/bin/python3 "$here/clients.py"
so "the failure is told" test "$(count '^client_connect .*result=-')" -ge 1
is "each of the others is told by its name" 3 "$(distinct entity '^client_connect .*result=0')"
is "each with an address of its own" 5 "$(distinct address '^client_connect .*result=0')"
is "each write is told of its own client" 4 "$(grep -e '^io .* op=1 ' "$events" | grep -o ' global_id=[0-9]*' | sort | uniq -c | awk '$1 == 3' | wc -l)"
nothing_passed "clients"

gcc -Wall -Werror -o unloaded "$here/unloaded.c" -ldl
so "librbd is loaded, used and unloaded five times" under_shim unloaded ./unloaded "$LAB_POOL" thousand.0
is "each time it is opened and closed" "5 5" "$(count '^image_open .*result=0') $(count '^image_close ')"
nothing_passed "unloaded"

so "forked children use Ceph anew, with and without exec" under_shim forked /usr/bin/python3 "$here/forked.py"
is "three processes tell of an image each" 3 "$(distinct pid '^image_open .*result=0')"
is "and write as they should" "1 1 2" "$(grep '^io .* op=1 ' "$events" | grep -o ' pid=[0-9]*' | sort | uniq -c | awk '{ print $1 }' | sort | paste -sd' ')"
nothing_passed "forked"

# ---- a program of another user: the loader ignores LD_PRELOAD with a path, whatever is done with the image ----

cp /usr/bin/rbd setuid-rbd
chmod 4755 setuid-rbd
chmod 755 "$LAB_DIR"
cp "$LAB_DIR/keyring" nobody.keyring && chmod 644 nobody.keyring
so "a setuid program runs as ever" under_shim setuid setpriv --reuid=65534 --clear-groups ./setuid-rbd -c "$CEPH_CONF" \
    --keyring "$LAB_DIR/nobody.keyring" info "$LAB_POOL/thousand.0"
so "and without the shim" test ! -s "$events"
so "which the same program has if it is not setuid" under_shim not-setuid rbd info "$LAB_POOL/thousand.0"
is "told by one image" 1 "$(count '^image_open ')"

# ---- QEMU, recorded with the real LTTng ----

recording_start full
LAB_TRACED=("$FENCELINE" run --)
qemu=(qemu-system-x86_64 -machine none -display none -nodefaults -no-user-config)
rm -f pidfile
"${LAB_TRACED[@]}" "${qemu[@]}" -name guest=daemon -daemonize -pidfile "$LAB_DIR/pidfile" -qmp "unix:$LAB_DIR/qmp1,server=on,wait=off" \
    >"$dir/logs/daemon.log" 2>&1
daemon=$(cat pidfile)
so "-daemonize: a drive is added and deleted 200 times" /usr/bin/python3 "$here/drives.py" "$LAB_DIR/qmp1" 200 "$daemon"
wait_until 30 "QEMU to end" eval '! kill -0 '"$daemon"' 2>/dev/null'

# As libvirt has it. All that librbd and the shim begin begins inside the sandbox. (QEMU itself cannot have spawn=deny and -daemonize.)
"${LAB_TRACED[@]}" "${qemu[@]}" -name guest=sandbox -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny \
    -qmp "unix:$LAB_DIR/qmp3,server=on,wait=off" >"$dir/logs/sandbox.log" 2>&1 </dev/null &
sandboxed=$!
wait_until 30 "QEMU's socket" test -S qmp3
so "-sandbox on: a drive is added and deleted 20 times" /usr/bin/python3 "$here/drives.py" "$LAB_DIR/qmp3" 20 "$sandboxed"
code=0
wait "$sandboxed" || code=$?
is "-sandbox on: QEMU ends well" 0 "$code"

# -runas gives up root after the drives are open. What nobody has to reach is opened for it.
chmod 777 "$LAB_DIR" "$LAB_DIR/log"
"${LAB_TRACED[@]}" qemu-system-x86_64 -name guest=runas -machine none -display none -nodefaults -no-user-config -runas nobody \
    -qmp "unix:$LAB_DIR/qmp2,server=on,wait=off" -blockdev "driver=rbd,node-name=d,pool=$LAB_POOL,image=thousand.9,conf=$CEPH_CONF" \
    >"$dir/logs/runas.log" 2>&1 </dev/null &
runas=$!
wait_until 30 "QEMU's socket" test -S qmp2
so "-runas: QEMU becomes nobody" within 30 grep -q '^Uid:[[:space:]]*65534' "/proc/$runas/status"
lttng_knows() {
    lttng list -u | grep -q "PID: $1 "
}
so "-runas: LTTng knows it" within 30 lttng_knows "$runas"
sleep 2 # registered, and soon recorded
so "-runas: I/O goes on as nobody" /usr/bin/python3 "$LAB_HOME/qmp.py" "$LAB_DIR/qmp2" \
    '{"execute": "human-monitor-command", "arguments": {"command-line": "qemu-io d \"write -P 7 0 64k\""}}' '{"execute": "quit"}' >"$dir/logs/runas.qmp"
wait "$runas" || true
recording_stop
tell_trace qemu
of_vm() { # NAME JQ-CONDITION: how many events
    jq -s --arg vm "$1" "[.[] | select(.vm.name == \$vm and ($2))] | length" "$dir/qemu.ndjson"
}
# The first drive may come before LTTng's answer, for which no start waits longer than a second; what is told of it then has no name.
later='(.image.name // "thousand.8") != "thousand.8" and '
is "the daemon's 200 drives are in the trace" "200 200" "$(of_vm daemon "$later"'.kind == "image-open"') $(of_vm daemon "$later"'.kind == "image-close"')"
is "and its writes" 200 "$(of_vm daemon "$later"'.kind == "io" and .op == "write"')"
is "the trace names the daemon, not the process that started it" "$daemon" "$(jq -s -r '[.[] | select(.vm.name == "daemon").vm.pid] | unique | join(" ")' "$dir/qemu.ndjson")"
is "the sandbox's 20 drives and their writes are in the trace" "20 20 20" \
    "$(of_vm sandbox "$later"'.kind == "image-open"') $(of_vm sandbox "$later"'.kind == "image-close"') $(of_vm sandbox "$later"'.kind == "io" and .op == "write"')"
is "-runas: the write as nobody is in the trace" 1 "$(of_vm runas '.kind == "io" and .op == "write"')"
is "no event was lost" 0 "$("$FENCELINE" timeline --format json "$LAB_DIR/trace" | jq .lost_events)"

# ---- a watch whose OSD is another one now ----

events=$dir/moved.txt
rm -f "$events"
rbd create "$LAB_POOL/moved" --size 64M
env "FENCELINE_PRINT=$events" "LD_PRELOAD=$shim" qemu-io -f raw "rbd:$LAB_POOL/moved:conf=$CEPH_CONF" -c 'write 0 4k' -c 'sleep 600000' >"$dir/logs/moved.log" 2>&1 </dev/null &
client=$!
header=rbd_header.$(rbd info "$LAB_POOL/moved" --format json | jq -r .id)
primary() {
    ceph osd map "$LAB_POOL" "$header" -f json | jq .acting_primary
}
# An answered ping whose OSD is the primary's address.
pinged() { # OSD
    grep -e '^ping_reply .*result=0' "$events" 2>/dev/null | tail -n +"$((answered_before + 1))" | grep -q -F "osd=\"$(osd_address "$1")\""
}
answered_before=0
led=$(primary)
wait_until 30 "a ping to osd.$led" pinged "$led"
answered_before=$(count '^ping_reply .*result=0')
for cmdline in /proc/[0-9]*/cmdline; do
    [[ "$(tr '\0' ' ' <"$cmdline" 2>/dev/null)" != "ceph-osd -i $led "* ]] || kill -KILL "$(cut -d/ -f3 <<<"$cmdline")"
done
ceph osd down "osd.$led" >/dev/null 2>&1
so "its OSD is killed: the watch goes to the other one, and its pings are seen there" within 60 pinged "$((1 - led))"
so "a second client of the image still finds a watcher" eval 'rbd status "$LAB_POOL/moved" --format json | jq -e ".watchers | length == 1" >/dev/null'
kill "$client"
wait "$client" 2>/dev/null || true
is "moving is no error of the watch" 0 "$(count '^watch_error ')"
live_end
