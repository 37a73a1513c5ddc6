#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Wire and sampler agree, ping by ping, on a real Ceph: under load, when pings are held back, when connections are reset, when
# the process stands still. The shim's own events as text, without LTTng. PINGS_SECONDS: how long it looks under load.
here=$(realpath "$0")
if [ -z "${LAB_DIR:-}" ]; then
    . "$(dirname "$here")/../lib/scenario.sh"
    mkdir -p "$dir"
    PINGS_SHIM=$(realpath "${FENCELINE_BUILD:-$top/build}")/fakes/libfenceline.so PINGS_OUT=$(realpath "$dir") \
        "$top/tools/lab/lab" run --watch-timeout 8 -- bash "$here"
    exit
fi

set -u
. "$LAB_HOME/lib/all.sh"
checks=0 failures=0

# begin NAME: a client that writes as fast as it can, on host vm1, to an image of its own; its events go to NAME.txt.
begin() {
    name=$1 events=$PINGS_OUT/$1.txt
    rm -f "$events"
    rbd create "$LAB_POOL/$name" --size 1G
    nsenter --net=/run/netns/vm1 -- env "LD_PRELOAD=$PINGS_SHIM" "FENCELINE_PRINT=$events" FENCELINE_PRINT_EVENTS=incident \
        qemu-img bench -w -c 1000000000 -d 16 -s 4096 -t none -n -f raw "rbd:$LAB_POOL/$name:id=nova:conf=$CEPH_CONF" \
        >"$PINGS_OUT/$name.log" 2>&1 &
    client=$!
    await 60 "the first answered ping" 'file_has "$events" "^ping_reply "'
}

end() {
    kill "$client" 2>/dev/null
    wait "$client" 2>/dev/null
}

# One line per ping that was sent: cookie gen sent_ns, result ("-": never answered), rtt_ns, offset in ms of the sampler's nearest
# acknowledgement ("-": none within a second). A watch's first sample may show one already, or the registration: librbd registers
# again a few ms after a ping was refused, so a first sample says nothing of a ping that was not answered with 0.
pings() {
    awk '
        { delete f; for (i = 2; i <= NF; i++) { n = index($i, "="); f[substr($i, 1, n - 1)] = substr($i, n + 1) } }
        $1 == "ping_sent" { key = f["cookie"] " " f["gen"] " " f["sent_ns"]; if (!(key in sent)) order[++pings] = key; sent[key] = f["sent_ns"] }
        $1 == "ping_reply" { key = f["cookie"] " " f["gen"] " " f["sent_ns"]; result[key] = f["result"]; rtt[key] = f["rtt_ns"] }
        $1 == "ping_sample" && f["change"] <= 1 { acks++; ack[acks] = f["acked_sent_ns"]; of[acks] = f["cookie"]; new[acks] = f["change"] + 0 }
        END {
            for (p = 1; p <= pings; p++) {
                key = order[p]; split(key, words, " "); near = "-"
                for (a = 1; a <= acks; a++) {
                    if (!new[a] && !(key in result && result[key] == "0")) continue
                    ms = (ack[a] - sent[key]) / 1e6
                    if (of[a] == words[1] && ms * ms < 1e6 && (near == "-" || ms * ms < near * near)) { near = ms; matched[a] = 1 }
                }
                print key, (key in result ? result[key] : "-"), (key in rtt ? rtt[key] : "-"), near
            }
            for (a = 1; a <= acks; a++) if (new[a] && !(a in matched)) print "sampled-only", ack[a]
        }' "$events"
}

# so "what shall be so" AWK-RULES [AWK-CONDITION]: rules over the lines of pings() set bad, or count what the condition, at the
# end, asks for.
so() {
    checks=$((checks + 1))
    if pings | awk "$2 END { exit bad || !(${3:-1}) }"; then
        echo "so: $name: $1"
    else
        failures=$((failures + 1))
        echo "NOT so: $name: $1:"
        pings
    fi
}

