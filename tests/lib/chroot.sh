# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the runners whose tests run in a suite's chroot (tests/matrix/suite makes it, tests/matrix/enter enters it).
# They set: top, root (the chroot), and suite.

suites_folder=${XDG_CACHE_HOME:-$HOME/.cache}/fenceline/suites

# all_of_it_inside "$0" "$@": starts again in a PID and mount namespace, as tests/run does. Killed or interrupted, nothing stays.
all_of_it_inside() {
    local code=0
    [ -z "${FENCELINE_CHROOTS_INSIDE:-}" ] || { unset FENCELINE_CHROOTS_INSIDE; return 0; }
    [ "$(id -u)" = 0 ] || { echo "needs root: debootstrap, chroot and namespaces are root's"; exit 77; }
    let_signals_in "$@"
    FENCELINE_CHROOTS_INSIDE=1 in_pid_namespace bash "$@" || code=$?
    exit $code
}

# one_at_a_time FILE WHAT: waits until no other run has FILE locked; this shell, until it ends.
one_at_a_time() {
    exec 8>>"$1"
    flock -n 8 || { echo "note: another run uses $2; waiting for it"; flock 8; }
}

# own_build_folder FOLDER: of the chroot. One that another checkout filled is emptied: whose sources are newer than its objects
# says nothing about this checkout's.
own_build_folder() {
    local mine
    mine="$top $(stat -c '%i %W' "$top")"
    if [ "$(cat "$root$1/checkout" 2>/dev/null)" != "$mine" ]; then
        rm -rf "${root:?}$1"
        mkdir -p "$root$1"
        printf '%s\n' "$mine" >"$root$1/checkout"
    fi
}

# in_suite SECONDS LOG COMMAND…: in the chroot, in the checkout. After so many seconds it is killed, with all it has started.
in_suite() {
    local bound=$1 log=$2
    shift 2
    timeout -s KILL "$bound" "$top/tests/matrix/enter" "$root" "$@" >"$log" 2>&1 </dev/null
}

# why_failed CODE SECONDS LOG: in a few words, and where to read on.
why_failed() {
    case $1 in
    124 | 137) printf 'no end after %d s, log at %s' "$2" "$3" ;;
    *) printf '%s, log at %s' "$(first_failure "$3")" "$3" ;;
    esac
}

first_failure() { # LOG
    { grep -a -m 1 '^FAIL[ :]' "$1" || last_words "$1"; } | cut -c1-200
}
