#!/bin/bash
# SPDX-License-Identifier: MIT
# Fuzzes every parser of `fenceline snaps` for a bounded time: libFuzzer, ASAN, UBSAN; seeds are the fixtures.
# usage: tests/fuzz/snaps.sh [SECONDS]     30 unless told; prints "ok fuzz/snaps" or "FAIL fuzz/snaps: why"; 77: skipped
set -eu
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
command -v clang >/dev/null || { echo "clang is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build() {
	local flags="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined"
	cmake -S "$top" -B "$work/build" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS="$flags" -DBUILD_TESTING=OFF &&
		cmake --build "$work/build" --target fl-snaps fl-render fl-correlate fl-model fl-ingest &&
		clang -std=gnu11 -D_GNU_SOURCE -DFENCELINE_VERSION='"fuzz"' -Wall -Wextra -Wno-missing-field-initializers -Werror $flags -fsanitize=fuzzer \
			-I"$top/tools/fenceline" -I"$top/include" "$top/tests/fuzz/fuzz_snaps_inputs.c" \
			-Wl,--start-group "$work"/build/tools/fenceline/libfl-{snaps,render,correlate,model,ingest}.a -Wl,--end-group \
			$(pkg-config --libs babeltrace2 jansson) -lm -ldl -o "$work/fuzz"
}
build >"$work/build.log" 2>&1 || { echo "FAIL fuzz/snaps: it does not build: $(grep -m1 -E 'error|Error' "$work/build.log")"; exit 1; }
mkdir "$work/corpus"
cd "$work"
if ./fuzz -max_total_time="${1:-30}" -timeout=20 -rss_limit_mb=2000 corpus "$top/tests/fixtures/snaps" >fuzz.log 2>&1; then
	echo "ok fuzz/snaps ($(tail -1 fuzz.log))"
else
	cp crash-* oom-* timeout-* "${TMPDIR:-/tmp}" 2>/dev/null || true
	echo "FAIL fuzz/snaps: $(grep -m1 -E 'ERROR|runtime error' fuzz.log || tail -1 fuzz.log); the input is kept in ${TMPDIR:-/tmp}"
	exit 1
fi
