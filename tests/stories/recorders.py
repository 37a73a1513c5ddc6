# SPDX-License-Identifier: MIT
"""What is left of a story: traces as text events, with what may be wrong with each of them; the logs are in logs.py.

A recorder sees the facts of its place by its own clock. What it is like is drawn, and told in its `flaws`: the judge asks them."""
import json

BASE = 1795383660  # 2026-11-22T21:41:00Z, the story's second 0
S = 10**9
ENTRY = {"exclusive-lock-break": 1, "break-lock-api": 2, "blocklist-api": 3, "monitor-command": 4}
STACK = {"exclusive-lock-break": ("librbd.so.1", "librbd.so.1", "librados.so.2", "libc.so.6"),
         "break-lock-api": ("librbd.so.1", "rbd.cpython-311-x86_64-linux-gnu.so", "python3.11"),
         "blocklist-api": ("librados.so.2", "rados.cpython-311-x86_64-linux-gnu.so", "python3.11"),
         "monitor-command": ("librados.so.2", "rados.cpython-311-x86_64-linux-gnu.so", "python3.11")}


class Clock:
    """A host's. LTTng takes it as it is when a recording begins, and goes on by a clock that nobody sets; the shim's own times, and logs, follow
    it wherever it is set."""

    step = None  # (when, by how much): it is set

    def __init__(self, offset=0.0, step=None):
        self.offset, self.step = offset, step

    def ns(self, t):
        return BASE * S + round((t + self.offset) * S)

    def ahead(self, t):
        return self.step[1] if self.step and t >= self.step[0] else 0.0

    def wall_ns(self, t):
        return self.ns(t + self.ahead(t))

    def of_recording(self, begin):
        return self if not self.step or begin < self.step[0] else Clock(self.offset + self.step[1])

    def of_log(self):
        """What is added to a true time to have the one in a log."""
        return Ahead(self) if self.step else self.offset


class Ahead:
    def __init__(self, clock):
        self.clock = clock

    def __radd__(self, t):
        return t + self.clock.offset + self.clock.ahead(t)


def identity(story, client):
    process = client.process
    return dict(host=process.host.name, process=process.name, vm_name=process.vm or "", vm_uuid=process.uuid or "", entity=client.entity,
                address=client.address, fsid=story.fsid, ceph_version=client.version)


def image_of(opened):
    return dict(pool=opened.image.pool, name=opened.image.name, image_id=opened.image.id)


