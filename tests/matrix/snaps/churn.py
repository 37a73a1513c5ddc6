#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Churns a pool's snapshot ids from one process, and makes OSDMap epochs, as fast as the monitor takes them.

usage: churn.py grow POOL INTERVALS      2 * INTERVALS snapshots, every other one deleted
       churn.py rotate POOL TIMES        each time one snapshot is made and the oldest one of this call's pool deleted
       churn.py epochs COUNT             maps that change nothing about snapshots (a flag set and unset, as flapping would do)

Works on librados of Ceph 14 and later; prints how many epochs the cluster is at afterwards.
"""
import ctypes
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import rados

AT_ONCE = 48  # operations under way: the monitor puts them into one map
lib = ctypes.CDLL("librados.so.2")


def check(ret, what):
    if ret < 0:
        sys.exit("churn.py: %s: error %d" % (what, ret))


class Pool:
    """A selfmanaged-snapshot context of librados' C interface, which python-rados of 14 has not wrapped."""

    def __init__(self, name):
        self.cluster, self.io = ctypes.c_void_p(), ctypes.c_void_p()
        check(lib.rados_create2(ctypes.byref(self.cluster), b"ceph", b"client.admin", ctypes.c_uint64(0)), "rados_create2")
        check(lib.rados_conf_read_file(self.cluster, None), "rados_conf_read_file")
        check(lib.rados_connect(self.cluster), "rados_connect")
        check(lib.rados_ioctx_create(self.cluster, name.encode(), ctypes.byref(self.io)), "rados_ioctx_create")

    def create(self, _=None):
        snap = ctypes.c_uint64()
        check(lib.rados_ioctx_selfmanaged_snap_create(self.io, ctypes.byref(snap)), "selfmanaged_snap_create")
        return snap.value

    def remove(self, snap):
        check(lib.rados_ioctx_selfmanaged_snap_remove(self.io, ctypes.c_uint64(snap)), "selfmanaged_snap_remove")


def grow(pool, intervals):
    with ThreadPoolExecutor(AT_ONCE) as workers:
        snaps = sorted(workers.map(pool.create, range(2 * intervals)))
        list(workers.map(pool.remove, snaps[1::2]))


def rotate(pool, times):
    kept = [pool.create() for _ in range(2)]
    for _ in range(times):
        kept.append(pool.create())
        pool.remove(kept.pop(0))


def command(cluster, **what):
    ret, out, text = cluster.mon_command(json.dumps(what), b"")
    check(ret, text)
    return out


def main():
    cluster = rados.Rados(conffile="", name="client.admin")
    cluster.conf_read_file()
    cluster.connect()
    if sys.argv[1] == "epochs":
        for i in range(int(sys.argv[2])):
            command(cluster, prefix="osd unset" if i % 2 else "osd set", key="nobackfill")
    else:
        {"grow": grow, "rotate": rotate}[sys.argv[1]](Pool(sys.argv[2]), int(sys.argv[3]))
    print(json.loads(command(cluster, prefix="osd dump", format="json"))["epoch"])


main()
