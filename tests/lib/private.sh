# SPDX-License-Identifier: MIT
# For a test of the commands with LTTng daemons of its own: `. "$(dirname "$0")/../lib/private.sh" SECONDS "$@"` comes first, and
# what follows runs in a private /run, in its empty home folder, for SECONDS at the most.
# Gives $root, $build, $fenceline, $provider, $failed, fail and expect. End with `exit $failed`.
# shellcheck shell=bash
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
[ -x "$build/bin/fenceline" ] && [ -x "$build/bin/emit" ] || { echo "FAIL: fenceline is not built in $build"; exit 1; }
# With `parts='a b'` before it what follows runs once for each, at the same time, and $PART says which: for a test that mostly waits.
# PART=a runs that one alone.
if [ -n "${parts-}" ] && [ -z "${PART-}" ]; then
	declare -A pids
	code=0 said=$(mktemp -d)
	for part in $parts; do
		PART=$part "$0" > "$said/$part" 2>&1 & pids[$part]=$!
	done
	for part in $parts; do
		wait "${pids[$part]}" || code=$?
		sed "s/^/$part: /" "$said/$part"
	done
	rm -r "$said"
	exit $code
fi
[ "${2-}" = --inside ] || exec timeout "$1" "$root/tests/private-lttng" "$0" --inside
cd /run/home || exit 1
fenceline=$build/bin/fenceline
provider=$(ls "$build"/lib/libfenceline-ust.so.[0-9]) || exit 1
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

# expect CODE TEXT CMD...: CMD ends with CODE, and stdout and stderr together hold TEXT
expect() {
	local code=$1 text=$2 out got
	shift 2
	out=$("$@" 2>&1)
	got=$?
	[ $got = "$code" ] || fail "$* ended with $got, not $code: $out"
	case $out in *"$text"*) ;; *) fail "$*: not said: $text; but: $out" ;; esac
}

# LTTng 2.16 takes no timer for the metadata: they are written when a process that is recorded ends, or the recording does.
metadata_is_late() { ! dpkg --compare-versions "$(lttng --version | sed 's/^[^)]*) \([0-9.]*\).*/\1/')" lt 2.16; }
write_metadata() { lttng stop "$1" > /dev/null && lttng start "$1" > /dev/null; } # SESSION
