# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Waiting for conditions, with a bound. LAB_PATIENCE stretches every bound on a slow machine.

# wait_until SECONDS "what is waited for" CONDITION…: polls CONDITION until it succeeds; fails after SECONDS.
wait_until() {
    local bound=$1 what=$2 begin
    shift 2
    begin=$(now_ms)
    bound=$((bound * ${LAB_PATIENCE:-1}))
    until "$@"; do
        if [ $(($(now_ms) - begin)) -ge $((bound * 1000)) ]; then
            fail "waited $bound s for $what, in vain"
            return 1
        fi
        sleep 0.4
    done
}

file_has() { # FILE PATTERN
    [ -f "$1" ] && grep -q -e "$2" "$1"
}
