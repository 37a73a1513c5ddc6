# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the scripts of tests/deploy that run inside the lab: the record daemon as it is installed, and what its folder must say.

deploy=/var/lib/fenceline
shim=$(realpath /usr/local/lib/fenceline/libfenceline.so 2>/dev/null || ls /usr/lib/*/fenceline/libfenceline.so 2>/dev/null || true)
failures=0
trap '[ $? = 0 ] || { tail -n 30 "$LAB_DIR/log/daemon.log" "$LAB_DIR"/log/libvirt-*.log; ls -lR $deploy | head -60; ls -l /dev/shm; }' EXIT

so() { # "what is so" COMMAND…
    local what=$1
    shift
    if "$@" >/dev/null; then
        echo "so: $what"
    else
        echo "FAIL: not so: $what"
        failures=$((failures + 1))
    fi
}

finish() {
    [ "$failures" = 0 ] || exit 1
    exit 0
}

# daemon_up HOST [OPTION…]: with a hook that writes down when and for which VM it was called.
daemon_up() {
    local host=$1
    shift
    mkdir -p $deploy
    : >$deploy/hooked
    # No function, so that $! is the daemon's own pid: each execs the next. Its host's name is a trace's.
    # shellcheck disable=SC2016 # for the inner shell
    nsenter --net="/run/netns/$host" -- unshare --uts sh -c 'hostname "$0" && exec "$@"' "$host" fenceline record daemon --output $deploy --with "$LAB_DIR/log/ceph.audit.log" --watch-timeout "$LAB_WATCH_TIMEOUT" \
        --on-incident "jq -r '.incidents[0].vm.name' >>$deploy/hooked" "$@" </dev/null >"$LAB_DIR/log/daemon.log" 2>&1 &
    printf '%s\n' $! >/run/record-daemon.pid
    wait_until 40 "the record daemon" daemon_records || { cat "$LAB_DIR/log/daemon.log" >&2; return 1; }
}

daemon_records() {
    lttng list 2>/dev/null | grep -q fenceline-daemon
}

daemon_down() {
    local pid
    pid=$(cat /run/record-daemon.pid)
    kill -TERM "$pid" 2>/dev/null || true
    wait_until 20 "the record daemon to end" sh -c "! kill -0 $pid 2>/dev/null"
}

# fence_by_rotation NAME [HOST]: its pings are held back until the OSD has dropped its watch, a rotation is made, it is let through again;
# returns when the guest has met its first -108, at about $fenced_at. HOST is where it runs, by default the one of its name.
fence_by_rotation() {
    local host=${2:-$1}
    hold_osd "$host"
    wait_until $((LAB_WATCH_TIMEOUT + 30)) "the watch of $1 to expire" vm_unwatched "$1"
    rotate "$1" || true
    drop_osd "$host"
    fenced_guest_fails "$1"
    fenced_at=$EPOCHSECONDS
}

writes_of() { # NAME: how many its first writer has made
    sed -n 's/^guest: writer 0: write \([0-9]*\) done.*/\1/p' "$(vm_dir "$1")/console.log" | tail -n 1
}

writes_on() { # NAME
    local before
    before=$(writes_of "$1")
    within 30 writes_more "$1" "$before"
}

writes_more() { # NAME BEFORE
    [ "$(writes_of "$1")" -gt "$2" ]
}

folders() {
    find $deploy/incidents -mindepth 1 -maxdepth 1 -type d -name '2*' 2>/dev/null | sort
}

folder_is_there() {
    [ -n "$(folders)" ] && [ -s $deploy/hooked ]
}

folder_in_time() { # SECONDS
    within 60 folder_is_there
    echo "the folder came $((EPOCHSECONDS - fenced_at)) s after the guest's first error" >&2
    [ $((EPOCHSECONDS - fenced_at)) -le "$1" ]
}

# one_proven_folder NAME UUID CAUSE
one_proven_folder() {
    local folder verdict
    so "one incident folder" test "$(folders | wc -l)" = 1
    folder=$(folders | head -n 1)
    verdict=$folder/incidents.json
    so "its files are there" test -s "$folder/timeline.html" -a -s "$folder/timeline.txt" -a -d "$folder/trace" -a -d "$folder/logs"
    so "for root and adm alone" test "$(stat -c %a:%U:%G "$folder")" = 750:root:adm
    so "the verdict is $3, proven" jq -e ".incidents | length == 1 and .[0].cause == \"$3\" and .[0].confidence == \"proven\"" "$verdict"
    so "of this VM" jq -e ".incidents[0].vm.name == \"$1\" and .incidents[0].vm.uuid == \"$2\"" "$verdict"
    so "with the snapshot that did it" jq -e '.incidents[0].snapshot_window.snap | length > 0' "$verdict"
    so "and the call stack" jq -e '.incidents[0].blocklist.stack | length > 2' "$verdict"
}
