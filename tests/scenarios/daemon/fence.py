#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Blocklists every ADDRESS at once, as an operator does: a monitor commits once a second, so one thread each."""
import json
import sys
import threading

import rados

with rados.Rados(rados_id="admin", conffile="") as cluster:

    def fence(address):
        for verb in ("blocklist", "blacklist"):  # before Ceph 16
            command = {"prefix": f"osd {verb}", f"{verb}op": "add", "addr": address}
            if cluster.mon_command(json.dumps(command), b"")[0] == 0:
                return

    threads = [threading.Thread(target=fence, args=(address,)) for address in sys.argv[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
