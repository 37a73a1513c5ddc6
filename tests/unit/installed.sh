#!/bin/bash
# SPDX-License-Identifier: MIT
# `cmake --install` puts everything where it is looked for: programs, shim, pages, completion, the unit and its options, the wait
# files' lines; the unit and the pages speak of the places where things are; and the installation works where it was moved to.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
failed=0
fail() {
	echo "FAIL: $*"
	failed=1
}
prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
libdir=$(sed -n 's/^CMAKE_INSTALL_LIBDIR:PATH=//p' "$build/CMakeCache.txt")
DESTDIR=$stage cmake --install "$build" > "$stage/log" 2>&1 || fail "cmake --install: $(tail -n 3 "$stage/log")"
at=$stage$prefix
for file in bin/fenceline libexec/fenceline/fenceline-{read,record,guard} "$libdir/fenceline/libfenceline.so" \
	share/bash-completion/completions/fenceline share/zsh/vendor-completions/_fenceline lib/systemd/system/fenceline.service lib/systemd/system/lttng-sessiond.service.d/fenceline.conf lib/tmpfiles.d/fenceline.conf \
	share/fenceline/lttng-ust-wait share/fenceline/alerts/fenceline.rules.yml share/fenceline/dashboards/fenceline.json share/doc/fenceline/runbook.md; do
	[ -s "$at/$file" ] || fail "not installed: $prefix/$file"
done
grep -qi clickhouse "$root/debian/control" && fail "a package needs ClickHouse"
for program in "$at"/libexec/fenceline/*; do
	ldd "$program" | grep -qi clickhouse && fail "$program is linked with ClickHouse's"
done
pages=$(ls "$root"/docs/man/*.scd | wc -l)
if [ -d "$build/share/man/man1" ]; then # made where scdoc is
	[ "$(find "$at/share/man/man1" -size +0 | grep -c '\.1$')" = "$pages" ] || fail "not each of the $pages manual pages is installed"
fi
ls "$at/$libdir"/fenceline/libfenceline-ust.so.[0-9] > /dev/null 2>&1 || fail "no trace provider is installed"
unit=$at/lib/systemd/system/fenceline.service
grep -qx "ExecStart=$prefix/bin/fenceline record daemon .*" "$unit" || fail "the unit starts $(grep ExecStart "$unit")"
options=$(sed -n 's/^EnvironmentFile=-//p' "$unit")
grep -q -- "--options-file $options " "$unit" || fail "at SIGHUP the daemon does not read $options, as the unit does at its start"
for way in Wants After; do # or fenceline's own daemon, which its stop kills, comes first at boot
	grep -q "^$way=.*lttng-sessiond.service" "$unit" || fail "the unit has no $way= of the distribution's session daemon"
done
patience=$(sed -n 's/^static char patience.*"\([0-9]*\)";$/\1/p' "$root/tools/fenceline/record/sessiond.c")
grep -qx "Environment=LTTNG_APP_SOCKET_TIMEOUT=$patience" "$at/lib/systemd/system/lttng-sessiond.service.d/fenceline.conf" ||
	fail "the distribution's session daemon has not the patience of our own, $patience s"
[ -s "$stage$options" ] || fail "the unit reads $options, which is not installed"
# What the options file holds is what the daemon takes.
(
	FENCELINE_OPTIONS=
	# shellcheck source=/dev/null
	. "$stage$options"
	for option in $FENCELINE_OPTIONS $(sed -n 's/^# *\(--[a-z-]*\).*/\1/p' "$stage$options"); do
		case $option in --*) "$at/bin/fenceline" record daemon --help | grep -qe "$option" || fail "the options file has $option, which the daemon has not" ;; esac
	done
	exit $failed
) || failed=1
"$at/bin/fenceline" help | grep -q '^  preflight' || fail "the installed fenceline does not find its programs"
"$at/bin/fenceline" run -- sh -c 'echo "$LD_PRELOAD"' | grep -qx "$at/$libdir/fenceline/libfenceline.so" || fail "the installed fenceline does not find its shim"
exit $failed
