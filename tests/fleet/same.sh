#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is shipped and read back gives the verdict that the files give: every golden case, each in a database of its own on one real
# server. usage: tests/fleet/same.sh PORT [CASE...]
set -u -o pipefail
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
fenceline=${FENCELINE:-$top/build/test/bin/fenceline}
port=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC
failed=0 passed=0

# A verdict without the names of its sources, which in the store begin with who shipped them.
plain() {
    jq 'del(.inputs) | (.incidents[].evidence[].source) |= sub("^[^:/]*:"; "") | walk(if type == "string" then gsub("here:"; "") else . end)
        | (.clocks[].host) |= sub("^here:"; "")' "$1"
}

[ $# -gt 0 ] || set -- "$top"/tests/golden/*/
for case in "$@"; do
    name=$(basename "$case")
    [ -d "$top/tests/golden/$name" ] && [ "$name" != robust ] || continue
    cd "$top/tests/golden/$name" || exit 1
    from=. options=() inputs=()
    [ ! -f logs-of ] || from=../$(cat logs-of)
    [ ! -f options ] || eval "options=($(cat options))"
    for input in "$from"/*.events "$from"/*.log "$from"/*.log.*; do
        [ ! -f "$input" ] || { [ -f logs-of ] && [[ $input = *.events ]]; } || inputs+=("$input")
    done
    if [ -z "${from#.}" ] && [ -f trace.tar.xz ]; then
        mkdir -p "$work/$name" && tar -xJf trace.tar.xz -C "$work/$name" && inputs+=("$work/$name")
    fi
    db=case_${name//[^a-z0-9]/_}
    url=clickhouse://127.0.0.1:$port/$db
    tz=()
    for ((i = 0; i < ${#options[@]}; i++)); do
        case ${options[i]} in
        --tz=*) tz=("${options[i]}") ;;
        --tz) tz=(--tz "${options[i + 1]}") ;;
        esac
    done
    "$fenceline" ship --create --host here --spool "$work/spool" "${tz[@]}" "$url" "${inputs[@]}" 2>"$work/err" ||
        { echo "FAIL fleet/same/$name: $(tail -n 1 "$work/err")"; failed=1; continue; }
    given=()
    [ ! -f options ] || eval "given=($(cat options))"
    "$fenceline" incidents -f json "${given[@]}" "${inputs[@]}" >"$work/files.json" 2>"$work/files.err"
    case " ${options[*]} " in *--since*) ;; *) options+=(--since 1970-01-02) ;; esac
    "$fenceline" incidents -f json "${options[@]}" "$url" >"$work/store.json" 2>"$work/store.err"
    if diff <(plain "$work/files.json") <(plain "$work/store.json") >"$work/diff"; then
        passed=$((passed + 1))
    else
        echo "FAIL fleet/same/$name: $(head -n "${LINES_SHOWN:-4}" "$work/diff" | cut -c 1-200; head -n 2 "$work/store.err")"
        failed=$((failed + 1))
    fi
    curl -s --noproxy '*' --data-binary "DROP DATABASE $db" "http://127.0.0.1:$port/"
done
echo "$passed the same, $failed not"
[ $failed = 0 ]
