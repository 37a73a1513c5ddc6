# SPDX-License-Identifier: MIT
"""Many hosts out of stories (tests/stories) whose truth is known: each story's hosts, VMs, clients, OSDs and times are made its own, so that
all of them can live in one store; and hosts on which nothing happens."""
import importlib.machinery
import importlib.util
import json
import os
import random
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, "tests/stories"))
S = 10**9
BASE = 1795383660


def stories_module():
    loader = importlib.machinery.SourceFileLoader("stories_run", os.path.join(TOP, "tests/stories/run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("stories_run", loader))
    loader.exec_module(module)
    return module


def stamp_shifted(match, shift):
    text = match.group(0)
    moment = time.strptime(text.replace("T", " "), "%Y-%m-%d %H:%M:%S")
    return time.strftime("%Y-%m-%d" + text[10] + "%H:%M:%S", time.gmtime(__import__("calendar").timegm(moment) + shift))


def moved(text, seconds):
    """The same, so much later."""
    text = re.sub(r"\b179\d{16}\b", lambda m: str(int(m.group(0)) + seconds * S), text)
    return re.sub(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d\b", lambda m: stamp_shifted(m, seconds), text)


class Part:
    """One story as part of the fleet: `files` by name, `begin` and `end` in seconds since the epoch."""

    def __init__(self, place, story, told, shift):
        self.place, self.story, self.told, self.shift = place, story, told, shift
        everything = "\n".join(told.files.values())
        gids = set(re.findall(r'"(?:global_id|watcher_gid|notifier_gid)": (\d{4,6})\b', everything)) | set(re.findall(r"\bclient\.(\d{4,6})\b", everything))
        gids.discard("0")
        self.gids = re.compile(r"(?:(?<=client\.)|(?<![\d.:/-]))(%s)(?![\d:/])" % "|".join(sorted(gids))) if gids else None
        self.files = {re.sub(r"\bvm(\d)\b", r"s%dvm\1" % place, name): self.changed(text) for name, text in told.files.items()}
        self.hosts = sorted(set(re.findall(r'"host": "([^"]+)"', "\n".join(self.files.values()))))

    def changed(self, text):
        k, shift = self.place, self.shift
        text = re.sub(r"\b10\.99\.(\d+\.\d+)\b", r"10.%d.\1" % (100 + k), text)
        text = re.sub(r"\b(compute|storage|backup|admin|mirror)(\d)\b", r"s%d-\1\2" % k, text)
        text = re.sub(r"\bvm(\d)\b", r"s%dvm\1" % k, text)
        text = re.sub(r"\bosd\.(\d)\b", lambda m: "osd.%d" % (10 * k + int(m.group(1))), text)
        if self.gids:
            text = self.gids.sub(lambda m: str(int(m.group(1)) + 100000 * (k + 1)), text)
        text = re.sub(r"\b17953\d{14}\b", lambda m: str(int(m.group(0)) + shift * S), text)
        return re.sub(r"\b2026-11-2\d[T ]\d\d:\d\d:\d\d\b", lambda m: stamp_shifted(m, shift), text)

    def write(self, folder):
        names = []
        for name, text in self.files.items():
            path = os.path.join(folder, "s%d" % self.place, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as out:
                out.write(text)
            names.append(path)
        return names


def in_cluster_folders(story, files):
    """Ceph's logs as cephadm keeps them, in a folder of their cluster: what an OSD complains of is then a witness beside other clusters, too."""
    named = {}
    for name, text in files.items():
        fsid = story.other.fsid if name.startswith("b/") and story.other else story.fsid
        folder, base = os.path.split(name)
        named[os.path.join(folder, "ceph", fsid, base) if base.startswith("ceph") else name] = text
    return named


def parts(count, seed, begin, spread, want=lambda told: True, scratch="/dev/shm"):
    """Stories recorded whole in which somebody is fenced, and of which fenceline says nothing wrong; begin: of the first; the others follow
    within `spread` seconds."""
    module = stories_module()
    module.FENCELINE, module.TOLD = os.environ["FENCELINE"], "/nonexistent"
    found, number = [], 0
    dice = random.Random(seed)
    while len(found) < count:
        number += 1
        story, told = module.tell(seed, number)
        # A kernel's log names no client: it belongs to the only fence that stood then, and beside others there is no only one.
        if not told.whole or told.options or not story.world.fences or not want(told) or \
                any(name.endswith((".gz", "kern.log")) for name in told.files):
            continue
        told.files = in_cluster_folders(story, told.files)
        folder = os.path.join(scratch, "fleet-stories-%d" % os.getpid())
        os.makedirs(folder, exist_ok=True)
        try:
            answer = json.loads(module.ask(told.files, [], folder))
        finally:
            __import__("shutil").rmtree(folder, ignore_errors=True)
        judge = module.judging.Judge(story, told)
        if judge.judge(answer) or not answer["incidents"]:
            continue
        shift = int(begin) - BASE + (dice.randrange(spread) if spread else 0)
        part = Part(len(found), story, told, shift)
        part.causes = sorted((i["cause"], i["confidence"]) for i in answer["incidents"])
        found.append(part)
    return found


def healthy_host(name, ip, vms, begin, seconds, every=3, out=sys.stdout):
    """The events of a host on which nothing happens, in order of time; `begin` in seconds."""
    dice = random.Random(name)
    clients = []
    for n in range(vms):
        clients.append(dict(pid=1000 + n, gid=dice.randrange(10**6, 10**7), nonce=dice.randrange(1, 2**32), cookie=dice.randrange(2**40, 2**47),
                            uuid="%08x-0000-4000-8000-%012x" % (dice.getrandbits(32), n), osd="10.9.%d.%d:6802" % (dice.randrange(4), dice.randrange(1, 25)),
                            image="%012x" % dice.getrandbits(48), phase=dice.random()))
    lines = []
    for n, c in enumerate(clients):
        head = '"host": "%s", "pid": %d, "global_id": %d' % (name, c["pid"], c["gid"])
        who = '"process": "qemu-system-x86_64", "vm_name": "%s-vm%d", "vm_uuid": "%s", "entity": "client.cinder", "address": "%s:0/%d", "fsid": "f"' % (
            name, n, c["uuid"], ip, c["nonce"])
        t = begin + c["phase"]
        acked = t
        while t < begin + seconds:
            at = int(t * S)
            if (t - begin - c["phase"]) % 5 < every:
                sent = at
                acked = t
                rtt = dice.randrange(400000, 900000)
                lines.append((sent, '{"ts_ns": %d, "event": "ping_sent", %s, "cookie": %d, "gen": 1, "sent_ns": %d, "osd": "%s"}' % (sent, head, c["cookie"], sent, c["osd"])))
                lines.append((sent + rtt, '{"ts_ns": %d, "event": "ping_reply", %s, "cookie": %d, "gen": 1, "sent_ns": %d, "rtt_ns": %d, "osd": "%s"}' % (
                    sent + rtt, head, c["cookie"], sent, rtt, c["osd"])))
            lines.append((at + 10**6, '{"ts_ns": %d, "event": "state", %s, %s, "image": 1, "pool": "volumes", "name": "%s-vm%d", "image_id": "%s", "cookie": %d, "last_ack_sent_ns": %d, "ios": 1000, "opened_ns": %d}' % (
                at + 10**6, head, who, name, n, c["image"], c["cookie"], int(acked * S), int(begin * S) - 3600 * S)))
            t += every
    out.write('{"schema": "fenceline/events/1"}\n')
    lines.sort()
    for _, line in lines:
        out.write(line + "\n")
    return len(lines)
