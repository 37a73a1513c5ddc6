# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of preflight, guard and unlock share; after tests/lib/live.sh.

# seen HOST EXIT-CODE JQ-CONDITION WHAT OPTION… IMAGE: preflight on a host ("" is the storage node) ends with that code, and its JSON's first
# image fits the condition.
seen() {
    local host=$1 expected=$2 condition=$3 what=$4 code=0
    shift 4
    ${host:+on_host "$host"} "$FENCELINE" preflight --format json "$@" >"$dir/preflight.json" 2>"$dir/preflight.err" || code=$?
    # jq 1.6 takes a file with nothing in it for true.
    so "$what: preflight ends with $expected, $condition" preflight_was "$code" "$expected" "$condition"
}

preflight_was() { # CODE EXPECTED CONDITION
    if [ "$1" = "$2" ] && [ -s "$dir/preflight.json" ] && jq -e ".images[0] | $3" "$dir/preflight.json" >/dev/null; then
        return 0
    fi
    echo "  ended with $1; $(jq -c '.images[0] | {verdict, rule, text, process, probe}' "$dir/preflight.json" 2>&1) $(cat "$dir/preflight.err")"
    return 1
}

# json_so WHAT FILE JQ-CONDITION
json_so() {
    so "$1" json_fits "$2" "$3"
}

json_fits() {
    if [ -s "$1" ] && jq -e "$2" "$1" >/dev/null; then
        return 0
    fi
    echo "  $(jq -c . "$1" 2>&1 | cut -c1-2000)"
    return 1
}

# The lock of an image, as Ceph tells it.
lock_of() { # IMAGE
    rbd lock ls "$LAB_POOL/$1" --format json
}

has_snapshot() { # IMAGE SNAPSHOT
    rbd snap ls "$LAB_POOL/$1" --format json | jq -e --arg snap "$2" 'any(.name == $snap)' >/dev/null
}

not() {
    ! "$@"
}
