# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Inside the lab, a record daemon at work: fences in a row, each by an rbd that ends at once, and many at once.
# usage: inside.sh FOLDER pid|uid IN-A-ROW AT-ONCE
set -eu
. "$LAB_HOME/lib/all.sh"
out=$1 buffers=$2 row=$3 once=$4
here=$(dirname "$(realpath "$0")")
work=/run/daemon-test
mkdir -p $work
"$FENCELINE" record daemon --output $work/rec --buffers "$buffers" --watch-timeout "$LAB_WATCH_TIMEOUT" --with "$LAB_DIR/log/ceph.audit.log" --keep 200 \
    --on-incident 'date +%s%N >>/run/daemon-test/hooks' >"$out/daemon.log" 2>&1 &
daemon=$!
host_add cinder

client() { # NAME [MORE]
    "$FENCELINE" run -- /usr/bin/python3 "$here/client.py" "$1" $work ${2:-} >>"$out/clients.log" 2>&1 &
    printf '%s\n' $! >"$work/$1.pid"
}
has_files() { # COUNT SUFFIX
    [ "$(find $work -maxdepth 1 -name "*.$2" | wc -l)" -ge "$1" ]
}
saved() { # CAUSE: how many folders
    "$FENCELINE" incidents --saved --format json $work/rec 2>/dev/null | jq "[.folders[] | select(.cause == \"$1\")] | length"
}
has_saved() { # COUNT CAUSE
    [ "$(saved "$2")" -ge "$1" ]
}

# ---- in a row: the owners stand still, their watches expire, each rbd breaks one lock and ends ----
names=()
for ((i = 1; i <= row; i++)); do
    rbd create "$LAB_POOL/row$i" --size 64M
    names+=("row$i")
    client "row$i"
done
wait_until 60 "the clients to have their locks" has_files "$row" address
sleep 7 # two pings answered
for name in "${names[@]}"; do kill -STOP "$(cat "$work/$name.pid")"; done
all_unwatched() {
    local name
    for name in "${names[@]}"; do vm_unwatched "$name" || return 1; done
}
wait_until $((LAB_WATCH_TIMEOUT * 2 + 30)) "their watches to expire" all_unwatched
for name in "${names[@]}"; do
    "$FENCELINE" run -- rbd --id cinder snap create "$LAB_POOL/$name@tonight" >>"$out/rbd.log" 2>&1
done
for name in "${names[@]}"; do kill -CONT "$(cat "$work/$name.pid")"; done
wait_until 90 "each of them to fail" has_files "$row" failed
last=$(cat $work/row*.failed | cut -d' ' -f1 | sort -n | tail -1)
within 60 has_saved "$row" client-stalled || say "only $(saved client-stalled) of $row folders are there"
printf '{"last_failed_ns": %s, "folders_ns": %s}\n' "$last" "$(date +%s%N)" >"$out/row.json"
for name in "${names[@]}"; do kill -KILL "$(cat "$work/$name.pid")"; done

# ---- at once: by one command for each ----
names=()
for ((i = 1; i <= once; i++)); do
    rbd create "$LAB_POOL/once$i" --size 64M
    names+=("once$i")
    client "once$i" $((i == 1 ? 1000 : 0))
done
wait_until 90 "the clients to have their locks" has_files $((row + once)) address
sleep 6
"$FENCELINE" run -- /usr/bin/python3 "$here/fence.py" $(for name in "${names[@]}"; do cat "$work/$name.address"; echo; done)
wait_until 60 "each of them to fail" has_files $((row + once)) failed
first=$(cat $work/once*.failed | cut -d' ' -f1 | sort -n | head -1)
has_all() { [ $(($(saved fenced-while-alive) + $(saved fenced-by-command))) -ge "$once" ]; }
within 60 has_all || say "only $(saved fenced-while-alive) folders are there"
printf '{"first_failed_ns": %s, "folders_ns": %s}\n' "$first" "$(date +%s%N)" >"$out/once.json"
sleep 3 # nothing more may come of it
cp /proc/$daemon/status "$out/daemon.status"
cat /proc/$daemon/stat >"$out/daemon.stat"
ls /proc/$daemon/fd | wc -l >"$out/daemon.fds"
mkdir -p "$out/verdicts"
for folder in $work/rec/incidents/2*; do cp "$folder/incidents.json" "$out/verdicts/$(basename "$folder").json"; done
cp -r $work/hooks "$out/" 2>/dev/null || true
du -sk $work/rec >"$out/du"
[ -z "${DAEMON_KEEP_TRACES:-}" ] || cp -r $work/rec "$out/"
for name in "${names[@]}"; do kill -KILL "$(cat "$work/$name.pid")"; done
kill $daemon
wait $daemon
