#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A rotation of 20 clients' images over five OSDs, of which one is bad: what the clients send to it is lost for longer than the watch's
# timeout, again and again. With guard nobody is fenced; without it somebody is. GUARD_ROTATIONS says how many rounds with guard (50);
# without it they end with the first fence. The timeout is 8 s, not Ceph's 30: less than two pings, and no longer than one image's turn takes on
# a busy machine, so watches end while commands run, and guard has 2.4 s in place of 20 to notice.
LIVE_LAB=(--watch-timeout 8)
export LAB_DEBUG_OSD=1 LAB_OSDS=5
. "$(dirname "$0")/../lib/live.sh"
. "$LAB_HOME/../../tests/guard/lib.sh"
CLIENTS=20

# The bad OSD: the one that serves the most headers.
choose_bad() {
    local n
    for ((n = 1; n <= CLIENTS; n++)); do
        osd_of_header "$(rbd info "volumes/c$n" --format json | jq -r .id)"
    done | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2, $1 }'
}

# Its ports, with commas between.
ports_of() { # OSD
    ceph osd dump -f json | jq -r --argjson id "$1" '.osds[] | select(.osd == $id) | .public_addrs.addrvec[].addr | split(":")[1]' | paste -sd,
}

# All that the clients' host sends to it is lost for 11 s, then its connections are reset and it is good for 14 s.
misbehave() { # PORTS
    while :; do
        on_host clients nft -f - <<NFT
table ip bad { chain out { type filter hook output priority 0; ip daddr $LAB_STORAGE_IP tcp dport { $1 } drop; }; }
NFT
        sleep 11
        on_host clients nft -f - <<NFT
delete table ip bad
table ip bad { chain out { type filter hook output priority 0; ip daddr $LAB_STORAGE_IP tcp dport { $1 } tcp flags & syn == 0 reject with tcp reset; }; }
NFT
        sleep 1
        on_host clients nft delete table ip bad
        sleep 13
    done
}

# How many of the clients are on the blocklist.
fenced() {
    osd_blocklist ls -f json 2>/dev/null | jq -s -r 'flatten | .[].addr' | grep -cFf <(cut -d' ' -f2 "$dir/clients.txt") || true
}

# One round: each image's newest snapshot in, the one before out. An rbd whose lock request nobody answers can wait for ever (seen on 16.2.15).
# shellcheck disable=SC2089 # for `bash -c`
rotation='timeout 120 rbd --id cinder --no-progress snap create "$1@r$2" && { [ "$2" = 1 ] || timeout 120 rbd --id cinder --no-progress snap rm "$1@r$(($2 - 1))"; }'

round_guarded() { # N: four at a time, as a script of cron's would have it
    printf 'volumes/c%d\n' $(seq $CLIENTS) | xargs -P 4 -n 5 bash -c '
        n=$1 out=$2
        shift 2
        exec "$FENCELINE" guard --id cinder --wait 60s --every 1s --timeout 20s "$@" -- sh -c "$rotation" sh "{}" "$n" >>"$out" 2>&1' bash "$1" "$dir/guarded.log" || true
}

round_bare() {
    printf 'volumes/c%d\n' $(seq $CLIENTS) | xargs -P 4 -I{} sh -c "$rotation" sh '{}' "$1" >>"$dir/bare.log" 2>&1 || true
}
# shellcheck disable=SC2090
export rotation

host_add clients
for ((n = 1; n <= CLIENTS; n++)); do
    rbd create "volumes/c$n" --size 8M
done
read -r bad headers < <(choose_bad)
ports=$(ports_of "$bad")
mkfifo "$LAB_DIR/end"
# shellcheck disable=SC2046
on_host clients /usr/bin/python3 "$LAB_HOME/../../tests/guard/clients.py" volumes $(seq -f 'c%g' $CLIENTS) <"$LAB_DIR/end" >"$dir/clients.txt" 2>"$dir/clients.err" &
exec 7>"$LAB_DIR/end"
all_hold_locks() { [ "$(wc -l <"$dir/clients.txt")" -ge $CLIENTS ]; }
wait_until 300 "$CLIENTS clients to hold their locks" all_hold_locks
head -n $CLIENTS "$dir/clients.txt" >"$dir/addresses"
misbehave "$ports" &
bad_weather=$!
echo "osd.$bad is bad: it serves the headers of $headers of $CLIENTS images"

begin=$(now_ms) ran=0
for ((n = 1; n <= ${GUARD_ROTATIONS:-50}; n++)); do
    round_guarded "$n"
    is "fenced after round $n with guard" 0 "$(fenced)"
    [ "$(fenced)" = 0 ] || break
done
ran=$(grep -c 'CMD ran' "$dir/guarded.log" || true)
so "$((n - 1)) rounds with guard in $(seconds_since "$begin") s: $ran rotations ran, $(grep -c 'did not run' "$dir/guarded.log" || true) were given up" test "$ran" -gt 0
so "some of them had to wait" grep -q 'waiting:' "$dir/guarded.log"
is "writes that failed with guard" 0 "$(grep -c failed "$dir/clients.txt" || true)"

for ((m = n; m < n + 50; m++)); do
    round_bare "$m"
    [ "$(fenced)" = 0 ] || break
done
so "without guard, round $((m - n + 1)): $(fenced) fenced" test "$(fenced)" -gt 0
kill "$bad_weather"
live_end
