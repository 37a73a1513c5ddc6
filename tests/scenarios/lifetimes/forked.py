# SPDX-License-Identifier: MIT
"""A process with an image open forks: one child uses Ceph anew, another is replaced by rbd, and the parent goes on."""
import os
import sys

import rados
import rbd

POOL = os.environ["LIFE_POOL"]


def write_once(name):
    with rados.Rados(conffile="") as cluster, cluster.open_ioctx(POOL) as ioctx, rbd.Image(ioctx, name) as image:
        image.write(b"z" * 4096, 0)


def child(run):
    pid = os.fork()
    if not pid:
        code = 1
        try:
            run()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1]


with rados.Rados(conffile="") as cluster, cluster.open_ioctx(POOL) as ioctx, rbd.Image(ioctx, "thousand.0") as image:
    image.write(b"z" * 4096, 0)
    failed = child(lambda: write_once("thousand.1"))
    failed |= child(lambda: os.execvp("rbd", ["rbd", "bench", "--io-type", "write", "--io-size", "4096", "--io-total", "4096", POOL + "/thousand.2"]))
    image.write(b"z" * 4096, 4096)
sys.exit(1 if failed else 0)
