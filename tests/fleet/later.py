#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is told of a fence stands, whatever comes later: another fence ten minutes on, and I/O of the fenced client that goes
on failing long after its command.

usage: FENCELINE=... tests/fleet/later.py PORT FOLDER"""
import json
import os
import re
import subprocess
import sys
import time

import cast
import short

short.DB = "later"
URL = "clickhouse://127.0.0.1:%s/%s" % (short.PORT, short.DB)
LATER = 590  # s; of the ten minutes before the second the first has only its end


def fences():
    return {r["vm"]: (r["cause"], r["confidence"], [(link["link"], link["status"]) for link in json.loads(r["verdict"])["chain"]])
            for r in short.rows("SELECT vm, cause, confidence, verdict FROM fences")}


def count():
    return short.rows("SELECT count() AS n FROM fences")[0]["n"]


class Watcher:
    """One to which all that is in the store is an hour old."""

    def __enter__(self):
        short.sql("ALTER TABLE events UPDATE arrived = arrived - 3600 WHERE 1")
        short.wait_for(lambda: not short.rows("SELECT 1 AS left FROM system.mutations WHERE database = '%s' AND NOT is_done" % short.DB), 30)
        with open(os.path.join(short.FOLDER, "later.log"), "a") as log:
            self.process = subprocess.Popen([short.FENCELINE, "watch", "--every", "1", URL], env=short.ENV, stdout=log, stderr=log)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def ship(name, files):
    done = short.run("ship", "--host", "here", "--spool", os.path.join(short.FOLDER, "later-spool-" + name), URL, *files)
    if done.returncode:
        short.ok(False, "later-shipped", done.stderr)


def fenced_at(part):
    told = json.loads(short.run("incidents", "-f", "json", *part.write(short.FOLDER)).stdout)
    return told["incidents"][0]["blocklist"]["ts_ns"] / 1e9


def still_failing(part, begin):
    """The fenced client's last -108 once more, half an hour later."""
    lines = "\n".join(part.files.values()).splitlines()
    failed = [x for x in lines if '"event": "io_eshutdown"' in x][-1]
    head = re.search(r'"host": "[^"]+", .*?"global_id": \d+', failed).group(0)
    state = [x for x in lines if '"event": "state"' in x and head.split(", ")[0] in x and head.split(", ")[-1] in x][-1]
    path = os.path.join(short.FOLDER, "still.events")
    with open(path, "w") as out:
        out.write('{"schema": "fenceline/events/1"}\n')
        for line in (state, failed):
            out.write(re.sub(r'"ts_ns": \d+', '"ts_ns": %d' % int((begin + 1800) * 1e9), line) + "\n")
    return path


def of_nobody(seconds):
    """The log of a VM that no other input knows: its I/O failed so long ago."""
    path = os.path.join(short.FOLDER, "libvirt/qemu/nobody.log")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as out:
        out.write(time.strftime("%Y-%m-%dT%H:%M:%S.066677Z", time.gmtime(time.time() - seconds)) + " qemu-system-x86_64: rbd request failed: cmd 1 offset 8192 "
                  "bytes 4096 flags 0 task.ret -108 (Cannot send after transport endpoint shutdown)\n")
    return path


def main():
    first, second = cast.parts(2, 12, cast.BASE, 0, want=lambda told: "io_eshutdown" in "".join(told.files.values()))
    now = int(time.time())
    first.files = {name: cast.moved(text, now - 3000 - cast.BASE) for name, text in first.files.items()}
    # Its VM has run for days: nobody recorded how it connected.
    first.files = {name: "".join(line for line in text.splitlines(True) if '"event": "client_connect"' not in line) for name, text in first.files.items()}
    begin = fenced_at(first)
    shift = int(begin + LATER - fenced_at(second))
    second.files = {name: cast.moved(text, shift) for name, text in second.files.items()}
    short.ok(short.run("ship", "--create", URL).returncode == 0, "later-schema")
    with Watcher():
        ship("first", first.write(short.FOLDER))
        told = len(first.causes)
        short.ok(short.wait_for(lambda: count() == told, 20), "later-first-told")
    before = fences()
    with Watcher():
        ship("second", second.write(short.FOLDER))
        short.ok(short.wait_for(lambda: count() == told + len(second.causes), 20), "later-second-told")
    after = fences()
    short.ok(all(after[vm] == verdict for vm, verdict in before.items()), "a-later-fence-changes-no-verdict",
             ["%s: %s, then %s" % (vm, before[vm], after[vm]) for vm in before])
    with Watcher():
        ship("still", [still_failing(first, begin)])
        time.sleep(5)
    short.ok(count() == told + len(second.causes), "io-that-fails-for-long-is-one-fence", count())
    short.ok(all(fences()[vm] == verdict for vm, verdict in before.items()), "io-that-fails-for-long-changes-no-verdict")
    with Watcher():
        ship("nobody", [of_nobody(40)])
        time.sleep(4)
        short.ok(count() == told + len(second.causes), "whose-it-is-may-come-late", count())
        short.ok(short.wait_for(lambda: count() == told + len(second.causes) + 1, 30), "of-whom-nothing-comes-is-told")


main()
sys.exit(short.failed != 0)
