# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For tests/scenarios/*.sh that drive a live cluster themselves, instead of looking at what a staged incident left:
#
#     . "$(dirname "$0")/../lib/live.sh"
#
# The script is run anew inside tools/lab (options for `lab run` in LIVE_LAB, an array, set before) and goes on below that line
# there: `set -eu -o pipefail`, the lab's functions, $dir for what shall stay, $dir/logs. It ends with live_end. usage of such a test: SCRIPT [FOLDER]
if [ "${1:-}" != --inside ]; then
    # shellcheck source=scenario.sh
    . "$(dirname "${BASH_SOURCE[0]}")/scenario.sh"
    mkdir -p "$dir/logs"
    "$top/tools/lab/lab" run "${LIVE_LAB[@]}" -- bash "$(realpath "$0")" --inside "$(realpath "$dir")"
    exit
fi

set -eu -o pipefail
dir=$2
# shellcheck source=../../tools/lab/lib/all.sh
. "$LAB_HOME/lib/all.sh"
checks=0 failures=0

# so WHAT COMMAND…: the check is the command's success.
so() {
    local what=$1
    shift
    checks=$((checks + 1))
    if "$@"; then
        echo "so: $what"
    else
        echo "NOT so: $what"
        failures=$((failures + 1))
    fi
}

# is WHAT EXPECTED SEEN
is() {
    checks=$((checks + 1))
    if [ "$2" = "$3" ]; then
        echo "so: $1: ${3:0:200}"
    else
        echo "NOT so: $1: '$3', not '$2'"
        failures=$((failures + 1))
    fi
}

# tell_trace NAME: what fenceline tells of the lab's recording, event by event, in $dir/NAME.ndjson.
tell_trace() {
    "$FENCELINE" timeline --format ndjson "$LAB_DIR/trace" >"$dir/$1.ndjson"
}

live_end() {
    [ "$failures" = 0 ] || { echo "FAIL: $failures of $checks checks, see above"; exit 1; }
    echo "$checks checks"
    exit 0
}