# await SECONDS "what is waited for" COMMAND TEXT: until the command, given as text, succeeds.
await() {
    checks=$((checks + 1))
    wait_until "$1" "$2 ($name)" eval "$3" || failures=$((failures + 1))
}

# The events from the last one with this pattern on.
since_last() {
    tail -n +"$(grep -n -e "$1" "$events" | tail -1 | cut -d: -f1)" "$events"
}

samples() {
    grep -c "^ping_sample" "$events"
}

seen() { # AT-LEAST AT-MOST PATTERN: events of this kind
    local count
    count=$(grep -c -e "$3" "$events")
    checks=$((checks + 1))
    if [ "$count" -ge "$1" ] && [ "$count" -le "$2" ]; then
        echo "so: $name: $count times $3"
    else
        failures=$((failures + 1))
        echo "NOT so: $name: $count times $3, not $1 to $2"
    fi
}

each_answer_is_sampled() {
    so "each answered ping was sampled, 250 ms off at most" '$4 == "0" && ($6 == "-" || $6 > 250 || $6 < -250) { bad = 1 }'
    so "nothing was sampled that was not answered on the wire" '$1 == "sampled-only" || ($4 != "0" && $6 != "-") { bad = 1 }'
}

host_add vm1

begin under-load
sleep "${PINGS_SECONDS:-40}"
before=$(samples) # ends right after a sample: the last ping is then neither on its way nor waiting for its sample
await 20 "the next sample" '[ "$(samples)" -gt "$before" ]'
end
each_answer_is_sampled
so "every ping was answered with 0" '$4 != "0" { bad = 1 }' 'NR > 5'
so "pings are 5.0 s apart" 'NR > 1 && ($3 - sent > 5.9e9 || $3 - sent < 4.1e9) { bad = 1 } { sent = $3 }'
seen 0 0 '^ping_sample .*change=[23]'
seen 0 0 '^watch_error '

begin held-back
hold_osd vm1
await 60 "two ticks to be overdue" '[ "$(grep -c "^ping_sample .*change=2" "$events")" -ge 2 ]'
release_osd vm1
await 60 "the watch to be there again" '[ "$(grep -c "^watch_registered .*result=0" "$events")" -ge 2 ]'
await 60 "pings of the new watch" 'since_last ^watch_registered | grep -q "^ping_sample .*change=1"'
end
each_answer_is_sampled
so "pings were held back for seconds, and then refused or answered late" '$4 != "0" || $5 > 2e9 { late++ }' 'late >= 2'
seen 1 9 '^watch_error .*result=-107'

begin reset
hold_osd vm1
await 60 "a tick to be overdue" 'file_has "$events" "^ping_sample .*change=2"'
drop_osd vm1
await 60 "the watch to be well again" 'since_last "change=2" | grep -q "^ping_sample .*change=1"'
end
each_answer_is_sampled
so "a ping was never answered" '$4 == "-" { lost++ }' 'lost >= 1'

begin stopped
await 20 "its sample: a stopped process samples nothing" 'file_has "$events" "^ping_sample .*change=1"'
kill -STOP "$client"
sleep 12
kill -CONT "$client"
await 60 "the stall to be told" 'file_has "$events" "^process_stalled "'
await 60 "the watch to be well again" 'since_last ^process_stalled | grep -q "^ping_sample .*change=1"'
end
each_answer_is_sampled
checks=$((checks + 1))
gap=$(sed -n 's/^process_stalled .*gap_ns=//p' "$events" | sort -n | tail -1)
if [ "${gap:-0}" -lt 10000000000 ] || [ "$gap" -gt 20000000000 ]; then
    failures=$((failures + 1))
    echo "NOT so: $name: the gap is that of the 12 s: ${gap:-none}"
fi
[ "$failures" = 0 ] || { echo "FAIL: $failures of $checks checks, see above"; exit 1; }
echo "$checks checks"
