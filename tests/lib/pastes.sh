# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What tests of pasted inputs share: each paste is read once, and its JSON is looked at at the end, by one jq for all of them.
#   pastes_begin COMMAND     (`incidents`, `snaps`): sets $fenceline and $work; exits 77 without jq
#   paste WHAT FILTER        the input on stdin; FILTER holds of the command's JSON. Its stderr is in $work/stderr
#   else='"; it is \(.x)"'    jq's text for behind a FILTER that does not hold
#   says TEXT, silent TEXT   after paste: the command's text report of the same input, stderr with it, holds it or does not
#   fail WHY                 of the paste that came last
#   pastes_end               looks at them all and ends the test
set -u
export LC_ALL=C.UTF-8 COLUMNS=110 NO_COLOR=1
failed=0 count=0 what='' else='""'

fail() { echo "FAIL: $what: $*"; failed=1; }

pastes_begin() {
	local root build
	root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
	build=${FENCELINE_BUILD:-${BUILD_DIR:-$root/build}}
	fenceline=$build/bin/fenceline
	[ -x "$fenceline" ] || { echo "FAIL: fenceline is not built in $build"; exit 1; }
	command -v jq >/dev/null || { echo "jq is not installed"; exit 77; }
	command=$1
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
}

paste() {
	what=$1
	count=$((count + 1))
	cat >"$work/input"
	"$fenceline" "$command" --format json "$work/input" >"$work/$count.json" 2>"$work/stderr" || fail "exit code $?"
	# what is wrong is put aside, and found by its number: hundreds of short strings are no program for jq
	printf '(input | if (%s) then empty else what[%d] + (%s) end),\n' "$2" $((count - 1)) "$else" >>"$work/filters"
	printf '%s: not so: %s\0' "$1" "$2" >>"$work/what"
}

text() { "$fenceline" "${1:-$command}" "$work/input" 2>&1 | tr -s ' \n' ' '; }
says() { text | grep -qF -- "$1" || fail "it does not say '$1'"; }
silent() { ! text | grep -qF -- "$1" || fail "it says '$1'"; }

pastes_end() {
	local files=() i
	sed -i '$ s/,$//' "$work/filters"
	for ((i = 1; i <= count; i++)); do files+=("$work/$i.json"); done
	jq -Rs 'split("\u0000")' "$work/what" | sed '1s/^/def what: /; $s/$/;/' | cat - "$work/filters" >"$work/program"
	jq -nr -f "$work/program" "${files[@]}" >"$work/short" 2>&1 || { echo "FAIL: jq: $(head -1 "$work/short")"; failed=1; }
	[ ! -s "$work/short" ] || { sed 's/^/FAIL: /' "$work/short"; failed=1; }
	[ "$failed" = 0 ] && echo "$count pastes"
	exit $failed
}
