# SPDX-License-Identifier: MIT
"""A thousand images, each opened, written and closed, up to 32 open at a time. Says by how many KiB the process grew."""
import os

import rados
import rbd

POOL = os.environ["LIFE_POOL"]


def resident_kib():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4


with rados.Rados(conffile="") as cluster, cluster.open_ioctx(POOL) as ioctx:
    still_open = []
    after_hundred = 0
    for i in range(1000):
        name = "thousand.%d" % i
        rbd.RBD().create(ioctx, name, 4 << 20, old_format=False, features=rbd.RBD_FEATURE_LAYERING)
        image = rbd.Image(ioctx, name)
        image.write(b"x" * 512, 512 * (i % 1000))
        still_open.append(image)
        if len(still_open) == 32:
            for image in still_open:
                image.close()
            still_open = []
        if i == 100:
            after_hundred = resident_kib()
    for image in still_open:
        image.close()
    print("kib", after_hundred, resident_kib())
