#!/bin/bash
# SPDX-License-Identifier: MIT
# Each command has a manual page that agrees with its --help: the same options, examples, exit codes; and completion knows it.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
fenceline=$build/bin/fenceline
failed=0
fail() {
	echo "FAIL: $*"
	failed=1
}
options() { grep -oE -- '--[a-z][a-z-]+' | sort -u; }

commands=$("$fenceline" help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
[ "$(wc -w <<< "$commands")" -ge 7 ] || fail "fenceline help lists too few commands: $commands"
for command in $commands record-daemon record-window; do
	[ "$command" != help ] || continue
	page=$root/docs/man/fenceline-$command.1.scd
	[ -f "$page" ] || { fail "no manual page of $command"; continue; }
	for section in NAME SYNOPSIS DESCRIPTION OPTIONS "EXIT STATUS" EXAMPLES "SEE ALSO"; do
		grep -qx "# $section" "$page" || fail "$command: no section $section in its page"
	done
	# Options of the page are those in bold; the help's are those at the beginning of a line, where argp has them.
	said=$("$fenceline" ${command/-/ } --help | grep -E '^ +(-[a-zA-Z?], |)--[a-z]' | options)
	written=$(sed -n '/^# OPTIONS/,/^# [^O]/p' "$page" | grep -E '^\*(-[a-zA-Z?]\*, \*|)--' | options)
	only=$(comm -23 <(echo "$said") <(echo "$written") | tr '\n' ' ')
	[ -z "$only" ] || fail "$command: --help has, and the page has not: $only"
	only=$(comm -13 <(echo "$said") <(echo "$written") | tr '\n' ' ')
	[ -z "$only" ] || fail "$command: the page has, and --help has not: $only"
	grep -q "fenceline-$command\*(1)" "$root/docs/man/fenceline.1.scd" || fail "$command is not in fenceline(1)"
done
if command -v scdoc > /dev/null; then
	for page in "$root"/docs/man/*.scd; do
		scdoc < "$page" > /dev/null || fail "scdoc cannot read $page"
	done
fi
bash -n "$root/tools/completion/fenceline.bash" || fail "bash cannot read its completion"
exit $failed
