# SPDX-License-Identifier: MIT
"""Text events as the trace that LTTng would have written of them: CTF 1.8 in packets, by the metadata of a real recording.

The events of a process lie in one of two streams; packets are short, so that there are many. What a tracer discarded is in the
counters of the packets around it, as LTTng has it."""
import hashlib
import json
import lzma
import os
import re
import struct
import tarfile
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDING = os.path.join(HERE, "..", "golden", "recorded-lost-pings", "trace.tar.xz")
MAGIC, METADATA_MAGIC, PAGE = 0xC1FC1FC1, 0x75D11D57, 4096
HEADER, CONTEXT = struct.Struct("<I16sIQ"), struct.Struct("<6QI")  # as the metadata declares them
METADATA_HEADER = struct.Struct("<I16s3I5B")
EXTENDED = 65535  # an event's header that has the whole number and time
EVENTS_EACH = 150
BEFORE_NS = 3600 * 10**9  # the clock's zero lies before the first event
SIZES = {(8, 0): "B", (8, 1): "b", (16, 0): "H", (32, 0): "I", (32, 1): "i", (64, 0): "Q", (64, 1): "q"}
EVENT = re.compile(r'event \{\s*name = "fenceline:(\w+)";\s*id = (\d+);.*?fields := struct \{(.*?)\n\t\};', re.S)
FIELD = re.compile(r"(?:(string)|integer \{ size = (\d+);[^}]*signed = (\d);[^}]*\}) _?(\w+)(?:\[(\d+)\])?;")


def read_metadata():
    """The recording's own text, without its packets' headers."""
    with tarfile.open(fileobj=lzma.open(RECORDING)) as tar:
        member = next(each for each in tar if each.name.endswith("/metadata"))
        raw = tar.extractfile(member).read()
    text, at = b"", 0
    while at < len(raw):
        _, _, _, content, packet, *_ = METADATA_HEADER.unpack_from(raw, at)
        text += raw[at + METADATA_HEADER.size:at + content // 8]
        at += packet // 8
    return text.decode()


def declared(metadata):
    """{event: (id, [(field, struct's letter or "" for a string, how many)])}"""
    found = {}
    for name, number, body in EVENT.findall(metadata):
        fields = [(field, "" if string else SIZES[int(size), int(signed)], int(count or 1))
                  for string, size, signed, field, count in FIELD.findall(body)]
        if len(fields) != body.count(";\n") + body.endswith(";"):
            raise ValueError("the metadata declares %s in a way that is not understood" % name)
        found[name] = int(number), fields
    return found


class Format:
    metadata = events = None

    @classmethod
    def read(cls):
        if not cls.events:
            cls.metadata = read_metadata()
            cls.events = declared(cls.metadata)


def payload(event):
    name = event["event"]
    number, fields = Format.events[name]
    known = {field for field, _, _ in fields} | {"ts_ns", "host", "event"}
    if not known >= set(event):
        raise ValueError("%s has no field %s" % (name, ", ".join(sorted(set(event) - known))))
    out = []
    for field, letter, count in fields:
        value = event.get(field, 0 if letter else "")
        if not letter:
            out.append(value.encode() + b"\0")
        elif count > 1:
            out.append(struct.pack("<%d%s" % (count, letter), *(value or [0] * count)))
        else:
            out.append(struct.pack("<" + letter, value))
    return number, b"".join(out)


def packet(events, begin_ns, end_ns, zero_ns, trace_id, stream, sequence, discarded):
    body = []
    for event in events:
        number, fields = payload(event)
        body.append(struct.pack("<HIQ", EXTENDED, number, event["ts_ns"] - zero_ns) + fields)
    body = b"".join(body)
    content = HEADER.size + CONTEXT.size + len(body)
    size = (content + PAGE - 1) // PAGE * PAGE
    context = CONTEXT.pack(begin_ns - zero_ns, end_ns - zero_ns, content * 8, size * 8, sequence, discarded, stream)
    return HEADER.pack(MAGIC, trace_id, 0, stream) + context + body + bytes(size - content)


def cuts(events, losses):
    """(events, end or None, discarded until then) of each packet. losses: [(begin, end, count)], in order."""
    left, discarded = list(events), 0
    for begin, end, count in losses:
        yield [e for e in left if e["ts_ns"] <= begin], begin, discarded
        discarded += count
        yield [e for e in left if begin < e["ts_ns"] <= end], end, discarded
        left = [e for e in left if e["ts_ns"] > end]
    for at in range(0, len(left), EVENTS_EACH):
        yield left[at:at + EVENTS_EACH], None, discarded


def write_stream(path, number, events, losses, zero_ns, trace_id):
    last_ns, packets = None, []
    for part, end_ns, discarded in cuts(events, losses):
        begin_ns = part[0]["ts_ns"] if part else end_ns if last_ns is None else last_ns
        end_ns = part[-1]["ts_ns"] if end_ns is None else end_ns
        packets.append(packet(part, begin_ns, end_ns, zero_ns, trace_id, number, len(packets), discarded))
        last_ns = end_ns
    with open(path, "wb") as out:
        out.write(b"".join(packets))


def write_metadata(path, host, zero_ns, trace_id, clock_id):
    text = Format.metadata
    for name, value in (("uuid", uuid.UUID(bytes=trace_id)), ("hostname", host)):
        text = re.sub(r'(\b%s = )"[^"]*"' % name, r'\g<1>"%s"' % value, text, count=1)
    text = re.sub(r'(clock \{[^}]*?uuid = )"[^"]*"', r'\g<1>"%s"' % uuid.UUID(bytes=clock_id), text)
    text = re.sub(r"\boffset = \d+", "offset = %d" % zero_ns, text).encode()
    with open(path, "wb") as out:
        for at in range(0, len(text), PAGE - METADATA_HEADER.size):
            part = text[at:at + PAGE - METADATA_HEADER.size]
            out.write(METADATA_HEADER.pack(METADATA_MAGIC, trace_id, 0, (METADATA_HEADER.size + len(part)) * 8, PAGE * 8, 0, 0, 0, 1, 8))
            out.write(part + bytes(PAGE - METADATA_HEADER.size - len(part)))


def write(text, folder):
    """The trace of these text events, one host's, as a folder."""
    Format.read()
    events = [json.loads(line) for line in text.splitlines()[1:]]
    host, losses = events[0]["host"], [e for e in events if e["event"] == "lost_events"]
    events = sorted((e for e in events if e["event"] != "lost_events"), key=lambda e: e["ts_ns"])
    moments = [e["ts_ns"] for e in events] + [e["begin_ns"] for e in losses]
    zero_ns = min(moments) - BEFORE_NS
    trace_id = hashlib.md5((folder + text).encode()).digest()
    os.makedirs(folder)
    write_metadata(os.path.join(folder, "metadata"), host, zero_ns, trace_id, hashlib.md5(host.encode()).digest())
    first = [e for e in events if losses or e["pid"] % 2 == 0]
    second = [e for e in events if not losses and e["pid"] % 2]
    for number, part in enumerate((first, second)):
        if part or (losses and not number):
            write_stream(os.path.join(folder, "incident_%d" % number), number, part,
                         [(e["begin_ns"], e["end_ns"], e["count"]) for e in losses] if not number else [], zero_ns, trace_id)
