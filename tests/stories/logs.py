# SPDX-License-Identifier: MIT
"""The logs of a story: audit and cluster log, the OSDs', QEMU's, librbd's own, the blocklist; in the forms of Ceph 14 to 20."""
import datetime
import json

from recorders import BASE

REFUSED = "Cannot send after transport endpoint shutdown"


def stamp(t, digits=6, zone="+0000", sep="T", hours=0):
    at = datetime.datetime.fromtimestamp(BASE, datetime.timezone.utc) + datetime.timedelta(seconds=t + 3600 * hours)
    text = at.strftime("%Y-%m-%d" + sep + "%H:%M:%S.%f")
    return text[:len(text) - 6 + digits] + zone


class Log:
    """Lines, each with its true time; `offset`: its host's clock."""

    def __init__(self, name, offset=0.0):
        self.name, self.offset, self.lines = name, offset, []
        self.begin, self.end = -1e9, 1e9
        self.whole = True

    def add(self, t, text):
        self.lines.append((t, text))

    def text(self):
        return "".join(line + "\n" for t, line in self.lines if self.begin <= t < self.end)


# ---- The monitor's audit log ----

def sender(dice, client):
    form = dice.random()
    if form < 0.7:
        return "client.%d %s" % (client.gid, client.address)
    return "client.? " + client.address if form < 0.95 else "client.%d " % client.gid


def command_of(release, fence):
    verb = "blocklist" if release >= 16 else "blacklist"
    words = {"prefix": "osd " + verb}
    if getattr(fence, "range", False):
        words["range"] = "range"
    words[verb + "op"] = fence.op
    words["addr"] = fence.target
    return json.dumps(words)


def head_of(world, t, name, who, address, hours):
    """Of a line in the cluster's or the audit log, up to its number."""
    at = stamp(t, 6, "", " ", hours) if world.release < 15 else stamp(t)
    return "%s %s %s" % (at, name, who + " " + address if world.release < 14 else "(%s)" % who)


def audit_log(story, offset, old_stamp_hours=0):
    world, dice = story.world, story.dice
    log = Log("ceph.audit.log", offset)
    froms = {}

    def line(t, text):
        log.add(t, "%s %d : audit [INF] %s" % (head_of(world, t + offset, "mon.a", "mon.0", "10.99.0.1:6789/0", old_stamp_hours), 100 + len(log.lines), text))
    for begin, end in world.paused:
        for t, verb in ((begin, "pause"), (end, "unpause")):
            line(t, "from='client.? 10.99.0.1:0/66127387' entity='client.admin' cmd='[{\"prefix\": \"osd %s\"}]': finished" % verb)
    for fact in world.facts:
        if not fact.kind.startswith("mon_"):
            continue
        fence = fact.fields["fence"]
        head = "from='%s' entity='%s' " % (froms.setdefault(id(fence), sender(dice, fence.by)), fence.by.entity)
        command = command_of(world.release, fence)
        if fact.kind == "mon_denied":
            line(fact.t, head + "cmd=[%s]:  access denied" % command)
        elif fact.kind == "mon_dispatch":
            line(fact.t, head + ("cmd=%s : dispatch" if world.release >= 20 else "cmd=[%s]: dispatch") % command)
        else:
            line(fact.t, head + "cmd='[%s]': finished" % command)
    log.lines.sort(key=lambda each: each[0])
    return log


# ---- The cluster log ----

def request_of(fact, number):
    return "osd_op(client.%d.0:%d 1.0 1:1cb31f25:::%s snapc 0=[] ondisk+write+known_if_redirected e15)" % (
        fact.fields["client"].gid, number, fact.fields["words"])


