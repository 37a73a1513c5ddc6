#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Sends QMP commands to a QEMU, one after the other: qmp.py SOCKET COMMAND...; prints each answer on a line."""
import json
import socket
import sys


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: qmp.py SOCKET COMMAND...")
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(30)
    link.connect(sys.argv[1])
    lines = link.makefile("r")
    lines.readline()  # the greeting
    for command in ['{"execute": "qmp_capabilities"}'] + sys.argv[2:]:
        link.sendall(command.encode() + b"\n")
        while True:
            line = lines.readline()
            answer = json.loads(line) if line else {"return": "closed"}
            if "event" not in answer:
                break
        if "error" in answer:
            sys.exit("qmp.py: %s: %s" % (command, answer["error"]["desc"]))
        if "qmp_capabilities" not in command:
            print(json.dumps(answer["return"]))


main()
