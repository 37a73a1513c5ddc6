#!/bin/bash
# SPDX-License-Identifier: MIT
# Logs of a real incident (tests/fixtures/logs), by `fenceline incidents`: the verdict, and what must not change it: the order of
# inputs, a log cut into two files, compression, a syslog's envelope around each line, other people's files beside them.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
fenceline=${FENCELINE_BUILD:-$root/build}/bin/fenceline
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8
failed=0

fail() {
	echo "FAIL: $1"
	failed=1
}

# verdicts FILE…: without what names the files, of which there may be more or other ones.
verdicts() {
	"$fenceline" incidents --format json "$@" 2>"$work/err" |
		jq -S 'del(.inputs, .clocks) | del(.. | .source?) | .incidents[] |= (.evidence |= unique)
			| .incidents[].missing_evidence |= map(gsub("[^ ]*/(?<name>[^ /]*)"; "\(.name)") | gsub("\\.(gz|1)"; ""))'
}

# Of lines in the same millisecond that say the same, the one told as evidence depends on how the files are named: apart from that
# nothing may differ.
same() { # WHAT FILE…
	local what=$1
	shift
	verdicts "$@" | jq 'del(.incidents[].evidence)' >"$work/got"
	diff "$work/expected" "$work/got" >"$work/diff" || fail "$release: $what changes the verdict: $(head -3 "$work/diff" | tr '\n' ' ')"
}

# halves FILE: a rotated log, the older half as FILE.1
halves() {
	local lines
	lines=$(wc -l <"$1")
	head -n $((lines / 3)) "$1" >"$work/cut/$(basename "$1").1"
	tail -n +$((lines / 3 + 1)) "$1" >"$work/cut/$(basename "$1")"
}

in_syslog() { # FILE: as journalctl -o short-iso would show it
	local program=ceph-osd
	case $1 in *qemu*) program=qemu ;; *console*) program=kernel ;; esac
	awk -v program="$program" '{ printf "2001-02-03T04:05:06+0000 host1 %s[7]: %s\n", program, $0 }' "$1"
}

for folder in "$root"/tests/fixtures/logs/*/; do
	release=$(basename "$folder")
	logs=("$folder"*.log)
	all=("$folder"*)
	verdicts "${all[@]}" >"$work/expected"
	jq -e '[.incidents[] | select(.client.address != null)] | length == 1 and
		(.[0] | .confidence == "proven" or .confidence == "likely") and .[0].blocklist.entity == "client.cinder"' "$work/expected" >/dev/null ||
		fail "$release: the verdict is $(jq -c '[.incidents[] | {client, cause, confidence}]' "$work/expected")"

	mapfile -t reversed < <(printf '%s\n' "${all[@]}" | tac)
	"$fenceline" incidents --format json "${all[@]}" >"$work/one" 2>/dev/null
	"$fenceline" incidents --format json "${reversed[@]}" >"$work/other" 2>/dev/null
	cmp -s "$work/one" "$work/other" || fail "$release: the order of inputs shows"

	verdicts "${logs[@]}" | jq 'del(.incidents[].evidence)' >"$work/expected"
	for log in "${logs[@]}"; do
		rm -rf "$work/cut"
		mkdir "$work/cut"
		halves "$log"
		others=()
		for other in "${logs[@]}"; do [ "$other" = "$log" ] || others+=("$other"); done
		same "cutting $(basename "$log") in two" "${others[@]}" "$work/cut"/*
	done

	rm -rf "$work/packed"
	mkdir "$work/packed"
	for log in "${logs[@]}"; do gzip -c "$log" >"$work/packed/$(basename "$log").gz"; done
	same "compression" "$work/packed"/*

	printf 'once upon a time\nthere was no log\n' >"$work/tale"
	same "a stranger's file" "${logs[@]}" "$work/tale"
	grep -q 'tale: holds nothing that fenceline knows' "$work/err" || fail "a stranger's file is not told of"
done

# A log in syslog's clothes says what it says without them.
release=pacific
ceph=("$root"/tests/fixtures/logs/pacific/ceph{-osd.0,.audit}.log)
verdicts "${ceph[@]}" | jq 'del(.incidents[].evidence)' >"$work/expected"
mkdir "$work/syslog"
for log in "${ceph[@]}"; do in_syslog "$log" >"$work/syslog/$(basename "$log")"; done
same "an envelope of syslog's" "$work/syslog"/*
exit $failed
