# SPDX-License-Identifier: MIT
"""A recorded trace as text events ("fenceline/events/1"), by babeltrace2's own command: what is text can be cut line by line."""
import json
import re
import subprocess

HEAD = re.compile(r"^\[(\d+)\.(\d{9})\] \(\S+\) (\S+ )?fenceline:(\w+): (.*)$")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
DISCARDED = re.compile(r"discarded (\d+) events? between \[(\d+)\.(\d{9})\] and \[(\d+)\.(\d{9})\]")
NUMBER = re.compile(r"-?\d+")
NAME = re.compile(r"(\w+) = ")
ELEMENT = re.compile(r"\[\d+\] = ")


def value(text, at):
    """The value that begins at `at`, and where it ends."""
    if text[at] == '"':
        found = STRING.match(text, at)
        return json.loads('"%s"' % found[1].replace("\\'", "'")), found.end()
    if text[at] == "[":
        found, at = [], at + 2
        while text[at] != "]":
            at = ELEMENT.match(text, at).end()
            one, at = value(text, at)
            found.append(one)
            at += 2 if text[at] == "," else 1
        return found, at + 1
    found = NUMBER.match(text, at)
    return int(found[0]), found.end()


def fields(text):
    """{ a = 1, b = "c" }, { d = 2 } as one dictionary."""
    found, at = {}, 0
    while True:
        name = NAME.search(text, at)
        if not name:
            return found
        found[name[1]], at = value(text, name.end())


def events(folder):
    """All events of a trace, in their order; without babeltrace2 an OSError."""
    shown = subprocess.run(["babeltrace2", "--clock-seconds", folder], capture_output=True, text=True, check=True)
    out = []
    for line in shown.stdout.splitlines():
        head = HEAD.match(line)
        if not head:
            continue
        host = (head[3] or "").strip()
        event = {"ts_ns": int(head[1]) * 10**9 + int(head[2]), "host": host, "event": head[4], **fields(head[5])}
        event.pop("cpu_id", None)
        out.append(event)
    for found in DISCARDED.finditer(shown.stderr):
        n, b, bn, e, en = map(int, found.groups())
        out.append({"ts_ns": b * 10**9 + bn, "host": out[0]["host"] if out else "", "event": "lost_events", "count": n,
                    "begin_ns": b * 10**9 + bn, "end_ns": e * 10**9 + en})
    return out


def write(folder, path):
    with open(path, "w") as file:
        print(json.dumps({"schema": "fenceline/events/1"}), file=file)
        for event in events(folder):
            print(json.dumps(event), file=file)
