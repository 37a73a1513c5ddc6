#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has a QEMU do I/O to its drive d: one command of qemu-io (write, read ...) a line of stdin, one after the other.

    guest.py QMP-SOCKET <COMMANDS
"""
import json
import socket
import sys


def main():
    with socket.socket(socket.AF_UNIX) as qmp:
        qmp.settimeout(60)
        qmp.connect(sys.argv[1])
        lines = qmp.makefile("r")
        json.loads(lines.readline())  # the greeting

        def execute(**command):
            qmp.sendall(json.dumps(command).encode() + b"\n")
            while True:
                answer = json.loads(lines.readline())
                if "event" not in answer:
                    return answer["return"]

        execute(execute="qmp_capabilities")
        for line in sys.stdin:
            execute(execute="human-monitor-command", arguments={"command-line": 'qemu-io d "%s"' % line.strip()})


main()
