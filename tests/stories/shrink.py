# SPDX-License-Identifier: MIT
"""Leaves out what is not needed: whole inputs first, then lines, ever fewer at a time."""
import time


def smallest(files, still, seconds=25):
    """The smallest {name: text} for which still(files) holds."""
    end = time.monotonic() + seconds
    for name in list(files):
        less = {each: text for each, text in files.items() if each != name}
        if less and still(less):
            files = less
    lines = [(name, line) for name, text in files.items() for line in text.splitlines(True)]
    step = max(1, len(lines) // 2)
    while time.monotonic() < end:
        at, found = 0, False
        while at < len(lines) and time.monotonic() < end:
            less = lines[:at] + lines[at + step:]
            if less and still(together(less)):
                lines, found = less, True
            else:
                at += step
        if step == 1 and not found:
            break
        step = max(1, step // 2)
    return together(lines)


def together(lines):
    files = {}
    for name, line in lines:
        files[name] = files.get(name, "") + line
    return files