def cluster_log(story, mon, osd_offsets, hours):
    """What OSDs and monitors tell everybody: slow requests, with each of them up to 14, and the cluster's flags."""
    world = story.world
    log = Log("ceph.log", mon)

    def line(t, osd, text):
        name = "osd.%d" % osd.number if osd else "mon.a"
        head = head_of(world, t + (osd_offsets[osd] if osd else mon), name, name if osd else "mon.0", osd.address + "/4711" if osd else "10.99.0.1:6789/0", hours)
        log.add(t, "%s %d : cluster [WRN] %s" % (head, 700 + len(log.lines), text))
    for begin, _ in world.paused:
        line(begin, None, "Health check failed: pauserd,pausewr flag(s) set (OSDMAP_FLAGS)")
    for number, fact in enumerate(f for f in world.facts if f.kind == "osd_slow"):
        osd, since, age = fact.place, fact.fields["since"], fact.t - fact.fields["since"]
        request, began = request_of(fact, number), since + osd_offsets[osd]
        if world.release < 14:
            line(fact.t, osd, "1 slow requests, 1 included below; oldest blocked for > %.6f secs" % age)
            line(fact.t, osd, "slow request %.6f seconds old, received at %s: %s currently waiting for rw locks" %
                 (age, stamp(began, 6, "", " ", hours), request))
        elif world.release < 15:
            line(fact.t, osd, "slow request %s initiated %s currently delayed" % (request, stamp(began, 6, "", " ", hours)))
        else:
            line(fact.t, osd, "1 slow requests (by type [ 'delayed' : 1 ] most affected pool [ 'volumes' : 1 ])")
        if world.release >= 14 and age > 29:
            line(fact.t + 1, None, "Health check failed: 1 slow ops, oldest one blocked for %d sec, osd.%d has slow ops (SLOW_OPS)" % (age + 1, osd.number))
    log.lines.sort(key=lambda each: each[0])
    return log


# ---- An OSD's log ----

def osd_log(story, osd, offset, debug, hours=0):
    world = story.world
    log = Log("ceph-osd.%d.log" % osd.number, offset)
    word = "blocklist" if world.release >= 16 else "blacklist"

    def line(t, text, pg="1.0( v 15'26 (0'0,15'26] n=1 lpr=7 crt=15'26 lcod 15'25 mlcod 15'25 active+clean]"):
        early = story.dice.uniform(0, 0.01)
        at = stamp(t + offset - early, 3, "+0000") if world.release >= 15 else stamp(t + offset - early, 3, "", " ", hours)
        log.add(t, "%s 7f5509feb6c0 10 osd.%d pg_epoch: 15 pg[%s %s" % (at, osd.number, pg, text))
    ops = 16
    for fact in world.facts:
        if fact.place is not osd or not fact.kind.startswith("osd_") or not debug:
            continue
        ops += 1
        f = fact.fields
        client, image = f["client"], f.get("image")
        cookie = f.get("cookie", 0)
        watch = "watch(cookie %d %ds %s) by client.%d" % (cookie, world.timeout, client.address, client.gid)
        request = "do_op osd_op(client.%d.0:%d 1.0 1:1cb31f25:::%s:head [watch %s cookie %d] snapc 0=[] ondisk+write+known_if_redirected e15) v8 " \
            "may_read -> write-ordered flags ondisk+write+known_if_redirected"
        if fact.kind == "osd_slow":
            if world.release >= 14:
                log.add(fact.t, "%s 7f5509feb6c0 -1 osd.%d 15 get_health_metrics reporting 1 slow ops, oldest is %s" % (
                    stamp(fact.t + offset, 3, "+0000") if world.release >= 15 else stamp(fact.t + offset, 3, "", " ", hours), osd.number, request_of(fact, ops)))
            continue
        if fact.kind == "osd_registered":
            line(fact.t, request % (client.gid, ops, image.oid, "watch", cookie))
            line(fact.t, " registered new watch " + watch)
        elif fact.kind == "osd_reconnected":
            line(fact.t, request % (client.gid, ops, image.oid, "reconnect", cookie))
            line(fact.t, " found existing watch " + watch)
        elif fact.kind == "osd_ping":
            line(fact.t, request % (client.gid, ops, image.oid, "ping", cookie))
        elif fact.kind == "osd_found_watch":
            line(fact.t, " found existing watch " + watch)
        elif fact.kind == "osd_timeout":
            line(fact.t, " -- Watch(%d,client.%d) HandleWatchTimeout" % (cookie, client.gid), "1.0(unlocked)]")
            line(fact.t, " -- Watch(%d,client.%d) remove" % (cookie, client.gid))
        elif fact.kind == "osd_found_fenced":
            line(fact.t, "watch: Found %sed watcher for %s" % (word, client.address))
            line(fact.t, "handle_watch_timeout obc 0x55d0c8 watch cookie %d" % cookie)
            line(fact.t, " -- Watch(%d,client.%d) remove" % (cookie, client.gid))
        elif fact.kind == "osd_refused":
            line(fact.t, "do_op %s is %sed" % (client.address, word), "1.5( v 15'26 (0'0,15'26] n=1 lpr=7 crt=15'26 active+clean]")
    return log


