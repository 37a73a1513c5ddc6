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
	for section in NAME SYNOPSIS DESCRIPTION OPTIONS FILES "EXIT STATUS" EXAMPLES "SEE ALSO"; do
		grep -qx "# $section" "$page" || fail "$command: no section $section in its page"
	done
	# Options of the page are those in bold; the help's are those at the beginning of a line, where argp has them.
	said=$("$fenceline" ${command/-/ } --help | grep -E '^ +(-[a-zA-Z?], |)--[a-z]' | options)
	written=$(sed -n '/^# OPTIONS/,/^# [^O]/p' "$page" | grep -E '^\*(-[a-zA-Z?]\*, \*|)--' | options)
	only=$(comm -23 <(echo "$said") <(echo "$written") | tr '\n' ' ')
	[ -z "$only" ] || fail "$command: --help has, and the page has not: $only"
	only=$(comm -13 <(echo "$said") <(echo "$written") | tr '\n' ' ')
	[ -z "$only" ] || fail "$command: the page has, and --help has not: $only"
	help=$("$fenceline" ${command/-/ } --help)
	# Each example of the help is one of the page's, and can be copied: the help breaks a long line as a shell has it.
	broken=$(sed -n '/^Examples:/,/^$/p' <<< "$help" | grep -v '^Examples:' | grep -E '^[^ ]|.{80}')
	[ -z "$broken" ] || fail "$command: an example of --help that cannot be copied: $broken"
	examples=$(sed -n '/^# EXAMPLES/,/^# SEE/p' "$page" | sed 's/^[[:blank:]]*//' | tr '\n' ' ')
	while read -r example; do
		case $examples in *"$example"*) ;; *) fail "$command: not an example of its page: $example" ;; esac
	done < <(sed -n '/^Examples:/,/^$/p' <<< "$help" | sed ':a; /\\$/ { N; s/ *\\\n */ /; ba }' | sed -n 's/^  \(fenceline .*\)/\1/p' | sed 's/  *#.*//; s/ > / >/')
	# What the page's examples give to fenceline, the command has. A guarded command's own options stand behind --.
	while read -r _ what rest; do
		for option in $(options <<< "${rest%% -- *}"); do
			"$fenceline" "$what" --help | grep -qe "$option" || "$fenceline" "$what" "${rest%% *}" --help 2> /dev/null | grep -qe "$option" ||
				fail "$command: its page has an example with $option, which fenceline $what has not"
		done
	done < <(sed -n '/^# EXAMPLES/,/^# SEE/p' "$page" | grep -oE 'fenceline [a-z]+ [^|>&;]*')
	said=$(grep -A2 '^Exit codes:' <<< "$help" | grep -oE '\b[0-9]\b' | sort -u)
	written=$(sed -n '/^# EXIT/,/^# [^E]/p' "$page" | grep -oE '\b[0-9]\b' | sort -u)
	only=$(comm -23 <(echo "$said") <(echo "$written") | tr '\n' ' ')
	[ -z "${only// /}" ] || fail "$command: exit codes of --help that the page has not: $only"
	for other in $(grep -oE '\*fenceline-[a-z-]+\*\(1\)' "$page" | tr -d '*' | sed 's/(1)//'); do
		[ -f "$root/docs/man/$other.1.scd" ] || fail "$command: its page names $other(1), which is not there"
	done
	grep -q "fenceline-$command\*(1)" "$root/docs/man/fenceline.1.scd" || fail "$command is not in fenceline(1)"
done
if command -v scdoc > /dev/null; then
	for page in "$root"/docs/man/*.scd; do
		scdoc < "$page" > /dev/null || fail "scdoc cannot read $page"
	done
fi
bash -n "$root/tools/completion/fenceline.bash" || fail "bash cannot read its completion"
exit $failed
