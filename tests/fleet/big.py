#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet at real rates: states of all VMs through the Buffer table as the hosts' shippers send them, stories written line by line as their time
comes and followed by `fenceline ship`, two watchers; then what is in the store against the files and the truth. After that a day in time-lapse, over a
network that loses, repeats and delays batches, with a spool that is too small; and the figures.

usage: big.py PORT FOLDER HOSTS FENCES SECONDS PIDS-OF-THE-SERVERS"""
import http.client
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
import urllib.parse

import cast
from flaky import Flaky

PORT, FOLDER = int(sys.argv[1]), sys.argv[2]
HOSTS, FENCES, SECONDS = (int(x) for x in sys.argv[3:6])
PIDS = sys.argv[6].split()
FENCELINE = os.environ["FENCELINE"]
URL, LAPSE = "clickhouse://127.0.0.1:%d/fl" % PORT, "lapse"  # the same stories twice do not live in one database
ENV = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC")
VMS, EVERY, BATCH = 20, 3, 5
SETTLE, QUIET = 600, 70  # what was late has come and been explained when nothing new is told for so long
AWAY, TRIED_AGAIN = 60, 40  # s that a shard is away, and until the server that has the Distributed table tries it again: its rows wait so long
CORES = os.cpu_count()
TICK = os.sysconf("SC_CLK_TCK")
failed = 0


def ok(good, what, more=""):
    global failed
    print("%s fleet/long-%s%s" % ("ok" if good else "FAIL", what, "" if good else ": %s" % more))
    sys.stdout.flush()
    failed += not good


def say(text):
    print("    " + text)
    sys.stdout.flush()


def sql(query, port=PORT, timeout=120):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    connection.request("POST", "/?output_format_json_quote_64bit_integers=0&max_memory_usage=3000000000", query.encode())
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != 200:
        raise RuntimeError(text[:300])
    return text


def rows(query):
    return [json.loads(line) for line in sql(query + " FORMAT JSONEachRow").splitlines()]


def cpu(pid):
    fields = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


COLUMNS = ("day, event, slot, host, pid, ts_ns, id, shipper, gid, client_ip, client_nonce, vm, uuid, pool, image, image_id, source, source_kind, tz, tz_from, fields")


class Hosts(threading.Thread):
    """What the shippers of hosts on which nothing happens send: the state of each image every 3 s, in batches of 5 s."""

    def __init__(self):
        super().__init__(daemon=True)
        self.ends, self.turn = False, threading.Lock()
        self.sent = self.refused = self.late = 0
        dice = random.Random(1)
        self.hosts = []
        for h in range(HOSTS):
            vms = []
            for n in range(VMS):
                gid, nonce, image = dice.randrange(10**6, 10**7), dice.randrange(1, 2**32), "%012x" % dice.getrandbits(48)
                name, uuid, ip = "h%d-vm%d" % (h, n), "%08x-0000-4000-8000-%012x" % (h, n), "10.%d.%d.%d" % (20 + h // 65000, h // 250, h % 250 + 1)
                fields = json.dumps(json.dumps(dict(pid=1000 + n, global_id=gid, host="h%d" % h, process="qemu-system-x86_64", vm_name=name, vm_uuid=uuid, entity="client.cinder",
                                                    address="%s:0/%d" % (ip, nonce), fsid="f", image=1, pool="volumes", name=name, image_id=image, cookie=dice.getrandbits(47),
                                                    last_ack_sent_ns=7777777777777777777, ios=1000)))
                vms.append('{"day":"%%s","event":"state","slot":%%d,"ts_ns":%%d,"id":%%d,"host":"h%d","pid":%d,"shipper":"h%d","gid":%d,"client_ip":"%s","client_nonce":%d,"vm":"%s","uuid":"%s",'
                           '"pool":"volumes","image":"%s","image_id":"%s","source":"h%d:status-pages","source_kind":"page","tz":"UTC","tz_from":"log","fields":%s}\n'
                           % (h, 1000 + n, h, gid, ip, nonce, name, uuid, name, image, h, fields.replace("%", "%%").replace("7777777777777777777", "%d")))
            self.hosts.append(vms)

    def run(self):
        self.began, self.n = time.time(), 0
        senders = [threading.Thread(target=self.send, daemon=True) for _ in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()

    def send(self):
        path = "/?query=" + urllib.parse.quote("INSERT INTO fl.events_buffer (%s) FORMAT JSONEachRow" % COLUMNS)
        connection = None
        while not self.ends:
            with self.turn:
                n = self.n
                self.n += 1
            due = self.began + n * BATCH / HOSTS
            if time.time() < due:
                time.sleep(max(0, due - time.time()))
            elif time.time() > due + 10:
                self.late += 1
            now = time.time()
            body = []
            for vm in self.hosts[n % HOSTS]:
                t = now - BATCH
                while t < now:
                    ns = int(t * 1e9)
                    body.append(vm % (time.strftime("%Y-%m-%d", time.gmtime(t)), ns // (600 * 10**9), ns, (ns * 2654435761 + id(vm)) % 2**64, ns - 10**9))
                    t += EVERY
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
                connection.request("POST", path, "".join(body).encode())
                answer = connection.getresponse()
                words = answer.read()
                if answer.status == 200:
                    self.sent += len(body)
                else:
                    self.refused += 1
                    self.words = words[:200]
            except (OSError, http.client.HTTPException):
                connection = None
                self.refused += 1


STAMP = re.compile(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?")


def line_time(line):
    match = re.search(r'"ts_ns": (\d+)', line)
    if match:
        return int(match.group(1)) / 1e9
    match = STAMP.match(line)
    if match:
        return __import__("calendar").timegm(time.strptime(match.group(1) + match.group(2), "%Y-%m-%d%H:%M:%S")) + float(match.group(3) or 0)
    return None


class Writer(threading.Thread):
    """Writes each line of the stories when its time comes; a listing, which has no time, at its story's end. A host whose clock is ahead writes
    it later than it says."""

    def __init__(self, parts, ahead):
        super().__init__(daemon=True)
        self.lines, self.names = [], []
        for part in parts:
            undated = []
            for name, text in part.files.items():
                path = os.path.join(FOLDER, "s%d" % part.place, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                late = ahead if (part.place, name) in part.ahead else 0
                lines = text.splitlines(True)
                at = None
                with open(path, "w") as out:
                    if name.endswith(".events"):
                        out.write(lines.pop(0))
                for line in lines:
                    stamp = line_time(line)
                    at = stamp if stamp is not None else at
                    if at is None:
                        undated.append((path, line))
                    else:
                        self.lines.append((at - late, len(self.lines), path, line))
                self.names.append(path)
            end = max(at for at, _, path, _ in self.lines if path.startswith(os.path.join(FOLDER, "s%d/" % part.place)))
            for path, line in undated:
                self.lines.append((end, len(self.lines), path, line))
        self.lines.sort()

    def run(self):
        at = 0
        while at < len(self.lines):
            due = {}
            while at < len(self.lines) and self.lines[at][0] <= time.time():
                due.setdefault(self.lines[at][2], []).append(self.lines[at][3])
                at += 1
            for path, lines in due.items():
                with open(path, "a") as out:
                    out.write("".join(lines))
            time.sleep(0.2)


def plain(incident):
    """Without the names of its sources. A -108 of a log that names nobody may be of any fence that stood then: beside others that is said of each, in
    place of the -108 that it lacks."""
    incident = json.loads(json.dumps(incident).replace("here:", ""))
    incident["missing_evidence"] = [re.sub("^(whose the -108 in|I/O that failed with -108 after the fence:).*", "its -108", text)
                                    for text in incident.get("missing_evidence", [])]
    for line in incident.get("evidence", []):
        line["source"] = ""
    return json.dumps(incident, sort_keys=True)


def summary(incident):
    return json.dumps([incident["cause"], incident["confidence"], incident["client"], incident["vm"], incident["image"], incident["lost_pings"],
                       incident["failed_ios"], {link["link"]: link["status"] for link in incident["chain"]}], sort_keys=True)


def run(*words):
    return subprocess.run([FENCELINE, *words], env=ENV, capture_output=True, text=True)


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))] if values else None


def live(parts, end):
    quiet, writer = Hosts(), Writer(parts, 180)
    servers = {pid: cpu(pid) for pid in PIDS}
    quiet.start()
    writer.start()
    log = open(os.path.join(FOLDER, "log"), "w")
    ship = subprocess.Popen([FENCELINE, "ship", "--follow", "--host", "here", "--spool", os.path.join(FOLDER, "spool"), URL, *writer.names], env=ENV, stderr=log)
    watchers = [subprocess.Popen([FENCELINE, "watch", URL], env=ENV, stdout=log, stderr=log) for _ in range(2)]
    seen, versions, told_at = {}, {}, end
    began, away, back = time.time(), None, None
    while time.time() < end + SETTLE and (time.time() < max(end, told_at) + QUIET or writer.is_alive()):
        time.sleep(0.5)
        quiet.ends |= time.time() > end
        if not away and time.time() - began > SECONDS * 0.4:
            open(os.path.join(FOLDER, "shard-away"), "w").close()
            away = time.time()
        if away and not back and time.time() - away > AWAY:
            open(os.path.join(FOLDER, "shard-back"), "w").close()
            back = time.time()
        try:
            for row in rows("SELECT client_ip, client_nonce, max(version) AS newest, max(first_eshutdown_ns) AS refused FROM fl.verdicts WHERE kind = 'fence' "
                            "GROUP BY client_ip, client_nonce"):
                key, newest = (row["client_ip"], row["client_nonce"]), row["newest"]
                if row["refused"]:
                    seen.setdefault(key, time.time())  # one that knows the -108: by the command it may be told before
                if newest != versions.get(key):
                    versions[key], told_at = newest, time.time()
        except (RuntimeError, OSError):
            pass
    took = end - began
    ship_cpu = cpu(ship.pid)
    for process in (ship, *watchers):
        process.terminate()
        process.wait()
    quiet.join(10)
    for pid in PIDS[:2]: # the third was started anew
        say("server %s: %.0f %% of a core" % (pid, 100 * (cpu(pid) - servers[pid]) / took))
    wanted = HOSTS * VMS / EVERY
    say("routine rows: %.0f a second of %.0f, %d posts refused, %d late; load %.0f on %d processors" % (
        quiet.sent / took, wanted, quiet.refused, quiet.late, os.getloadavg()[1], CORES))
    lines = len(writer.lines)
    say("the stories' shipper: %.1f s of CPU for %d lines of %d files, %.3f ms a line" % (ship_cpu, lines, len(writer.names), 1000 * ship_cpu / max(1, lines)))
    return seen, quiet.sent / took >= 0.95 * wanted, (away, back)


def first_108(incident):
    """Whose it is, and when."""
    client, first = re.match(r"\[?([^\]]*?)\]?:\d+/(\d+)", incident["client"]["address"] or ""), incident["first_eshutdown"]
    return client and first and ((client.group(1), int(client.group(2))), first["ts_ns"] / 1e9)


def delays(truth, seen, at_rate, away, back):
    """From the first -108 to the verdict; of those that fell while a shard was away, from its return."""
    usual, late = [], []
    for part, incident, _ in truth:
        told = first_108(incident)
        if not told or told[0] not in seen or part.ahead:
            continue
        key, at = told
        if away - EVERY * 2 <= at <= back + TRIED_AGAIN:
            late.append(seen[key] - max(at, back))
        else:
            usual.append(seen[key] - at)
    for what, values in ("%d fences; from the first -108 to the verdict in the store" % len(truth), usual), ("while a shard was away, from its return", late):
        say("%s: median %.1f s, p95 %.1f s, longest %.1f s of %d" % (what, percentile(values, 0.5) or -1, percentile(values, 0.95) or -1, max(values or [-1]), len(values)))
    ok(len(late) < len(usual) and max(late or [0]) <= TRIED_AGAIN + 20, "verdicts-once-the-shard-is-back", "%s" % late)
    if at_rate:
        ok((percentile(usual, 0.95) or 99) <= 10, "verdict-within-10-s", "p95 %.1f s" % (percentile(usual, 0.95) or -1))
    else:
        say("not judged: the machine was too busy for the rate, so that the delay tells of the machine")


def compare(parts, db="fl"):
    """Each incident that the parts' files tell, and as what; how many of them the store's verdicts tell otherwise, or not once."""
    fences, wrong, told = {}, 0, []
    for row in rows("SELECT verdict FROM %s.fences" % db):
        incident = json.loads(row["verdict"])
        fences.setdefault(incident["client"]["address"], []).append(incident)
    for part in parts:
        names = [os.path.join(FOLDER, "s%d" % part.place, name) for name in part.files]
        local = json.loads(run("incidents", "-f", "json", *names).stdout)["incidents"]
        part.true = sorted((i["cause"], i["confidence"]) for i in local) == part.causes
        # Of a host whose clock is estimated from what others saw, more of them move the times by part of a millisecond.
        said = summary if part.ahead else plain
        for incident in local:
            address = incident["client"]["address"]
            mine = fences.get(address, [])
            told.append((part, incident, said(incident)))
            if said(incident) in [said(i) for i in mine] and len(mine) == sum(i["client"]["address"] == address for i in local):
                continue
            wrong += 1
            if wrong < 4:
                say("differs: %s %s %s, in the store: %s" % (incident["vm"] and incident["vm"]["name"], incident["cause"], incident["confidence"],
                                                            [(i["cause"], i["confidence"], len(i["evidence"])) for i in mine]))
    known = [incident["client"]["address"] for _, incident, _ in told]
    for address, mine in fences.items():
        if len(mine) > known.count(address):
            say("more than from files: %s: %s" % (address, [(i["vm"] and i["vm"]["name"], i["cause"], i["confidence"], i["blocklist"] and i["blocklist"]["entity"],
                                                            i["first_eshutdown"] and i["first_eshutdown"]["ts_ns"]) for i in mine]))
    return told, wrong


def ship(port, spool, host, inputs, *options):
    return run("ship", "--host", host, "--spool", os.path.join(FOLDER, spool), *options, "clickhouse://127.0.0.1:%d/%s" % (port, LAPSE), *inputs)


def full_spool(way):
    """A host on which nothing happens ships into nowhere until its spool of 1 MB has lost rows; then the store is there again."""
    path = os.path.join(FOLDER, "small.events")
    with open(path, "w") as out:
        count = cast.healthy_host("small", "10.9.0.1", 20, time.time() - 1200, 600, out=out)
    way.away = True
    first = ship(way.port, "small-spool", "small", [path], "--spool-size", "1")
    way.away = False
    empty = os.path.join(FOLDER, "empty.events")
    open(empty, "w").write('{"schema": "fenceline/events/1"}\n')
    for _ in range(10):
        if ship(way.port, "small-spool", "small", [empty], "--spool-size", "1").returncode == 0:
            break
    for _ in range(30):  # the rows wait on the disk of the server that has the Distributed table
        told = rows("SELECT any(visitParamExtractUInt(fields, 'count')) AS lost FROM %s.events WHERE event = 'lost_events' AND shipper = 'small' GROUP BY id" % LAPSE)
        there = rows("SELECT uniqExact(id) AS n FROM %s.events WHERE shipper = 'small' AND event != 'lost_events'" % LAPSE)[0]["n"]
        lost = sum(row["lost"] for row in told)
        if there + lost == count:
            break
        time.sleep(1)
    ok(first.returncode and lost and there + lost == count, "full-spool-counted", "%d rows, %d in the store, %d told as lost" % (count, there, lost))


def time_lapse(live_parts):
    """The same stories over the day before, shipped in an hour's hundredth: out of order, some twice, on a bad way."""
    day, dice, parts = 86400, random.Random(5), []
    begin = int(time.time()) - 3 * day
    for part in live_parts:
        again = cast.Part(100 + part.place, part.story, part.told, begin - cast.BASE + dice.randrange(day - 1200))
        again.causes, again.ahead = part.causes, set()
        parts.append(again)
    way = Flaky(PORT, 7)
    way.start()
    at, left = time.time(), []
    for part in parts:
        names = part.write(FOLDER)
        dice.shuffle(names)
        half = dice.randrange(len(names) + 1)
        left += [(part.place, names[half:])] + ([(part.place, names[:half])] if dice.random() < 0.2 else [])  # late; some come twice
        left[:0] = [(part.place, names[:half])]
    for turn in range(20):
        left = [(place, names) for place, names in left if names and ship(way.port, "lapse-spool-%d" % place, "here", names).returncode]
        if not left:
            break
    say("a day's %d stories shipped in %.0f s: %s" % (len(parts), time.time() - at, ", ".join("%d requests %s" % (n, what) for what, n in way.told.items())))
    ok(not left and way.told["lost"] and way.told["unanswered"], "lapse-shipped", left)
    full_spool(way)
    url = URL.replace("/fl", "/" + LAPSE)
    time.sleep(15)  # as above
    watched = run("watch", "--once", "--back", "7200", url)
    ok(watched.returncode == 0, "lapse-watched", watched.stderr[-300:])
    told, wrong = compare(parts, LAPSE)
    count = len(told)
    ok(count and not wrong, "lapse-verdicts-as-from-files", "%d of %d differ" % (wrong, count))
    at, used = time.time(), os.times()
    answer = run("incidents", "-f", "json", "--since", str(begin), "--until", str(begin + day), url)
    took, after = time.time() - at, os.times()
    found = len(json.loads(answer.stdout)["incidents"]) if answer.returncode == 0 else 0
    say("a day with %d fences re-verdicted in %.1f s (%.1f s of CPU beside the servers'): %.0f times real time" % (
        found, took, after.children_user + after.children_system - used.children_user - used.children_system, day / took))
    ok(found == count and day / took >= 100, "a-day-again", "%d of %d in %.1f s: %s" % (found, count, took, answer.stderr[-200:]))


