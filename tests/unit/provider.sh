#!/bin/bash
# SPDX-License-Identifier: MIT
# The trace provider: opened as the shim opens it, every event arrives in the trace with the values that were given.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 120 "$@"

expect_line()
{
	grep -qF -- "$1" trace.txt || fail "not in the trace: $1"
}

exported=$(nm -D --defined-only "$provider" | awk '{ print $3 }' | tr '\n' ' ')
[ "$exported" = "fenceline_provider " ] || fail "the provider exports: $exported"

# One of each event; the numbers are those that a wrong type or a lost sign would change.
sed -n 's/^### \([a-z_]*\)$/{"event":"\1","pid":77,"global_id":18446744073709551615}/p' "$root/tracepoints/EVENTS.md" |
	sed 's/18446744073709551615/9223372036854775807/' > each
cat > values << 'X'
{"event":"ping_reply","cookie":94211850034176,"gen":4294967295,"sent_ns":-1,"rtt_ns":9223372036854775807,"result":-107,"osd":"10.0.0.1:6802"}
{"event":"io_eshutdown","image":2,"op":6,"offset":4096,"length":65536,"result":-108,"latency_ns":1}
{"event":"image_open","read_only":255,"name":"volume-ö \"quoted\"","result":-2147483648}
{"event":"io_summary","reads":4000000000,"latency":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24]}
{"backtrace":true}
X

# Where LTTng's own wrapper of fork() is preloaded as well, the two do not wait for each other.
cat > forks.py << 'X'
import ctypes, os
ctypes.CDLL("librados.so.2")
cluster = ctypes.c_void_p()
assert ctypes.CDLL(None).rados_create(ctypes.byref(cluster), None) == 0
pid = os.fork()
if pid == 0:
    os._exit(7)
print("forked", os.waitpid(pid, 0)[1] >> 8)
X
for preload in "" liblttng-ust-fork.so.${provider##*.}; do
	said=$(LD_LIBRARY_PATH=$build/fakes/ceph LD_PRELOAD="$preload $build/lib/libfenceline.so" timeout -s KILL 20 python3 forks.py)
	[ "$said" = "forked 7" ] || fail "a fork under LD_PRELOAD='$preload libfenceline.so': ${said:-hangs}"
done

lttng-sessiond --daemonize --no-kernel || exit 1
for i in $(seq 50); do
	lttng list > /dev/null 2>&1 && break
	sleep 0.1
done

# Not enabled, nothing is recorded; and a shim of another build is refused (emit checks that itself).
"$build/bin/emit" "$provider" < values > stack || fail "emit without a session failed"
grep -qx main stack || fail "the call stack does not name main: $(tr '\n' ' ' < stack)"

lttng create t --output=trace > lttng.log && lttng enable-event -u 'fenceline:*' >> lttng.log && lttng start >> lttng.log || cat lttng.log
cat each values | "$build/bin/emit" "$provider" > /dev/null || fail "emit failed"
lttng destroy >> lttng.log
babeltrace2 trace > trace.txt || fail "babeltrace2 cannot read the trace"

events=$(grep -c . each)
for name in $(sed 's/.*"event":"\([a-z_]*\)".*/\1/' each); do
	expect_line "fenceline:$name: "
	grep -q "fenceline:$name: .*{ pid = 77, global_id = 9223372036854775807" trace.txt || fail "$name: pid or global_id is wrong"
done
[ "$events" -gt 20 ] || fail "EVENTS.md names only $events events"
[ "$(wc -l < trace.txt)" -eq $((events + 4)) ] || fail "$(wc -l < trace.txt) events in the trace, not $((events + 4))"
expect_line 'cookie = 94211850034176, gen = 4294967295, sent_ns = -1, rtt_ns = 9223372036854775807, result = -107, osd = "10.0.0.1:6802"'
expect_line 'image = 2, op = 6, offset = 4096, length = 65536, result = -108, latency_ns = 1'
expect_line 'name = "volume-ö \"quoted\"", image_id = "", snap = "", read_only = 255, result = -2147483648'
expect_line 'reads = 4000000000,'
expect_line '[22] = 23, [23] = 24'
[ $failed = 0 ] && echo "$events events, each as it was given"
exit $failed
