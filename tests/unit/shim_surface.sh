#!/bin/bash
# SPDX-License-Identifier: MIT
# All of the surface, on a real cluster: each call of librbd's and librados' C and C++ APIs that opens or closes an image, does
# I/O, watches, or makes or removes a snapshot, each use of a completion, and each class call on an image's header, leaves exactly
# the events that it should, and the program under the shim does what it does without.
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
options="-I$root/include -DCEPH_MAJOR=$(ceph --version | sed 's/ceph version \([0-9]*\).*/\1/')"
for call in COMPARE_AND_WRITEV WRITE_WITH_CRC32C; do
	! grep -q "rbd_aio_${call,,}" /usr/include/rbd/librbd.h || options="$options -DHAVE_$call"
done
for name in io watch image snap header; do
	[ $name = header ] || gcc -Wall -Wextra -Wno-deprecated-declarations $options -o $name.out "$root/tests/unit/shim_surface_$name.c" -lrbd -lrados -lpthread || exit 1 # librados' C API has no such calls
	g++ -Wall -Wextra -Wno-deprecated-declarations $options -o ${name}_cpp.out "$root/tests/unit/shim_surface_$name.cc" -lrbd -lrados -lpthread || exit 1
done

# told PROGRAM EVENTS: only what the program can foretell of each event.
told()
{
	local oid='oid="c(pp)?\.[^"]*"'
	case $1 in
	io*) set -- "$2" -e 's/^io .*(op=[0-9]+ offset=[0-9]+ length=[0-9]+ result=-?[0-9]+) .*/io \1/p' ;;
	watch*) set -- "$2" -e "s/^(watch_registered) .*($oid).* (timeout_s=[0-9]+) (result=-?[0-9]+).*/\1 \2 \4 \5/p" \
		-e "s/^(watch_unregistered) .*($oid).*/\1 \2/p" -e "s/^(notify) .*($oid).* (payload_bytes=[0-9]+).*/\1 \2 \4/p" ;;
	image*) set -- "$2" -e 's/^(image_open) .*(image=[0-9]+) .* (name=.* result=-?[0-9]+) .*/\1 \2 \3/p' \
		-e 's/^(image_close) .* (image=[0-9]+ result=-?[0-9]+ inflight=[0-9]+).*/\1 \2/p' \
		-e 's/^(client_connect) .* (entity="[^"]*") .* (result=-?[0-9]+) .*/\1 \2 \3/p' -e 's/^(client_shutdown) .*/\1/p' ;;
	snap*) set -- "$2" -e 's/^(snapshot_begin) .*(action=[0-9]+) image=[0-9]+ (op="[^"]*" snap="[^"]*") .* (name="[^"]*") .*/\1 \2 \3 \4/p' \
		-e 's/^(snapshot_end) .*(action=[0-9]+ result=-?[0-9]+).*/\1 \2/p' ;;
	header*) set -- "$2" -e 's/^(header_op) .*(oid="rbd_header.surface[_.a-z]*").* (method="[^"]*" result=-?[0-9]+) .*/\1 \2 \3/p' \
		-e 's/^(watchers_listed) .*(oid="rbd_header.surface[_.a-z]*" result=-?[0-9]+ watchers=[0-9]+).*/\1 \2/p' \
		-e 's/^(watcher_listed) .*(oid="rbd_header.surface[_.a-z]*") .*(watcher_gid=[0-9]+ cookie=[0-9]+ timeout_s=[0-9]+).*/\1 \2 \3/p' ;;
	esac
	sed -nE "${@:2}" "$1" | LC_ALL=C sort
}

# exactly "what" PROGRAM: in a folder of its own, for several can run at the same time; each run has a new image, all zeroes.
exactly()
{
	local what=$1 image=surface_$2 plain
	mkdir "$2" && cd "$2" || exit 1
	rbd create --size 64M "$LAB_POOL/$image" && rbd create --size 64M "$LAB_POOL/${image}_plain" || exit 1
	timeout 120 "../$2.out" "$LAB_POOL" "${image}_plain" > plain 2>&1 &
	plain=$!
	case $2 in watch*) wait $plain ;; esac # they watch the same objects
	FENCELINE_PRINT=$PWD/events FENCELINE_LOG=$PWD/log LD_PRELOAD=$FENCELINE_BUILD/fakes/libfenceline.so timeout 120 "../$2.out" "$LAB_POOL" "$image" > out 2>&1 ||
		fail "$what: the program ends with $?: $(grep -v '^[a-z_]* [a-z]*=' out)"
	wait $plain || fail "$what, without the shim: $(grep -v '^[a-z_]* [a-z]*=' plain)"
	LC_ALL=C sort out > expected
	told "$2" events > seen
	if cmp -s expected seen && [ -s expected ]; then
		echo "ok: $what: $(wc -l < expected) events, no more and no less"
	else
		fail "$what: expected (<) and seen (>) differ:
$(diff expected seen | head -20)"
	fi
	! grep '^passthrough ' events || fail "$what: calls were passed through, see above"
	[ ! -s log ] || fail "$what: the shim complains: $(head -3 log)"
	exit $failed
}

# A snapshot waits a second for the monitor: these go on beside the others.
(exactly "snapshots through the C API" snap) > snap.says 2>&1 &
snap=$!
(exactly "snapshots through the C++ API" snap_cpp) > snap_cpp.says 2>&1 &
snap_cpp=$!
(exactly "I/O through the C API" io) || failed=1
(exactly "I/O through the C++ API" io_cpp) || failed=1
(exactly "open and close through the C API" image) || failed=1
(exactly "open and close through the C++ API" image_cpp) || failed=1
(exactly "class calls on a header, and who watches it, through the C++ API" header_cpp) || failed=1
(exactly "watches through the C API" watch) || failed=1
(exactly "watches through the C++ API" watch_cpp) || failed=1
wait $snap || failed=1
wait $snap_cpp || failed=1
cat snap.says snap_cpp.says
exit $failed
