#!/bin/bash
# SPDX-License-Identifier: MIT
# Whatever Ceph's libraries are called, however many of them there are and whoever else interposes: each call gives its caller
# what it gives without the shim. (Fakes: a handle knows which copy made it, a call says which copy it reached.) And a shim
# that is switched off does nothing but pass on.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
shim=$build/fakes/libfenceline.so fakes=$root/tests/fakes
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
export LD_LIBRARY_PATH=$work

fail()
{
	echo "FAIL: $*"
	failed=1
}

library() # FILE COPY [LINKED-WITH...]: its soname is its file's name; COPY 0: only what libceph-common has
{
	local file=$1 copy=$2
	shift 2
	# shellcheck disable=SC2046 # one word or none
	gcc -g -O2 -Wall -fPIC -shared -pthread -Wl,-soname,"$file" $([ "$copy" = 0 ] && echo -DMESSENGER || echo "-DCOPY=$copy") \
		-o "$file" "$fakes/copy_of_ceph.c" "$@" || exit 1
}
plugin() # FILE [LINKED-WITH...]
{
	local file=$1
	shift
	gcc -g -O2 -Wall -fPIC -shared -o "$file" "$fakes/copy_plugin.c" "$@" || exit 1
}
gcc -D_GNU_SOURCE -g -O2 -Wall -o host "$fakes/copy_host.c" -ldl || exit 1
gcc -D_GNU_SOURCE -g -O2 -Wall -fPIC -shared -o interposer.so "$fakes/copy_interposer.c" -ldl || exit 1
library libceph-common.so.3 0
library librados.so.2 1 ./libceph-common.so.3
library librados-3f1c.so.2.0.0 2
library libvendor-rados.so.7 3
plugin debian.so ./librados.so.2 ./libceph-common.so.3
plugin wheel.so ./librados-3f1c.so.2.0.0
plugin vendor.so ./libvendor-rados.so.7
plugin jumping-wheel.so -DJUMPS ./librados-3f1c.so.2.0.0
plugin jumping-vendor.so -DJUMPS ./libvendor-rados.so.7
gcc -g -O2 -Wall -fPIC -pthread -DCOPY=4 -c -o copy4.o "$fakes/copy_of_ceph.c" && plugin static.so copy4.o -pthread
gcc -g -O2 -Wall -DHOST -o loader "$fakes/copy_loaded.c" -ldl || exit 1
gcc -g -O2 -Wall -fPIC -shared -o opens.so "$fakes/copy_loaded.c" ./librados.so.2 ./libceph-common.so.3 || exit 1
gcc -g -O2 -Wall -fPIC -shared -DLATER -o opens-later.so "$fakes/copy_loaded.c" ./librados.so.2 ./libceph-common.so.3 || exit 1
echo 'int other;' | gcc -shared -fPIC -x c -o other.so - || exit 1

# said PRELOAD ARGUMENT...: what the host prints
said()
{
	local preload=$1
	shift
	FENCELINE_PRINT=$work/events LD_PRELOAD=$preload timeout 60 ./host "$@" 2>&1
}

# the_same WHAT ARGUMENT...: with the shim as without it, and the calls have answered
the_same()
{
	local what=$1 without with
	shift
	without=$(said '' "$@")
	with=$(said "$shim" "$@")
	grep -q ' own flush [1-9]' <<< "$without" || fail "$what: does not run without the shim either: $without"
	if [ "$with" = "$without" ]; then
		echo "ok: $what"
	else
		fail "$what: with the shim
$(diff <(echo "$without") <(echo "$with"))"
	fi
}

# seen WHAT EVENT COUNT: the shim has not merely let it pass
seen()
{
	[ "$(grep -c "^$2 " events)" = "$3" ] || fail "$1: not $3 events $2: $(cat events)"
}

fresh()
{
	: > events
}

fresh
the_same "librados and librbd by Debian's name, libceph-common.so.3" ./debian.so
seen "libceph-common.so.3" image_open 1
fresh
the_same "renamed, as wheels do" ./wheel.so
seen "renamed" image_open 1
the_same "renamed, as a vendor does" ./vendor.so
the_same "librbd static in a plugin that exports it" ./static.so
fresh
the_same "three copies in one process" ./debian.so ./wheel.so ./vendor.so
seen "three copies" image_open 3
the_same "a static one after two others" ./wheel.so ./vendor.so ./static.so
the_same "a static one before two others" ./static.so ./debian.so ./wheel.so
the_same "RTLD_DEEPBIND" deep ./wheel.so
the_same "RTLD_DEEPBIND, several" deep ./debian.so ./wheel.so ./static.so
the_same "for all to see" global ./wheel.so
the_same "for all to see, and one beside it" global ./wheel.so ./vendor.so

# Two renamed ones, reached by jumps: the caller that is seen is the program. Without the shim each has its own; with it each
# call reaches one that has it, and a handle's calls the one that made it.
jumped=$(said "$shim" ./jumping-wheel.so ./jumping-vendor.so)
if grep -qE ' -(38|9)$|Symbol|Function not' <<< "$jumped" || [ "$(grep -c ' create 0$' <<< "$jumped")" != 2 ] ||
	[ "$(grep -cE '^1 (own (connect|command|unwatch|flush)|close) [23]$' <<< "$jumped")" != 5 ]; then
	fail "two renamed copies reached by jumps: $jumped"
else
	echo "ok: two renamed copies reached by jumps"
fi

# A handle that wanders: its calls go to the copy that made it. (Without the shim they fail.)
wandered=$(said "$shim" cross ./wheel.so ./vendor.so | grep crossed)
if [ "$wandered" = "$(printf '%s\n' "0 crossed "{connect,command,unwatch,flush}" 2" "1 crossed "{connect,command,unwatch,flush}" 3")" ]; then
	echo "ok: a handle's calls go to the copy that made it"
else
	fail "a handle's calls do not go to the copy that made it: $wandered"
fi

# Another interposer, behind and in front.
alone=$(said "$work/interposer.so" global ./debian.so)
grep -q 'own connect 101' <<< "$alone" && grep -q 'reads seen, messages seen' <<< "$alone" || fail "the interposer does not work alone: $alone"
for order in "$shim:$work/interposer.so" "$work/interposer.so:$shim"; do
	fresh
	with=$(said "$order" global ./debian.so)
	[ "$with" = "$alone" ] || fail "with another interposer, $order:
$(diff <(echo "$alone") <(echo "$with"))"
	seen "with another interposer, $order" image_open 1
done
echo "ok: another interposer behind and in front"

# Whoever is inside of dlopen or dlclose has ld.so's lock, and waits for librbd's threads: these must not need it.
for plugins in "./opens.so" "./opens-later.so" "./opens.so ./other.so" "./opens-later.so ./other.so"; do
	fresh
	# shellcheck disable=SC2086 # words
	loaded=$(FENCELINE_PRINT=$work/events LD_PRELOAD=$shim timeout 20 ./loader $plugins 2>&1)
	[ "$loaded" = $'loaded\nunloaded' ] || fail "an image opened and closed inside of dlopen and dlclose, $plugins: ${loaded:-nothing}"
	seen "inside of dlopen, $plugins" image_open 1
	seen "inside of dlclose, $plugins" image_close 1
done
echo "ok: an image is opened and closed inside of dlopen and dlclose"
exit $failed
