#!/bin/bash
# SPDX-License-Identifier: MIT
# All of the surface, on a real cluster: each call of librbd's and librados' C and C++ APIs that does I/O or watches, each use
# of a completion, leaves exactly the events that it should, and the program under the shim does what it does without.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
export FENCELINE_BUILD=${FENCELINE_BUILD:-$root/build}
if [ "${1-}" != --inside ]; then
	[ "$(id -u)" = 0 ] || { echo "needs root: the cluster runs in namespaces"; exit 1; }
	exec "$root/tools/lab/lab" run -- bash "$0" --inside
fi
. "$root/tools/lab/lib/all.sh"
set +e
failed=0
work=$LAB_DIR/surface
mkdir -p "$work" && cd "$work" || exit 1

fail()
{
	echo "FAIL: $*"
	failed=1
}

# Calls that not every release has.
options=-I$root/include
for call in rbd_aio_compare_and_writev; do
	! grep -q $call /usr/include/rbd/librbd.h || options="$options -DHAVE_COMPARE_AND_WRITEV"
done
for name in io watch; do
	gcc -Wall -Wextra -Wno-deprecated-declarations $options -o $name "$root/tests/unit/shim_surface_$name.c" -lrbd -lrados -lpthread || exit 1
	g++ -Wall -Wextra -Wno-deprecated-declarations $options -o ${name}_cpp "$root/tests/unit/shim_surface_$name.cc" -lrbd -lrados -lpthread || exit 1
done

# Only what a program can foretell of each event.
told()
{
	sed -nE -e 's/^io .*(op=[0-9]+ offset=[0-9]+ length=[0-9]+ result=-?[0-9]+) .*/io \1/p' \
		-e 's/^(watch_registered) .*(oid="c(pp)?\.[^"]*").* (timeout_s=[0-9]+) (result=-?[0-9]+).*/\1 \2 \4 \5/p' \
		-e 's/^(watch_unregistered) .*(oid="c(pp)?\.[^"]*").*/\1 \2/p' \
		-e 's/^(notify) .*(oid="c(pp)?\.[^"]*").* (payload_bytes=[0-9]+).*/\1 \2 \4/p' "$1" | LC_ALL=C sort
}

# What the programs write to: a new image for each run, all zeroes.
images=0
fresh_image()
{
	images=$((images + 1))
	rbd create --size 64M "$LAB_POOL/surface$images" || exit 1
}

# exactly "what" PROGRAM
exactly()
{
	local what=$1
	shift
	fresh_image
	timeout 120 "./$1" "$LAB_POOL" surface$images > plain 2>&1 || { fail "$what, without the shim: $(grep -v '^[a-z_]* [a-z]*=' plain)"; return; }
	fresh_image
	rm -f events log
	FENCELINE_PRINT=$work/events FENCELINE_LOG=$work/log LD_PRELOAD=$FENCELINE_BUILD/fakes/libfenceline.so timeout 120 "./$1" "$LAB_POOL" surface$images > out 2>&1 ||
		fail "$what: the program ends with $?: $(grep -v '^[a-z_]* [a-z]*=' out)"
	LC_ALL=C sort out > expected
	told events > seen
	if cmp -s expected seen && [ -s expected ]; then
		echo "ok: $what: $(wc -l < expected) events, no more and no less"
	else
		fail "$what: expected (<) and seen (>) differ:
$(diff expected seen | head -20)"
	fi
	! grep '^passthrough ' events || fail "$what: calls were passed through, see above"
	[ ! -s log ] || fail "$what: the shim complains: $(head -3 log)"
}

exactly "I/O through the C API" io
exactly "I/O through the C++ API" io_cpp
exactly "watches through the C API" watch
exactly "watches through the C++ API" watch_cpp
exit $failed