class Trace:
    """The events of some processes, between two moments."""

    def __init__(self, story, name, host, clock, processes, begin, end, gone=()):
        self.story, self.name, self.host, self.clock, self.processes = story, name, host, clock.of_recording(begin), processes
        self.begin, self.end, self.gone = begin, end, gone  # gone: [(begin, end, share)]: events that were discarded
        self.lines = []
        self.whole = begin <= 0 and end >= story.world.end and not gone
        self.lists = {}

    def write(self, facts):
        return self.keep((fact.t, event) for fact in facts if fact.place in self.processes for event in self.events(fact))

    def keep(self, happened):
        """Of all (time, event) those that this recording has."""
        dice, lost = self.story.dice, {}
        for t, event in happened:
            if not self.begin <= t < self.end:
                continue
            interval = next((each for each in self.gone if each[0] <= t < each[1]), None)
            if interval and dice.random() < interval[2]:
                lost[interval] = lost.get(interval, 0) + 1
                continue
            self.lines.append((t, event))
        for (begin, end, _), count in lost.items():
            # The packet's bounds: somewhat more than what is missing.
            self.lines.append((end, dict(event="lost_events", count=count, begin_ns=self.clock.ns(begin - 0.2), end_ns=self.clock.ns(end + 0.2))))
        self.lines.sort(key=lambda each: each[0])
        return self

    def names(self, vm):
        """Is there an event that tells of the VM's process whose it is?"""
        return any(event.get("vm_uuid") == vm["uuid"] and event["pid"] == vm["process"].pid for _, event in self.lines)

    def text(self, late_ns=0):
        out = ['{"schema": "fenceline/events/1"}\n']
        for t, event in self.lines:
            if event["event"] == "lost_events":  # another session lacks the same, as long after
                event = dict(event, begin_ns=event["begin_ns"] + late_ns, end_ns=event["end_ns"] + late_ns)
            out.append(json.dumps({"ts_ns": self.clock.ns(t) + late_ns, "host": self.host.name, **event}) + "\n")
        return "".join(out)

    # ---- Each kind of fact, as the shim's events ----

    def events(self, fact):
        make = getattr(self, "of_" + fact.kind, None)
        if not make:
            return []
        made = make(fact.t, **fact.fields)
        head = dict(pid=fact.place.pid, global_id=fact.fields["client"].gid)
        return [{"event": name, **head, **fields} for name, fields in made]

    def of_client_connect(self, t, client):
        return [("client_connect", dict(identity(self.story, client), result=0, latency_ns=12_000_000))]

    def of_client_shutdown(self, t, client):
        return [("client_shutdown", dict(address=client.address))]

    def of_image_open(self, t, client, opened):
        return [("image_open", dict(image=opened.serial, result=0, latency_ns=25_000_000, **image_of(opened)))]

    def of_image_close(self, t, client, opened, inflight):
        return [("image_close", dict(image=opened.serial, result=0, inflight=opened.inflight))]

    def of_watch_registered(self, t, client, opened, cookie, result, latency):
        return [("watch_registered", dict(cookie=cookie, oid=opened.image.oid, pool=opened.image.pool, timeout_s=0, result=result,
                                          latency_ns=round(latency * S)))]

    def of_watch_unregistered(self, t, client, opened, cookie):
        return [("watch_unregistered", dict(cookie=cookie, oid=opened.image.oid, result=0))]

    def of_watch_error(self, t, client, opened, cookie, result):
        return [("watch_error", dict(cookie=cookie, oid=opened.image.oid, result=result))]

    def of_notify(self, t, client, opened, op, notifier):
        return [("notify", dict(cookie=opened.cookie, oid=opened.image.oid, notify_id=round(t * 1e6), notifier_gid=notifier, op=op, payload_bytes=26))]

    def of_ping_sent(self, t, client, opened, cookie, gen, osd, sent):
        if self.story.world.secure:
            return []
        return [("ping_sent", dict(cookie=cookie, gen=gen, sent_ns=self.clock.wall_ns(sent), osd=osd.address))]

    def of_ping_reply(self, t, client, opened, cookie, gen, osd, sent, result):
        if self.story.world.secure:
            return []
        return [("ping_reply", dict(cookie=cookie, gen=gen, sent_ns=self.clock.wall_ns(sent), rtt_ns=round((t - sent) * S), result=result, osd=osd.address))]

    def of_ping_sample(self, t, client, opened, cookie, age_ms, acked, change):
        acked_ns = self.clock.ns(acked + self.clock.ahead(t)) if acked else 0  # the shim knows its age, and what the clock shows as it looks
        return [("ping_sample", dict(cookie=cookie, oid=opened.image.oid, age_ms=age_ms, acked_sent_ns=acked_ns, change=change))]

    def of_process_stalled(self, t, client, begin, gap):
        return [("process_stalled", dict(begin_ns=self.clock.wall_ns(begin), gap_ns=round(gap * S)))]

    def of_state(self, t, client, opened, cookie, acked, inflight, ios, errors, eshutdowns):
        return [("state", dict(identity(self.story, client), image=opened.serial, cookie=cookie,
                               last_ack_sent_ns=self.clock.wall_ns(acked) if acked and cookie else 0, inflight=inflight, ios=ios, errors=errors,
                               eshutdowns=eshutdowns, passed_through=0, opened_ns=self.clock.wall_ns(opened.opened), **image_of(opened)))]

    def of_io_summary(self, t, client, opened, done, inflight):
        return [("io_summary", dict(image=opened.serial, span_ns=S, writes=done, write_bytes=4096 * done, max_latency_ns=12_000_000 if done else 0,
                                    inflight=inflight, latency=[0] * 13 + [done] + [0] * 10))]

    def of_header_op(self, t, client, opened, method, result):
        return [("header_op", dict(oid=opened.image.oid, pool=opened.image.pool, method=method, result=result, latency_ns=1_400_000))]

    def of_watchers_listed(self, t, client, opened, watchers, list):
        made = [("watchers_listed", dict(list=list, oid=opened.image.oid, result=0, watchers=len(watchers)))]
        for address, gid, cookie in watchers:
            made.append(("watcher_listed", dict(list=list, oid=opened.image.oid, watcher_address=address, watcher_gid=gid, cookie=cookie,
                                                timeout_s=self.story.world.timeout)))
        return made

    def of_lock_break_begin(self, t, client, opened, action, call, owner):
        by_lock = call == "rbd_break_lock"
        return [("lock_break_begin", dict(action=action, image=opened.serial, call=call, locker="client.%d" % owner.gid,
                                          cookie="auto 93825" if by_lock else ""))]

    def of_lock_break_end(self, t, client, action, result):
        return [("lock_break_end", dict(action=action, result=result))]

    def of_blocklist(self, t, client, fence, entry, action):
        old = self.story.world.release < 16
        call = "librados::Rados::blacklist_add" if old else "MonClient::_send_command"
        if entry == "monitor-command":
            call = "rados_mon_command"
        elif entry == "blocklist-api":
            call = "rados_blacklist_add" if old else "rados_blocklist_add"
        fence.action = action
        made = [("blocklist", dict(action=action, op=fence.op, range=1 if getattr(fence, "range", False) else 0, target=fence.target, expire_s=-1,
                                   entry=ENTRY[entry], call=call, thread="io_context_pool", by_address=client.address, by_entity=client.entity))]
        modules = STACK[entry]
        for n, module in enumerate(modules):
            made.append(("stack_frame", dict(action=action, index=n, frames=len(modules), module=module, offset=4096 + n, build_id="b4aa", symbol="")))
        return made

    def of_blocklist_result(self, t, client, action, result):
        return [("blocklist_result", dict(action=action, result=result))]

    def of_snapshot_begin(self, t, client, opened, call):
        return [("snapshot_begin", dict(action=call["action"], image=opened.serial, op=call["op"], snap=call["snap"], **image_of(opened)))]

    def of_snapshot_end(self, t, client, call, result):
        return [("snapshot_end", dict(action=call["action"], result=result))]

    def of_io_fails(self, t, client, opened, offset, length, result, latency):
        io = dict(image=opened.serial, op=1, offset=offset, length=length, result=result, latency_ns=round(latency * S))
        return [("io_error", io), ("io_eshutdown", dict(io))]


