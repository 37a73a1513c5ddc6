#!/bin/bash
# SPDX-License-Identifier: MIT
# The HTML timeline in a real Chromium: quiet console, no request, evidence, keys, mouse, both colour schemes, hostile names,
# a hundred thousand events. Screenshots are kept beside the test's log.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
fenceline=$build/bin/fenceline
golden=$root/tests/golden
shots=$build/logs/html
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -x "$fenceline" ] || { echo "FAIL: $fenceline is not built"; exit 1; }
if ! command -v chromium >/dev/null; then
	"$root/tools/install-deps" --list test 2>/dev/null | grep -qx chromium && { echo "FAIL: no chromium; tools/install-deps installs it"; exit 1; }
	echo "chromium is not among this suite's packages"
	exit 77
fi
mkdir -p "$shots"

page() { # NAME INPUT…
	local name=$1
	shift
	"$fenceline" timeline --format html "$@" >"$work/$name.html" || { echo "FAIL: $name: no page"; exit 1; }
}

# Names as a tenant may choose them, in every place that a name can stand.
hostile() {
	/usr/bin/python3 - "$golden" "$work/hostile.events" <<'PYTHON'
import json, sys
golden, out = sys.argv[1:]
bad = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=2'>\"'`&amp;<!--@DATA@ \u202egnp.exe \u0007\u001b[31m ${hacked}"
with open(out, "w") as file:
    for number, line in enumerate(l for name in ("compute1", "storage1") for l in open(f"{golden}/lost-pings/{name}.events")):
        event = json.loads(line)
        if "schema" in event and number:
            continue
        for field in ("vm_name", "name", "snap", "process", "entity", "pool", "nspace", "oid", "call"):
            if event.get(field):
                event[field] = f"{event[field]}{bad}"
        print(json.dumps(event), file=file)
PYTHON
}

# 100,000 events of one VM, a day and more of them: a summary each second, pings, slow and failed I/O.
many() {
	/usr/bin/python3 - "$golden" "$work/many.events" <<'PYTHON'
import json, sys
golden, out = sys.argv[1:]
begin, address = 1795383660, "10.99.0.2:0/3655019494"
who = {"host": "compute1", "pid": 4711, "global_id": 4123}
with open(out, "w") as file:
    def emit(seconds, event, **fields):
        print(json.dumps({"ts_ns": int((begin + seconds) * 1e9), **who, "event": event, **fields}), file=file)
    lines = open(f"{golden}/lost-pings/compute1.events").readlines()[:4]
    file.writelines(lines)
    for second in range(1, 80000):
        emit(second, "io_summary", image=1, span_ns=10**9, writes=20 + second % 37, reads=second % 5, flushes=1, max_latency_ns=(second * 7919 % 997 + 1) * 10**5, inflight=1)
        if second % 5 == 0:
            sent = int((begin + second) * 1e9)
            lost = second % 4000 >= 3980
            emit(second, "ping_sent", cookie=93825000001, gen=1, sent_ns=sent, osd="10.99.0.1:6802")
            if not lost:
                emit(second + 0.001, "ping_reply", cookie=93825000001, gen=1, sent_ns=sent, rtt_ns=10**6, result=0, osd="10.99.0.1:6802")
        if second % 20 == 7:
            emit(second + 0.5, "io_slow", image=1, op=1, offset=4096 * second, length=4096, result=0, latency_ns=1500 * 10**6)
    emit(80000, "io_eshutdown", image=1, op=1, offset=4096, length=4096, result=-108, latency_ns=10**6)
PYTHON
}

hostile || exit 1
many || exit 1
cd "$golden/lost-pings" || exit 1
page incident compute1.events storage1.events ceph.audit.log
page hostile "$work/hostile.events" ceph.audit.log
cd "$golden/healthy" && page healthy ./*.events
cd "$golden/two-vms-one-fenced" && page two-vms ./*.events ceph.audit.log
cd "$golden/recorded-lost-pings" && page untimed ./*.log ./*.log.xz
page many "$work/many.events"
printf '10.0.0.%d:0/7 2024-03-27T13:59:11.620123+0000\n' 1 2 3 4 5 >"$work/blocklist.txt"
page several "$work/blocklist.txt"
exec /usr/bin/python3 "$root/tests/unit/html_page.py" "$work" "$shots"