# ---- QEMU's and librbd's ----

def qemu_log(story, host, vm, offset):
    """libvirt's log of one VM on one host: all its lives there."""
    log = Log("%s/libvirt/qemu/%s.log" % (host.name, vm), offset)
    lives = [p for p in story.world.processes if p.vm == vm and p.host is host and p.clients]
    for process in lives:
        log.add(process.began - 0.1, "%s: starting up libvirt version: 9.0.0, qemu version: 7.2.0, kernel: 6.1.0, hostname: %s" %
                (stamp(process.began - 0.1 + offset, 3, "+0000", " "), host.name))
        log.add(process.began - 0.1, "LC_ALL=C \\\n/usr/bin/qemu-system-x86_64 \\\n-name guest=%s,debug-threads=on \\\n-uuid %s \\\n-msg timestamp=on" %
                (vm, process.uuid))
        if process.ended is not None and process.reason:
            log.add(process.ended + 0.02, "%s: shutting down, reason=%s" % (stamp(process.ended + 0.02 + offset, 3, "+0000", " "), process.reason))
    for fact in story.world.facts:
        if fact.kind == "io_fails" and fact.place in lives:
            log.add(fact.t, "%sZ qemu-system-x86_64: rbd request failed: cmd 1 offset %d bytes %d flags 0 task.ret -108 (%s)" %
                    (stamp(fact.t + offset, 6, ""), fact.fields["offset"], fact.fields["length"], REFUSED))
    log.lines.sort(key=lambda each: each[0])
    return log


def month_stamp(t):
    """Syslog's: no year, no zone, no part of a second."""
    return (datetime.datetime.fromtimestamp(BASE, datetime.timezone.utc) + datetime.timedelta(seconds=t)).strftime("%b %e %H:%M:%S")


def syslog(story, host, offset):
    """What the QEMUs of a host say, by its syslog: without a year."""
    log = Log("%s/syslog" % host.name, offset)
    for fact in story.world.facts:
        if fact.kind == "io_fails" and fact.place.host is host and fact.place.vm:
            log.add(fact.t, "%s %s qemu-system-x86_64[%d]: rbd request failed: cmd 1 offset %d bytes %d flags 0 task.ret -108 (%s)" %
                    (month_stamp(fact.t + offset), host.name, fact.place.pid, fact.fields["offset"], fact.fields["length"], REFUSED))
    return log


def kernel_log(story, host, offset):
    """What a host's kernel says of the images that it maps: rbd and the block layer, by syslog."""
    log = Log("%s/kern.log" % host.name, offset)
    before = story.world.release < 16  # the kernel of the day

    def line(t, text):
        log.add(t, "%s %s kernel: [%5d.%06d] %s" % (month_stamp(t + offset), host.name, 90000 + int(t), int(t * 1e6) % 1000000, text))
    for fact in story.world.facts:
        device = getattr(fact.place, "device", None)
        if not device or fact.place.host is not host:
            continue
        f = fact.fields
        if fact.kind == "watch_error":
            line(fact.t, "rbd: %s: encountered watch error: %d" % (device, f["result"]))
        elif fact.kind == "watch_registered" and f["result"] == -108:
            line(fact.t, "rbd: %s: failed to reregister watch: -108" % device)
        elif fact.kind == "blocklist":
            line(fact.t, "rbd: %s: breaking header lock owned by client%d" % (device, f["fence"].owner.gid))
        elif fact.kind == "io_fails":
            line(fact.t, "rbd: %s: write at objno %d %d~4096 result -108" % (device, f["offset"] >> 22, f["offset"] & 0x3fffff))
            line(fact.t, "rbd: %s: write result -108" % device)
            line(fact.t, "%sI/O error, dev %s, sector %d op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0" % (
                "blk_update_request: " if before else "", device, f["offset"] >> 9))
    return log


def in_syslog(log, host, program):
    """The same log as syslog carries it: each line in another envelope."""
    log.lines = [(t, "%s %s %s[1207]: %s" % (month_stamp(t + log.offset), host, program, line)) for t, line in log.lines]
    return log


