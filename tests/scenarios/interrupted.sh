#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# However a run of the lab is ended, it leaves no process and no mount behind; a network namespace lives by one of the two.
. "$(dirname "$0")/../lib/scenario.sh"

end_it_with() { # SIGNAL EXIT-CODE
    local pid code=0 begin=$SECONDS
    mkdir -p "$dir"
    mark_this_run
    "$top/tools/lab/lab" scenario --out "$dir/$1" lost-pings 2>"$dir/$1.out" &
    pid=$!
    until grep -q 'boots vm1 .*[0-9] s' "$dir/$1.out" || [ $((SECONDS - begin)) -gt 240 ]; do
        sleep 0.5
    done
    check "$1: the VM was running" grep -q 'boots vm1 .*[0-9] s' "$dir/$1.out"
    check "$1: there was something to end" test "$(left_behind | wc -l)" -gt 4
    kill -"$1" "$pid"
    wait "$pid" || code=$?
    check "$1: it says how it ended ($code)" test "$code" = "$2"
    nothing_left "$1"
}

end_it_with INT 130
end_it_with TERM 143
end_it_with KILL 137
finish
