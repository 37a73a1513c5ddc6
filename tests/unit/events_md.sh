#!/bin/bash
# SPDX-License-Identifier: MIT
# tracepoints/EVENTS.md says what include/fenceline/events.h says.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
if ! "$build/bin/events-md-writer" | diff -u "$root/tracepoints/EVENTS.md" -; then
	echo "FAIL: tracepoints/EVENTS.md is stale; write it again with \`cmake --build build --target events-md\`"
	exit 1
fi
