# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Waiting for conditions, with a bound. LAB_PATIENCE stretches every bound on a slow machine.

# within SECONDS CONDITION…: polls CONDITION until it succeeds; 1 after SECONDS.
within() {
    local bound=$(($1 * ${LAB_PATIENCE:-1})) begin
    shift
    begin=$(now_ms)
    until "$@"; do
        [ $(($(now_ms) - begin)) -lt $((bound * 1000)) ] || return 1
        sleep 0.4
    done
}

# wait_until SECONDS "what is waited for" CONDITION…: the same, and says so when it was in vain.
wait_until() {
    local bound=$1 what=$2
    shift 2
    within "$bound" "$@" || fail "waited $((bound * ${LAB_PATIENCE:-1})) s for $what, in vain"
}

file_has() { # FILE PATTERN
    [ -f "$1" ] && grep -q -e "$2" "$1"
}
