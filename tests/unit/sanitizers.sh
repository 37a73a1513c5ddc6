#!/bin/bash
# SPDX-License-Identifier: MIT
# Every unit test program, the shim's with their fake librbd and librados included, built with AddressSanitizer and
# UndefinedBehaviorSanitizer, and the shim's with ThreadSanitizer. Nothing may be reported. Kept in BUILD/sanitizers, so a
# second run builds only what has changed.
# usage: sanitizers.sh [address|thread|commands]...      address and thread if none is named; commands (minutes, run by
# tests/matrix) puts the golden cases and the damaged traces through the commands built with the first two
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}/sanitizers
[ $# -gt 0 ] || set -- address thread
failed=0 ran=0
mkdir -p "$build"

fail()
{
	echo "FAIL: $*"
	failed=1
}

export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
# Leaks that are not ours, each with its reason in there.
export LSAN_OPTIONS=suppressions=$root/tests/unit/sanitizers.lsan:print_suppressions=0
# The shim starts its thread anew in a forked child, as it must.
export TSAN_OPTIONS=die_after_fork=0:second_deadlock_stack=1

# can NAME FLAGS...: can a program built so run here? (ThreadSanitizer wants an address space that some kernels do not give.)
can()
{
	local name=$1
	shift
	printf 'int main(void) { return 0; }\n' | ${CC:-cc} "$@" -x c -o "$build/can-$name" - 2> "$build/can-$name.log" &&
		"$build/can-$name" 2> "$build/can-$name.log" && return
	echo "no -fsanitize=$name here: $(tail -n 1 "$build/can-$name.log")"
	return 1
}

make() # NAME SANITIZERS TARGET...
{
	local name=$1 sanitizers=$2
	shift 2
	# A source that is new is found by configuring again, which is cheap.
	cmake -S "$root" -B "$build/$name" -G Ninja -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_FLAGS=-O1 -g1 -fno-sanitize-recover=all" \
		"-DFENCELINE_SANITIZE=$sanitizers" > "$build/$name.log" 2>&1 &&
		cmake --build "$build/$name" --target "$@" >> "$build/$name.log" 2>&1 ||
		{ fail "$name: it does not build: $(grep -m 1 -E 'error|Error' "$build/$name.log")"; return 1; }
}

# clean NAME COMMAND...: ends well, and no sanitizer has a word to say.
clean()
{
	local name=$1 log=$build/log.${1//\//.} code=0
	shift
	timeout 300 "$@" > "$log" 2>&1 < /dev/null || code=$?
	ran=$((ran + 1))
	if grep -q -E 'runtime error:|(Address|Leak|Thread|UndefinedBehavior)Sanitizer' "$log"; then
		fail "$name: $(grep -m 1 -E 'runtime error:|SUMMARY:|ERROR:|WARNING:' "$log"), see $log"
	elif [ $code = 77 ]; then
		echo "$name: $(tail -n 1 "$log")"
	elif [ $code != 0 ]; then
		fail "$name: exit code $code: $(grep -v '^$' "$log" | tail -n 1), see $log"
	fi
}

programs() # PATTERN: the test programs of the sources
{
	basename -s .c "$root"/tests/unit/$1
}

for kind in "$@"; do
	begin=$SECONDS
	case $kind in
	address)
		can address -fsanitize=address,undefined || continue
		# shellcheck disable=SC2046
		make address "address;undefined" $(programs 'test_*.c') || continue
		for program in $(programs 'test_*.c'); do
			clean "address/$program" "$build/address/bin/$program"
		done
		;;
	commands)
		can address -fsanitize=address,undefined || continue
		make address "address;undefined" fenceline-cli emit fenceline-ust reader-dies || continue
		clean commands/golden "$root/tests/golden/run" "$build/address"
		# Only the slow unwinder sees through a library without frame pointers, and so who leaked.
		clean commands/trace_damage env "ASAN_OPTIONS=$ASAN_OPTIONS:fast_unwind_on_malloc=0" "FENCELINE_BUILD=$build/address" bash "$root/tests/unit/trace_damage.sh"
		;;
	thread)
		can thread -fsanitize=thread || continue
		# shellcheck disable=SC2046
		make thread thread $(programs 'test_shim_*.c') || continue
		for program in $(programs 'test_shim_*.c'); do
			clean "thread/$program" "$build/thread/bin/$program"
		done
		;;
	esac
	echo "$kind: $((SECONDS - begin)) s"
done
[ $failed = 1 ] || [ $ran -gt 0 ] || { echo "no sanitizer runs on this machine"; exit 77; }
echo "$ran programs"
exit $failed
