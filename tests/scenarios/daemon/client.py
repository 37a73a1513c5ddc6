#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A small librbd client in a VM's place: takes its image's lock, writes twice a second until that fails, and stays.

usage: client.py IMAGE FOLDER [MORE]     FOLDER/IMAGE.address when it has the lock, FOLDER/IMAGE.failed at the first error; then it
tries MORE further writes, each of which fails
"""
import pathlib
import sys
import time

import rados
import rbd

name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
with rados.Rados(rados_id="nova", conffile="") as cluster, cluster.open_ioctx("volumes") as ioctx:
    image = rbd.Image(ioctx, name)
    image.write(b"x" * 4096, 0)
    owner = list(image.lock_get_owners())[0]["owner"]
    (folder / f"{name}.address").write_text(owner)
    try:
        while True:
            time.sleep(0.5)
            image.write(b"x" * 4096, 4096)
            image.flush()
    except (rbd.Error, rados.Error) as error:
        (folder / f"{name}.failed").write_text(f"{time.time_ns()} {error}")
    for i in range(int(sys.argv[3]) if len(sys.argv) > 3 else 0):
        try:
            image.write(b"x" * 512, i * 512)
        except (rbd.Error, rados.Error):
            pass
    while True:
        time.sleep(60)
