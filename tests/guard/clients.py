#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""clients.py POOL IMAGE...: a client of its own for each image, writing to it for ever and so holding its lock; ends with its input.
Prints "IMAGE ADDRESS" once each holds its lock, and "IMAGE failed: ERROR" when a write fails."""
import re, sys, threading, time
import rados, rbd

pool, *images = sys.argv[1:]
lock = threading.Lock()


def say(words):
    with lock:
        print(words, flush=True)


def write_on(name):
    cluster = rados.Rados(conffile="", rados_id="nova")
    cluster.connect()
    image = rbd.Image(cluster.open_ioctx(pool), name)
    n = 0
    while True:
        try:
            image.write(b"x" * 512, 4096 * (n % 64))
        except Exception as error:
            say(f"{name} failed: {error}")
            return
        if n == 0:
            say(f"{name} {re.search(r'[0-9.]+:0/[0-9]+', cluster.get_addrs())[0]}")
        n += 1
        time.sleep(0.2)


for image in images:
    threading.Thread(target=write_on, args=(image,), daemon=True).start()
sys.stdin.read()