# ---- What may be wrong with a recording ----

def span_of(dice, end, fences):
    """Begin and end: whole, late, early, after the fence, or a ring of the last seconds. Some moments are near a fence: there it matters."""
    near = [fence.sent for fence in fences] or [end / 2]
    if dice.random() < 0.12:
        return dice.choice(near) + dice.uniform(0.5, 25), end + 1
    kind = dice.random()
    moment = dice.choice(near) + dice.uniform(-40, 8) if dice.random() < 0.7 else dice.uniform(0, end)
    if kind < 0.4:
        return (moment, end + 1) if dice.random() < 0.5 else (-1, max(1.0, moment))
    if kind < 0.55:
        return dice.choice(near) - dice.uniform(5, 60), end + 1
    return -1, end + 1


def discards(dice, end, fences):
    if dice.random() > 0.3:
        return ()
    near = [fence.sent for fence in fences] or [end / 2]
    begin = dice.choice(near) + dice.uniform(-40, 5)
    return ((begin, begin + dice.uniform(0.5, 30), dice.choice((0.2, 0.6, 1.0))),)


def clocks(story, whole):
    """Each host's own: in step to some milliseconds; now and then one is off."""
    dice, made = story.dice, {}
    for host in story.world.hosts:
        made[host] = Clock(dice.uniform(-0.004, 0.004))
    if not whole and dice.random() < 0.25:
        made[dice.choice(story.world.hosts)] = Clock(dice.choice((-1, 1)) * dice.choice((0.5, 2, 7, 20, 60, 180)))
    if not whole and dice.random() < 0.12:
        fenced = [client.process.host for fence in story.world.fences for client in fence.targets]
        made[dice.choice(fenced if fenced and dice.random() < 0.8 else story.world.hosts)] = set_clock(dice, story.world)
    return made


def set_clock(dice, world):
    """chrony finds a clock wrong, or a clock right and its servers wrong: before a fence, or as the host has just booted."""
    near = [fence.sent for fence in world.fences] or [world.end / 2]
    at, by = dice.choice((dice.uniform(0, 10), dice.choice(near) - dice.uniform(-5, 60))), dice.choice((-1, 1)) * dice.uniform(1, 60)
    return Clock(dice.choice((0.0, -by)) + dice.uniform(-0.004, 0.004), (at, by))


def with_hole(story, name, host, clock, part):
    """Of a near miss and of a fence minutes later: two recordings, as the daemon writes down cases, or one whose tracer had no room between."""
    dice, world, begin = story.dice, story.world, story.hole[1]
    fences = [fence.sent for fence in world.fences if fence.sent > begin + 5] or [world.end]
    end = max(begin + 5, min(fences) - dice.choice((dice.uniform(-1, 8), dice.uniform(0, 60))))
    if dice.random() < 0.5:
        return [Trace(story, name, host, clock, part, -1, world.end + 1, ((begin, end, dice.choice((0.9, 1.0, 1.0))),))]
    return [Trace(story, name, host, clock, part, -1, begin), Trace(story, "later-" + name, host, clock, part, end, world.end + 1)]


def streamed_until(dice, world, host):
    """A recording that is sent elsewhere ends where its host is cut off for good."""
    lonely = [cut.begin for cut in world.cuts if cut.host is host and cut.osd is None and cut.way == "both" and cut.end >= world.end]
    return min(lonely) + dice.uniform(0, 1) if lonely and dice.random() < 0.6 else world.end + 1


def traces(story, clock_of, whole):
    """One recording a host, or one a process; some of them with a flaw."""
    dice, world = story.dice, story.world
    made = []
    for host in world.hosts:
        processes = {p for p in world.processes if p.host is host and p.traced and p.clients}
        if not processes or (not whole and dice.random() < 0.08):
            continue
        parts = [processes]
        if not whole and dice.random() < 0.15:
            parts = [{each} for each in sorted(processes, key=lambda p: p.pid)]
        for number, part in enumerate(parts):
            begin, end, gone = -1, world.end + 1, ()
            name = host.name + ("-%d" % number if number else "") + ".events"
            if not whole and story.hole and story.hole[0] is host and dice.random() < 0.75:
                made += [trace for trace in with_hole(story, name, host, clock_of[host], part) if trace.write(world.facts).lines]
                continue
            if not whole:
                end = streamed_until(dice, world, host)
            if not whole and end > world.end and dice.random() < 0.45:
                begin, end = span_of(dice, world.end, world.fences)
                gone = discards(dice, world.end, world.fences)
            trace = Trace(story, name, host, clock_of[host], part, begin, end, gone).write(world.facts)
            if trace.lines:
                made.append(trace)
    return made
