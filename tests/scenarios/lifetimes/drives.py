# SPDX-License-Identifier: MIT
"""Adds an RBD drive to a QEMU, writes to it, deletes it, again and again, by QMP; then quits. usage: drives.py SOCKET TIMES"""
import json
import os
import socket
import sys

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


command("qmp_capabilities")
for i in range(int(sys.argv[2])):
    node = "d%d" % i
    command("blockdev-add", driver="rbd", pool=os.environ["LIFE_POOL"], image="thousand.%d" % (i % 8), conf=os.environ["CEPH_CONF"], **{"node-name": node})
    said = command("human-monitor-command", **{"command-line": 'qemu-io %s "write -P 7 0 64k"' % node})
    if "error" in said or "fail" in said:
        sys.exit(said)
    command("blockdev-del", **{"node-name": node})
command("quit")
