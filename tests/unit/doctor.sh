#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline doctor`: right about a process that is recorded, and about what keeps one from being so.
set -u
/usr/bin/python3 -c 'import rados' 2> /dev/null || { echo "needs python3-rados"; exit 77; }
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 120 "$@"

# doctor CODE TEXT ARGUMENT...: fenceline doctor ARGUMENT... ends with CODE, and stdout and stderr together hold TEXT
doctor() {
	local code=$1 text=$2
	shift 2
	expect "$code" "$text" "$fenceline" doctor "$@"
}

doctor 0 "ok    shim $(realpath "$build/lib/libfenceline.so")"
doctor 0 "ok    trace provider"
doctor 0 "none answers; \`fenceline record start\` starts one"
doctor 0 "and all that verdicts rest on"
doctor 2 "takes a process id" --pid x
doctor 2 "not both" --pid 1 -- true
doctor 1 "there is none" --pid 999999999
doctor 1 "it cannot be added to a running one" --pid $$
doctor 0 "loads what LD_PRELOAD names" -- sleep
doctor 0 "is a script" -- "$root/tests/unit/doctor.sh"
doctor 1 "there is no nosuch" -- nosuch
cp "$(command -v sleep)" suid && chmod u+s suid
doctor 1 "set-user-id" -- ./suid
command -v busybox > /dev/null && ! readelf -l "$(command -v busybox)" | grep -q INTERP && doctor 1 "statically linked" -- busybox

# A librados client under the shim: no cluster answers, but the connection attempt makes the shim open its provider.
cat > client.py << 'X'
import rados, sys, time
client = rados.Rados(rados_id="nobody", conffile="/dev/null",
                     conf={"mon_host": "127.0.0.1", "client_mount_timeout": "1", "auth_client_required": "none"})
try:
    client.connect(timeout=1)
except rados.Error:
    pass
open(sys.argv[1], "w").close()
time.sleep(60)
X
client() # client NAME COMMAND...: starts it and waits until it has tried to connect; its pid is in $pid
{
	local name=$1 i
	shift
	"$@" /usr/bin/python3 client.py "$name" &
	pid=$!
	for i in $(seq 200); do [ -e "$name" ] && return; sleep 0.1; done
	fail "client $name did not start"
}
"$fenceline" record start --output trace 2> /dev/null
client good "$fenceline" run --
doctor 0 "started by fenceline" --pid $pid
doctor 0 "ok    shim in the process" --pid $pid
doctor 0 "Ceph in the process" --pid $pid
doctor 0 "the session daemon knows the process" --pid $pid
client blocking env LTTNG_UST_ALLOW_BLOCKING=1 "$fenceline" run --
doctor 1 "LTTNG_UST_ALLOW_BLOCKING is set" --pid $pid
client bare env
doctor 1 "not in the process" --pid $pid
client alone env LD_PRELOAD="$build/lib/libfenceline.so" LTTNG_HOME=/nowhere unshare --mount sh -c 'mount -t tmpfs none /run/lttng; exec "$@"' sh
doctor 1 "does it see the same /run/lttng" --pid $pid
cp "$build/lib/libfenceline.so" . # a shim without its provider
client halved env LD_PRELOAD="$PWD/libfenceline.so"
doctor 1 "trace provider: not in the process, though Ceph is" --pid $pid
"$fenceline" run -- sleep 60 &
pid=$!
sleep 0.5
doctor 0 "neither librbd nor librados is in the process" --pid $pid
"$fenceline" record stop 2> /dev/null
babeltrace2 trace | grep -q 'client_connect: .*process = "client.py".*entity = "client.nobody".*result = -110' ||
	fail "the failed connections are not in the trace: $(babeltrace2 trace)"
exit $failed
