#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Starts osd.0 and measures it until it is active: CPU time, wall time, how long its threads waited for a CPU.

usage: start_osd.py LOG PIDFILE RUN_DIR >JSON     RUN_DIR holds the admin sockets

The threads' own clocks (/proc/PID/task/*/schedstat, nanoseconds) are read every 20 ms; what counts is what lies between the readings
around the log's "booting -> active", to which the OSD comes once every placement group has walked to the newest map. What it does
after that is no part of the start. How often maps had to be decoded is the OSD's own counter, osd_map_cache_miss. On a machine that others use, too, the OSD goes first: otherwise wall time would measure them.
"""
import glob
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime, timezone

ACTIVE = "state: booting -> active"
LIMIT_S = 600


def first(pid):
    os.setpriority(os.PRIO_PROCESS, pid, -20)
    try:
        with open("/proc/%d/autogroup" % pid, "w") as group:
            group.write("-20")
    except OSError:
        pass  # a kernel without groups


def read(path):
    with open(path) as file:
        return file.read()


def sample(pid):
    """(seconds that threads ran, by name; seconds that they waited)"""
    ran, waited = defaultdict(float), 0.0
    for task in glob.glob("/proc/%d/task/*" % pid):
        try:
            run_ns, wait_ns, _ = read(task + "/schedstat").split()
            ran[read(task + "/comm").strip()] += int(run_ns) / 1e9
            waited += int(wait_ns) / 1e9
        except OSError:
            pass  # the thread has just ended
    return ran, waited


def stamp(line):
    """Seconds since the epoch; Ceph 14 writes local time, which is UTC here."""
    return datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=timezone.utc).timestamp()


def wait_until_active(log, pid, samples):
    limit = time.time() + LIMIT_S
    with open(log) as lines:
        while time.time() < limit:
            samples.append((time.time(), sample(pid)))
            for line in lines:
                if ACTIVE in line:
                    samples.append((time.time(), sample(pid)))
                    return stamp(line)
            time.sleep(0.02)
    sys.exit("start_osd.py: osd.0 is not active after %d s" % LIMIT_S)


def at(when, samples):
    """The reading at that time, between the two around it."""
    after = next((i for i, (t, _) in enumerate(samples) if t > when), len(samples) - 1)
    if after == 0:
        return samples[0][1]
    (t0, (ran0, waited0)), (t1, (ran1, waited1)) = samples[after - 1], samples[after]
    part = min(1, (when - t0) / (t1 - t0))
    return {name: ran0[name] + part * (ran1[name] - ran0[name]) for name in ran1}, waited0 + part * (waited1 - waited0)


def decoded(run_dir, pid):
    """Maps that the OSD did not find in its cache, so far."""
    socket = glob.glob("%s/osd.0.%d.*.asok" % (run_dir, pid))[0]
    counters = json.loads(subprocess.check_output(["ceph", "daemon", socket, "perf", "dump"], stderr=subprocess.DEVNULL))
    return counters["osd"]["osd_map_cache_miss"]


def main():
    log, pidfile, run_dir = sys.argv[1:]
    open(log, "w").close()
    begin, load = time.time(), os.getloadavg()[0]
    subprocess.check_call(["ceph-osd", "-i", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = int(read(pidfile))
    first(pid)
    samples = []
    active = wait_until_active(log, pid, samples)
    ran, waited = at(active, samples)
    result = {"cpu_s": sum(ran.values()), "wall_s": active - begin, "waited_s": waited, "load": load, "decoded": decoded(run_dir, pid), "cpu_s_of": ran}
    print(json.dumps(result))


main()