def client_log(story, process, offset, hours=0):
    log = Log("client.%s.%d.log" % (process.vm or process.name, process.pid), offset)
    old = story.world.release < 15

    def line(t, text):
        log.add(t, "%s 7fb5b29fe6c0 %s" % (stamp(t + offset, 3, "", " ", hours) if old else stamp(t + offset, 3), text))
    for fact in story.world.facts:
        if fact.place is not process:
            continue
        f = fact.fields
        if fact.kind == "watch_error" and f["result"] == -107:
            line(fact.t, "-1 librbd::ImageWatcher: 0x7fb590008cd0 image watch failed: %d, (107) Transport endpoint is not connected" % f["cookie"])
            line(fact.t, "-1 librbd::Watcher: 0x7fb590008cd0 handle_error: handle=%d: (107) Transport endpoint is not connected" % f["cookie"])
        elif fact.kind == "io_fails":
            line(fact.t, "-1 librbd::io::ObjectRequest: 0x7fb58800db80 handle_write_object: rbd_data.%s.0000000000000000 failed to write object: "
                 "(108) %s" % (f["opened"].image.id, REFUSED))
    return log


def listing(story, offset):
    log = Log("osd-blocklist-ls.log", offset)
    listed = story.world.listed
    for target, expiry in sorted(listed.items()):
        if "/" in target and ":" in target:
            log.add(0, "%s %s" % (target, stamp(expiry + offset)))
    if log.lines:
        log.add(0, "listed %d entries" % len(log.lines))
    return log


def logs(story, clock_of, whole):
    """All of them, with flaws: absent, cut, rotated with an overlap."""
    dice, world = story.dice, story.world
    hours = dice.choice((0, 8)) if world.release < 15 and not whole else 0
    options = ["--tz=+08:00"] if hours else []
    mon = dice.uniform(-0.003, 0.003)
    if not whole and dice.random() < 0.06:
        mon = dice.choice((-1, 1)) * dice.choice((0.5, 2, 7, 20, 60, 180))
    made = []
    if whole or dice.random() < 0.85:
        made.append(audit_log(story, mon, hours))
        if not whole and not hours and dice.random() < 0.1:
            in_syslog(made[-1], "ceph0", "ceph-mon")
    debug, skews = whole or dice.random() < 0.5, {}
    for osd in world.osds:
        skews[osd] = dice.uniform(-0.003, 0.003)
        if not whole and dice.random() < 0.08:
            skews[osd] = dice.choice((-1, 1)) * dice.choice((2, 7, 20, 60))
        if debug and (whole or dice.random() < 0.8):
            made.append(osd_log(story, osd, skews[osd], True, hours))
    if whole or dice.random() < 0.6:
        made.append(cluster_log(story, mon, skews, hours))
    named = set()
    for process in world.processes:
        if process.vm and process.clients:
            offset = clock_of[process.host].of_log()
            if (whole or dice.random() < 0.3) and (process.host, process.vm) not in named:
                named.add((process.host, process.vm))
                made.append(qemu_log(story, process.host, process.vm, offset))
            if dice.random() < 0.15:
                made.append(client_log(story, process, offset, hours))
    for host in story.world.hosts:
        if not whole and not hours and dice.random() < 0.1:
            made.append(syslog(story, host, clock_of[host].of_log()))
        if (whole or not hours and dice.random() < 0.7) and any(p.host is host and p.name == "krbd" for p in world.processes):
            made.append(kernel_log(story, host, clock_of[host].of_log()))
    if dice.random() < 0.2:
        made.append(listing(story, mon))
    if not whole:
        for log in made:
            cut(dice, log, world.fences)
    return [log for log in made if log.text()], options


def cut(dice, log, fences):
    """Of a quarter of the logs the beginning or the end is missing."""
    if len(log.lines) <= 2 or dice.random() >= 0.25:
        return
    moment = dice.choice([fence.sent for fence in fences] or [t for t, _ in log.lines]) + dice.uniform(-30, 5)
    log.whole = False
    if dice.random() < 0.5:
        log.begin = moment
    else:
        log.end = moment


def rotated(dice, text):
    """A log in two files, some lines in both."""
    lines = text.splitlines(True)
    at = dice.randrange(1, max(2, len(lines)))
    return "".join(lines[:at]), "".join(lines[max(0, at - dice.choice((0, 0, 3))):])
