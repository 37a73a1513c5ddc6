#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A client of one or several librados and librbd in one process, as python-rados and python-rbd load them.

    client.py CONF POOL IMAGE [deep|global] FOLDER...     a FOLDER holds rados and rbd modules; "-" is where Debian has them

With each it connects, opens the image, writes, reads, waits for asynchronous I/O, takes and removes a snapshot, asks who watches;
then, with all of them connected, once more in turn. What each call gives is printed. deep: with RTLD_DEEPBIND; global: with
RTLD_GLOBAL.
"""
import glob
import importlib.util
import os
import sys
import threading

DEBIAN = "/usr/lib/python3/dist-packages"


def load(folder):
    """Modules of their own, whatever has been loaded before."""
    loaded = []
    for name in ("rados", "rbd"):
        sys.modules.pop(name, None)
        path = glob.glob("%s/%s.cpython-*.so" % (DEBIAN if folder == "-" else folder, name))[0]
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        loaded.append(module)
    return loaded


def asynchronous(image, rbd, number):
    done = threading.Event()
    results = []

    def called(completion, *data):
        results.append(completion.get_return_value())
        done.set()

    image.aio_write(bytes([number]) * 4096, 8192, called)
    if not done.wait(30):
        return "no callback"
    return results


def use(number, what, cluster, ioctx, image, rbd):
    def told(call, result):
        print(number, what, call, result)

    told("fsid", len(cluster.get_fsid()))
    told("command", cluster.mon_command('{"prefix": "osd pool ls"}', b"")[0])
    told("write", image.write(bytes([number]) * 4096, 0))
    told("read", image.read(0, 4096) == bytes([number]) * 4096)
    told("asynchronous write", asynchronous(image, rbd, number))
    image.create_snap("snap-%d-%s" % (number, what))
    told("snapshots", [snap["name"] for snap in image.list_snaps()])
    image.remove_snap("snap-%d-%s" % (number, what))
    told("flush", image.flush())
    try:
        cluster.open_ioctx("no such pool")
        told("no such pool", "opened")
    except Exception as error:
        told("no such pool", type(error).__name__)


def main():
    conf, pool, name, folders = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    modes = {"deep": os.RTLD_DEEPBIND, "global": os.RTLD_GLOBAL}
    if folders[0] in modes:
        sys.setdlopenflags(os.RTLD_NOW | modes[folders.pop(0)])
    clients = []
    for number, folder in enumerate(folders, 1):
        rados, rbd = load(folder)
        cluster = rados.Rados(conffile=conf)
        cluster.connect()
        ioctx = cluster.open_ioctx(pool)
        image = rbd.Image(ioctx, "%s-%d" % (name, number))
        clients.append((number, cluster, ioctx, image, rbd))
        use(number, "alone", cluster, ioctx, image, rbd)
    for number, cluster, ioctx, image, rbd in clients:
        use(number, "beside others", cluster, ioctx, image, rbd)
    for number, cluster, ioctx, image, rbd in clients:
        image.close()
        ioctx.close()
        cluster.shutdown()
        print(number, "closed")


main()
