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
    if [ "$1" = "$2" ] && [ -s "$dir/preflight.json" ] && fits_schema preflight-1 "$dir/preflight.json" && jq -e ".images[0] | $3" "$dir/preflight.json" >/dev/null; then
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

# fits_schema NAME FILE: against tools/fenceline/guard/schema/NAME.json; true where there is no python3-jsonschema.
fits_schema() {
    /usr/bin/python3 -W ignore - "$LAB_HOME/../fenceline/guard/schema" "$1" "$2" <<'PYTHON'
import json, pathlib, sys
try:
    import jsonschema
except ImportError:
    sys.exit(0)
folder, name, document = sys.argv[1:]
path = pathlib.Path(folder).resolve() / f"{name}.json"
schema = json.load(open(path))
checker = jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver(path.as_uri(), schema))
errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in checker.iter_errors(json.load(open(document)))]
print("\n".join(errors[:5]))
sys.exit(bool(errors))
PYTHON
}
