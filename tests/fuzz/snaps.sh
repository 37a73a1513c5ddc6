#!/bin/bash
# SPDX-License-Identifier: MIT
# Fuzzes every parser of `fenceline snaps` for a bounded time: libFuzzer, ASAN, UBSAN; seeds are the fixtures.
# usage: tests/fuzz/snaps.sh [SECONDS]     30 unless told; prints "ok fuzz/snaps" or "FAIL fuzz/snaps: why"; 77: skipped
set -eu
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
command -v clang >/dev/null || { echo "clang is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$top/tools/fenceline"
clang -std=gnu11 -g -O1 -D_GNU_SOURCE -Wall -Wextra -Wno-missing-field-initializers -Werror \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -I. -I"$top/include" -DFENCELINE_SNAPS_PAGE="\"$PWD/snaps/page.html\"" \
	"$top/tests/fuzz/fuzz_snaps_inputs.c" snaps/*.c ingest/line_reader.c ingest/archive_library.c ingest/tz.c render/*.c correlate/*.c model/*.c \
	$(pkg-config --cflags --libs libarchive jansson) -lm -ldl -o "$work/fuzz" 2>"$work/build.log" ||
	{ echo "FAIL fuzz/snaps: it does not build: $(grep -m1 error "$work/build.log")"; exit 1; }
mkdir "$work/corpus"
cd "$work"
if ./fuzz -max_total_time="${1:-30}" -timeout=20 -rss_limit_mb=2000 corpus "$top/tests/fixtures/snaps" >fuzz.log 2>&1; then
	echo "ok fuzz/snaps ($(tail -1 fuzz.log))"
else
	cp crash-* oom-* timeout-* "${TMPDIR:-/tmp}" 2>/dev/null || true
	echo "FAIL fuzz/snaps: $(grep -m1 -E 'ERROR|runtime error' fuzz.log || tail -1 fuzz.log); the input is kept in ${TMPDIR:-/tmp}"
	exit 1
fi
