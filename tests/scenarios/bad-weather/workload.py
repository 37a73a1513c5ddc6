# SPDX-License-Identifier: MIT
"""Writes to an image and reads it back, with a rest in the middle in which somebody does something to the recording.
usage: workload.py IMAGE MEETING-POINT [SIZE]; prints the sum of what was read, which depends on nothing but SIZE."""
import hashlib
import os
import sys
import time

import rados
import rbd

name, meeting = sys.argv[1:3]
blocks = int(sys.argv[3]) if len(sys.argv) > 3 else 1500


def content(i):
    return hashlib.sha256(b"%d" % i).digest() * 128


def meet():
    open(meeting + ".here", "w").close()
    give_up = time.monotonic() + 120
    while not os.path.exists(meeting + ".done"):
        if time.monotonic() > give_up:
            raise TimeoutError("nobody came to " + meeting)
        time.sleep(0.05)


with rados.Rados(conffile="") as cluster, cluster.open_ioctx(os.environ["LAB_POOL"]) as ioctx, rbd.Image(ioctx, name) as image:
    slowest = 0.0
    for i in range(blocks):
        if i == blocks // 2:
            meet()
        begun = time.monotonic()
        if image.write(content(i), i * 4096) != 4096:
            raise OSError("a short write")
        slowest = max(slowest, time.monotonic() - begun)
    image.flush()
    total = hashlib.sha256()
    for i in range(blocks):
        data = image.read(i * 4096, 4096)
        if data != content(i):
            raise OSError("block %d is another one" % i)
        total.update(data)
print(total.hexdigest())
print("slowest write %.3f s" % slowest, file=sys.stderr)
