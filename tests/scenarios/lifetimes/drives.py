# SPDX-License-Identifier: MIT
"""Adds an RBD drive to a QEMU, writes to it, deletes it, again and again, by QMP; then quits. usage: drives.py SOCKET TIMES [PID]
With PID, that of a QEMU whose first drive brings the provider in, one more drive, thousand.8, comes first; the others once LTTng knows it."""
import json
import os
import socket
import subprocess
import sys
import time

link = socket.socket(socket.AF_UNIX)
link.settimeout(60)
link.connect(sys.argv[1])
lines = link.makefile("r")
lines.readline()  # the greeting


def command(name, **arguments):
    link.sendall(json.dumps({"execute": name, "arguments": arguments}).encode() + b"\n")
    while True:
        answer = json.loads(lines.readline())
        if "error" in answer:
            sys.exit("%s: %s" % (name, answer["error"]["desc"]))
        if "return" in answer:
            return answer["return"]


def drive(node, image):
    command("blockdev-add", driver="rbd", pool=os.environ["LIFE_POOL"], image=image, conf=os.environ["CEPH_CONF"], **{"node-name": node})
    said = command("human-monitor-command", **{"command-line": 'qemu-io %s "write -P 7 0 64k"' % node})
    if "error" in said or "fail" in said:
        sys.exit(said)
    command("blockdev-del", **{"node-name": node})


def wait_for_lttng(pid):
    for _ in range(100):
        if "PID: %s " % pid in subprocess.run(["lttng", "list", "-u"], capture_output=True, text=True).stdout:
            time.sleep(2)  # registered, and soon recorded
            return
        time.sleep(0.2)
    sys.exit("LTTng does not know the process %s" % pid)


command("qmp_capabilities")
if len(sys.argv) > 3:
    drive("first", "thousand.8")
    wait_for_lttng(sys.argv[3])
for i in range(int(sys.argv[2])):
    drive("d%d" % i, "thousand.%d" % (i % 8))
command("quit")