def figures():
    shards = [(PORT + 10 * n) for n in range(3)]
    rows_n, size = 0, 0
    for port in shards:
        row = sql("SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'fl_local' AND table = 'events'", port).split()
        rows_n, size = rows_n + int(row[0]), size + int(row[1])
    say("on disk: %d rows, %.1f bytes a row; a VM's states of a day (28,800): %.2f MB" % (rows_n, size / rows_n, 28800 * size / rows_n / 1e6))
    day_rows = HOSTS * VMS / EVERY * 86400
    for millions in (1, 4, 16):
        for port in shards:
            sql("INSERT INTO fl_local.events (day, event, slot, host, pid, ts_ns, id, client_ip, client_nonce, vm, fields) SELECT yesterday(), 'state', "
                "intDiv(number, 20000), concat('h', toString(number %% 500)), number %% 20, 1790000000000000000 + number * 1000, rand64(), concat('10.1.0.', toString(number %% 500)), number %% 10000, "
                "concat('vm', toString(number %% 10000)), concat('{\"cookie\":', toString(number), '}') FROM system.numbers LIMIT %d" % (millions * 10**6 * 3 // 4 // 3), port)
        total = int(sql("SELECT count() FROM fl.events"))
        times = []
        for query in ("SELECT vm, cause, confidence FROM fl.fences WHERE day >= yesterday()",
                      "SELECT DISTINCT vm, client_ip, client_nonce FROM fl.events WHERE day >= yesterday() AND event IN ('io_eshutdown', 'audit_blocklist', 'blocklist')"):
            at = time.time()
            sql(query)
            times.append(time.time() - at)
        say("at %.1f million rows (1/%.0f of a day's): `which VMs were fenced` %.3f s by verdicts, %.3f s by rows" % (total / 1e6, day_rows / total, *times))
        ok(max(times) <= 2, "question-at-%d-million" % millions, times)


def main():
    begin = time.time() + 20
    parts = cast.parts(FENCES, 11, begin, max(1, SECONDS - 150))
    shift = int(time.time() + 10 - begin)  # finding them took a while
    for part in parts:
        part.shift_more = shift
        part.files = {name: cast.moved(text, shift) for name, text in part.files.items()}
        part.ahead = set()
    # A host 3 minutes ahead: what its trace says is so, and the lines come when they are written.
    for name in [n for n in parts[0].files if n.startswith("compute1.")]:
        parts[0].files[name] = cast.moved(parts[0].files[name], 180)
        parts[0].ahead.add((parts[0].place, name))
    begin = time.time()
    seen, at_rate, shard = live(parts, begin + SECONDS)
    truth, wrong = compare(parts)
    there = rows("SELECT count() AS n FROM fl.fences")[0]["n"]
    ok(not wrong and there == len(truth), "verdicts-as-from-files", "%d of %d differ, %d in the store" % (wrong, len(truth), there))
    true = sum(part.true for part in parts if part.place)  # the first one's clock was moved
    ok(true == len(parts) - 1, "verdicts-true", "%d of %d stories" % (true, len(parts) - 1))
    delays(truth, seen, at_rate, *shard)
    lines = [line for line in open(os.path.join(FOLDER, "log")) if re.match(r"\S+: [a-z-]+, (proven|likely|possible)$", line)]
    ok(len(lines) == len(truth), "announced-once-of-two-watchers", "%d announcements of %d fences" % (len(lines), len(truth)))
    answer = run("incidents", "-f", "json", "--since", str(int(begin) - 600), URL)
    incidents = json.loads(answer.stdout)["incidents"] if answer.returncode == 0 else []
    told = {plain(i) for i in incidents} | {summary(i) for i in incidents}
    missing = [said for _, _, said in truth if said not in told]
    ok(not missing and len(incidents) == len(truth), "incidents-of-the-store", "%d for %d, %d differ" % (len(incidents), len(truth), len(missing)))
    time_lapse(parts)
    figures()


main()
sys.exit(failed != 0)
