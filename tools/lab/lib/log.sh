# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the lab tells the person in front of it: one line a step, with how long it took. All of it on stderr.

LC_ALL=C.UTF-8
export LC_ALL

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    log_bold=$'\e[1m' log_dim=$'\e[2m' log_red=$'\e[31m' log_green=$'\e[32m' log_off=$'\e[0m'
else
    log_bold='' log_dim='' log_red='' log_green='' log_off=''
fi

# now_ms: milliseconds since the epoch.
now_ms() {
    local t=${EPOCHREALTIME/./}
    printf '%s\n' "${t%???}"
}

# seconds_since MS: "12.3", the time since MS (of now_ms).
seconds_since() {
    local ms=$(($(now_ms) - $1))
    printf '%d.%d\n' $((ms / 1000)) $((ms % 1000 / 100))
}

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    printf '%s%s: %s%s\n' "$log_red" "${0##*/}" "$*" "$log_off" >&2
    return 1
}

die() {
    fail "$@" || exit 1
}

# strictly COMMAND…: runs COMMAND in a subshell that ends at the first failing command, and leaves its code in strict_code.
# `COMMAND || code=$?` would switch `set -e` off for everything inside COMMAND. Not for use in a condition, for that reason.
strictly() {
    set +e
    (
        set -e
        "$@"
    )
    strict_code=$?
    set -e
}

# timed "what it does" COMMAND…: says what, runs COMMAND strictly, says how long it took; returns COMMAND's code.
# On a terminal the line stands before the command ends, so a person sees what is waited for.
timed() {
    local what=$1 begin
    shift
    begin=$(now_ms)
    [ ! -t 2 ] || printf '  %s ... ' "$what" >&2
    strictly "$@"
    [ -t 2 ] || printf '  %s ... ' "$what" >&2
    if [ "$strict_code" = 0 ]; then
        printf '%s%s s%s\n' "$log_dim" "$(seconds_since "$begin")" "$log_off" >&2
    else
        printf '%sfailed after %s s%s\n' "$log_red" "$(seconds_since "$begin")" "$log_off" >&2
    fi
    return "$strict_code"
}

headline() {
    printf '%s%s%s\n' "$log_bold" "$*" "$log_off" >&2
}
