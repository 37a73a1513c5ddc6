#!/bin/bash
# SPDX-License-Identifier: MIT
# FENCELINE_DISABLE=1 and the file /etc/fenceline/disable: each call of the whole table reaches the real function with what its
# caller gave, and comes back with what that returned; no provider, no event, no thread. (A fake has every symbol.)
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
shim=$build/fakes/libfenceline.so
if [ "${1-}" != --inside ]; then
	[ "$(id -u)" = 0 ] || { echo "needs root: /etc is another one here"; exit 1; }
	exec unshare --mount --propagation private bash "$0" --inside
fi
work=$(mktemp -d) || exit 1
trap 'umount /etc 2> /dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

cat > fake.c << 'X'
long fake_arguments[12];
const char *fake_called;
#define ROW(id, symbol, library, need, first, last, ...) \
	long fake_##id(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j, long k, long l) __asm__(symbol #library); \
	long fake_##id(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j, long k, long l) \
	{ \
		long all[] = { a, b, c, d, e, f, g, h, i, j, k, l }; \
		__builtin_memcpy(fake_arguments, all, sizeof all); \
		fake_called = #id; \
		return 4242; \
	}
#define LIB_RBD
#define LIB_RADOS
#define LIB_CEPH_COMMON
#define LIB_C
#include "table.h"
X
# libc's own are left to libc
grep -v '^LIBC_ROW(' "$root/shim/base/table.h" > table.h
sed -i 's/ #library)/)/' fake.c
gcc -O1 -fPIC -shared -I. -o fake.so fake.c || exit 1

run() # [VAR=VALUE...]
{
	rm -f events
	env FENCELINE_PRINT="$work/events" "$@" LD_PRELOAD="$shim" timeout 120 /usr/bin/python3 "$root/tests/unit/disabled.py" "$shim" "$work/fake.so" "$root/shim/base/table.h"
}

run FENCELINE_DISABLE=1 || { echo "FAIL: FENCELINE_DISABLE=1"; failed=1; }
[ ! -e events ] || { echo "FAIL: the provider was opened: $(head -3 events)"; failed=1; }
cp -a /etc etc && mount --bind etc /etc || exit 1
mkdir -p /etc/fenceline && touch /etc/fenceline/disable
run || { echo "FAIL: /etc/fenceline/disable"; failed=1; }
[ ! -e events ] || { echo "FAIL: the provider was opened: $(head -3 events)"; failed=1; }

# Else it is there: what these look for can be seen.
rm /etc/fenceline/disable
cat > on.py << 'X'
import ctypes, sys
ctypes.CDLL(sys.argv[2])
ctypes.CDLL(sys.argv[1]).rados_create(ctypes.create_string_buffer(64), None)
sys.exit("libfenceline-ust" not in open("/proc/self/maps").read())
X
FENCELINE_PRINT=$work/events LD_PRELOAD=$shim /usr/bin/python3 on.py "$shim" "$work/fake.so" || { echo "FAIL: no provider in a shim that is on"; failed=1; }
exit $failed
