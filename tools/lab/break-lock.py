#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Breaks an image's exclusive lock through librbd's API: break-lock.py break_lock|lock_break POOL IMAGE, as client.cinder."""
import sys

import rados
import rbd


def main():
    call, pool, name = sys.argv[1:]
    with rados.Rados(conffile=rados.Rados.DEFAULT_CONF_FILES, rados_id="cinder") as cluster:
        with cluster.open_ioctx(pool) as ioctx, rbd.Image(ioctx, name) as image:
            if call == "break_lock":
                client, cookie, _ = image.list_lockers()["lockers"][0]
                print("break_lock(%r, %r)" % (client, cookie))
                image.break_lock(client, cookie)
            else:
                owner = list(image.lock_get_owners())[0]["owner"]
                print("lock_break(%r)" % owner)
                image.lock_break(rbd.RBD_LOCK_MODE_EXCLUSIVE, owner)


main()
