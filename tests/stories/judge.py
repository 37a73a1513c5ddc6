# SPDX-License-Identifier: MIT
"""Holds a verdict against the truth of a story. It knows the world, and nothing of the code that it judges."""
import re

AWAKE = 2.0 + 0.3  # s: a ping that was sent so shortly before its watch ran out may be told to have been too late
SLACK = 0.3  # s: what a moment of the world may differ from what a recorder can tell
TICK = 5.0
UNRECORDED = "the fencer was not recorded"  # then the story was not recorded whole
HOST_DIED = "its host died, and its recording with it"  # nor then
ENDED_FIRST = "the client ended before anything was refused"  # nor then: there was nothing to record
KERNEL = "the client is a kernel's, and leaves no trace"  # nor then
CUT_OFF = "its host stays cut off, and nothing was ever refused"  # nor then
NOT_WHOLE = (UNRECORDED, HOST_DIED, ENDED_FIRST, KERNEL, CUT_OFF)


WATCH_ENDED = re.compile(r"^the client's watch ended with error ")
QEMU_SAYS = re.compile(r"^QEMU of .* cmd 1 offset (\d+) ")


# ---- What is true of a fence ----

def overlap(intervals, begin, end):
    return sum(max(0.0, min(end, e) - max(begin, b)) for b, e in intervals)


def near(t, moments, slack):
    return any(abs(t - each) <= slack for each in moments)


class Truth:
    """Of one client that one command fenced."""

    def __init__(self, world, fence, client):
        self.world, self.fence, self.client = world, fence, client
        self.at = fence.sent
        self.gone = self.ended_by(fence.sent)
        images = [each for each in client.images if fence.image is None or each.image is fence.image]
        # What was closed in good order before is nobody's any more, and what was opened again is another one's.
        opened = [each for each in images if each.opened <= self.at and (each.closed_at is None or each.closed_at > self.at)] or images
        self.opened = opened
        self.alive = not self.gone and any(self.is_alive(each) for each in images)
        self.causes = self.true_causes()

    def ended_by(self, t):
        ended, shut = self.client.process.ended, self.client.shut
        return (ended is not None and ended <= t + SLACK) or (shut is not None and shut <= t + SLACK)

    def is_alive(self, opened):
        """Its last sign of life, by the OSD or by the client, was a tick and 2 s before the first sign of the fence, or less."""
        signs = [p[2] for p in opened.pings if p[2] is not None] + [p[3] for p in opened.pings if p[3] is not None and p[4] == 0]
        signs += [t for t in registrations(self.world, opened)]
        # librbd fences nobody whose watch it finds: who came back while the monitors took their time was not alive when it looked.
        end = self.at + SLACK if self.fence.way == "break" else max(self.at, first_refusal(self.world, self.client, self.fence.finished)) + 0.02
        near = [t for t in signs if t <= end]
        return bool(near) and self.at - max(near) <= TICK + 2 + SLACK

    def silence(self, opened, until=None):
        """Since when the OSD has heard nothing of this watch."""
        until = self.at if until is None else until
        heard = [p[2] for p in opened.pings if p[2] is not None and p[2] <= until]
        heard += [t for t in registrations(self.world, opened) if t <= until]
        return max(heard) if heard else opened.opened

    def ran_out(self, opened, since):
        """When the OSD dropped the watch for want of pings; the fence, if it did not."""
        return min([f.t for f in self.world.facts if f.kind == "osd_timeout" and f.fields["client"] is self.client and
                    f.fields["image"] is opened.image and f.t >= since] + [self.at])

    def lost(self, opened):
        """Pings sent before the fence whose answer never came, or only after it."""
        return [p for p in opened.pings if p[0] <= self.at + SLACK and (p[3] is None or p[3] > self.at - SLACK)]

    def late(self, opened):
        """Pings that the network, or a slow OSD, kept until the watch was over: it ended for want of them."""
        return [p for p in self.recent(opened) if p[4] and p[3] is not None and p[3] <= self.at and p[3] - p[0] > TICK and
                (self.was_cut(p) or p[2] is None)]

    def recent(self, opened):
        """The pings that the silence is made of, as it was when the fencer looked: not those of a near miss minutes before."""
        since = self.silence(opened, (self.fence.look or {}).get("looked", self.at)) - 3 * TICK
        return [p for p in opened.pings if p[0] >= since]

    def would_have_saved(self, opened, begin, ran_out):
        """Pings that it sent after it had stood still, early enough for its watch, and that did not come through."""
        woke = max([e for b, e in self.client.process.stops if e > begin and b < ran_out], default=None)
        end = min(ran_out, begin + self.world.timeout) - AWAKE
        return [p for p in opened.pings if woke is not None and woke <= p[0] < end and (p[2] is None or p[2] > ran_out)]

    def was_cut(self, ping):
        host = self.client.process.host
        return any(cut.host in (None, host) and cut.osd in (None, ping[5]) and cut.begin <= ping[0] + 0.01 < cut.end for cut in self.world.cuts)

    def true_causes(self):
        true = set()
        if self.gone:
            true.add("client-gone")
        if self.fence.way in ("command", "api-break"):
            true.add("fenced-by-command")
        if self.alive and not self.gone:
            true.add("fenced-while-alive")
        if self.fence.way in ("break", "api-break") and not self.gone:
            for opened in self.opened:
                true |= self.kinds_of_silence(opened)
        return true

    def kinds_of_silence(self, opened):
        if self.fence.forced and "watchers" not in (self.fence.look or {}):
            return set()  # it looked at no watch
        watchers = (self.fence.look or {}).get("watchers", ())
        owner = (self.fence.look or {}).get("owner")
        if owner and any(address == owner[0].address and cookie == owner[1] for address, _, cookie in watchers):
            return set()  # its watch was there: no silence is the reason
        begin, true = self.silence(opened), set()
        # The client may have heard of its last ping later than the OSD did.
        quiet = max(0.001, self.at - begin)
        process = self.client.process
        stood = overlap(process.stops, begin, self.at)
        ran_out = self.ran_out(opened, begin)
        lost = [p for p in self.lost(opened) if p[0] >= begin - TICK * 3]
        if stood > 0.5 * quiet or (stood > 0 and not lost):  # without it the next ping would have been sent
            true.add("client-stalled")
        # What was sent, and lost, only after the watch had run out is not why it did.
        unheard = [p for p in lost + self.late(opened) if begin < p[0] < ran_out]
        if overlap(process.stops, begin, ran_out) > (0.5 * max(0.001, ran_out - begin) if unheard else 0):
            true.add("client-stalled")
        if self.would_have_saved(opened, begin, ran_out):
            true.discard("client-stalled")
        # What left as the process stopped was answered, and nobody was there to read it, unless the network was cut just then.
        if self.late(opened) or any(self.was_cut(p) or not any(b - 0.05 <= p[0] < e for b, e in process.stops) for p in lost):
            true.add("lost-pings")
        if self.is_without_watch(opened):
            true.add("watch-lost")
        return true


    def is_without_watch(self, opened):
        """Its watch had failed, and it had no new one yet when the lock breaker looked."""
        looked = (self.fence.look or {}).get("looked", self.at)
        own = [f for f in self.world.facts if f.fields.get("opened") is opened and f.t <= self.at]
        back = [f.t for f in own if f.kind == "watch_registered" and f.fields["result"] == 0 and f.t <= looked]
        return any(f.kind == "watch_error" and not any(t > f.t for t in back) for f in own)


def registrations(world, opened):
    return [f.t for f in world.facts if f.kind in ("osd_registered", "osd_reconnected", "watch_registered") and f.fields["client"] is opened.client
            and (f.kind != "watch_registered" or f.fields["opened"] is opened) and f.fields.get("image", opened.image) is opened.image
            and f.fields.get("result", 0) == 0]


def first_refusal(world, client, t):
    """When the client first heard of the fence: -108, or a -107 after which it was answered with 0 no more."""
    own = [f for f in world.facts if f.t >= t and f.fields.get("client") is client]
    alive = [f.t for f in own if f.kind in ("watch_registered", "ping_reply") and f.fields["result"] == 0]
    for f in own:
        if f.kind == "io_fails" or f.fields.get("result") == -108 or (f.kind == "watch_error" and not any(life > f.t for life in alive)):
            return f.t
    return t


# ---- The judge ----

class Judge:
    def __init__(self, story, told):
        self.told = told  # what the recorders kept, and their flaws
        self.stories = [story] + ([story.other] if story.other else [])
        self.clients = {client.address: client for each in self.stories for process in each.world.processes for client in process.clients}
        self.truths = [Truth(each.world, fence, client) for each in self.stories for fence in each.world.fences if fence.finished
                       for client in fence.targets]
        self.wrong = []
        self.cells = []  # (cause, confidence) of each verdict

    def say(self, kind, text):
        self.wrong.append((kind, text))

    def judge(self, answer):
        self.moved = {clock["host"]: clock["offset_ns"] / 1e9 for clock in answer["clocks"]}
        proven = {}
        for incident in answer["incidents"]:
            self.cells.append((incident["cause"], incident["confidence"]))
            where = incident.get("where")
            if where and where["side"] != "unknown":
                self.judge_where(incident, where)
            self.judge_entry(incident)
            self.judge_failed(incident, answer["incidents"])
            if incident["confidence"] == "proven" or not answer["clocks"]:  # a line by a clock of its own may be of any moment
                self.judge_lines(incident)
            if incident["confidence"] == "proven":
                address = incident["client"]["address"]
                key = address, incident["blocklist"] and incident["blocklist"]["ts_ns"]
                self.judge_proven(incident)
                proven.setdefault(address, []).append(key)
        for miss in answer["near_misses"]:
            self.judge_near_miss(miss)
        for address, keys in proven.items():
            commands = [f for each in self.stories for f in each.world.fences if f.finished and any(c.address == address for c in f.targets)]
            if len(keys) > max(1, len(commands)):
                self.say("twice", "%s is proven %d times, fenced by %d commands" % (address, len(keys), len(commands)))
        return self.wrong

    def judge_proven(self, incident):
        address, cause = incident["client"]["address"], incident["cause"]
        truths = [t for t in self.truths if t.client.address == address]
        if not truths and self.is_covered(address):
            if cause not in ("fenced-by-command", "fenced-while-alive", "client-gone"):  # nobody looked at a watch of it
                self.say("cause " + cause, "%s of %s is proven, whom only a range fences" % (cause, address))
            return
        if not truths:
            self.say("client", "%s is proven fenced (%s) and never was" % (address, cause))
            return
        if cause == "unknown":
            self.say("cause", "unknown is proven")
        fitting = [t for t in truths if cause in t.causes]
        if not fitting:
            self.say("cause " + cause, "%s of %s is proven; true is %s" % (cause, address, ", ".join(sorted(truths[0].causes)) or "none of them"))
            return
        client = truths[0].client
        self.judge_vm(incident, client)
        best = min((self.wrong_of(incident, t) for t in fitting), key=len)
        self.wrong += best
        self.judge_counts(incident, fitting[0])
        if cause == "watch-lost" and len(fitting) == 1:
            self.judge_error(incident, fitting[0])

    def is_covered(self, address):
        """A range, or a whole address, is of those that come later, too."""
        ip = address.split(":")[0]
        return any(f.finished and f.target in (ip + "/32", ip + ":0/0") for each in self.stories for f in each.world.fences)

    def judge_vm(self, incident, client):
        vm = incident["vm"]
        if not vm or any("known by time only" in each for each in incident["missing_evidence"]):
            return  # of which VM it is, is told as not shown
        process = client.process
        for name, true in (("name", process.vm), ("uuid", process.uuid), ("pid", process.pid), ("host", process.host.name)):
            if vm.get(name) not in (None, 0, true):
                self.say("vm", "%s is of %s %s, not %s" % (client.address, name, true, vm[name]))

    def wrong_of(self, incident, truth):
        """Everything else that a proven verdict claims."""
        wrong, fence, by = [], truth.fence, incident["blocklist"] or {}

        def claim(kind, said, true):
            if said not in (None, "", true) and not (isinstance(true, (set, tuple)) and said in true):
                wrong.append((kind, "%s is %s, not %s" % (kind, said, sorted(true) if isinstance(true, set) else true)))
        # The monitors' log does not tell a call of the API from the command: it is the command that they were sent.
        claim("entry", by.get("entry"), {fence.entry} | ({"monitor-command"} if fence.entry == "blocklist-api" else set()))
        claim("entity", by.get("entity"), fence.by.entity)
        sender = by.get("by_client") or {}
        claim("fencer's address", sender.get("address"), fence.by.address)
        claim("fencer's id", sender.get("global_id"), (0, fence.by.gid))
        claim("fencer's pid", by.get("pid"), fence.by.process.pid)
        claim("fencer's process", by.get("process"), fence.by.process.name)
        window = incident["snapshot_window"]
        if window and window["snap"]:  # null: several calls were open
            call = fence.snap
            claim("snapshot", (window["op"], window["snap"]), (call and (call["op"], call["snap"]),) if call else ())
        image = incident["image"]
        if image and image.get("id") and incident["cause"] in ("lost-pings", "client-stalled", "watch-lost"):
            claim("image", image["id"], {each.image.id for each in truth.opened} or set())
        header = incident["header"]
        if header and header.get("osd"):
            claim("osd", header["osd"], self.osds_of(truth, incident))
        if truth.world.fences and by.get("ts_ns"):
            at = (by["ts_ns"] - self.told.base_ns) / 1e9
            if self.told.in_step and not (fence.sent - SLACK <= at <= fence.finished + SLACK):
                wrong.append(("fence time", "the fence is at %.3f, not %.3f" % (at, fence.sent)))
        return wrong

    def osds_of(self, truth, incident):
        """Where the pings went: for lost ones, those that lost them."""
        found = set()
        # Where nobody looked at a watch, it is the OSD of any of its images.
        of_lock = incident["cause"] in ("lost-pings", "client-stalled", "watch-lost")
        for opened in truth.opened if of_lock else truth.client.images:
            if incident["cause"] == "lost-pings":
                end = max(truth.at, first_refusal(truth.world, truth.client, truth.at)) + SLACK
                found |= {p[1] for p in truth.recent(opened) if p[0] <= end and (p[3] is None or p[3] > truth.at - SLACK or p[4])}
            else:
                found |= {osd.address for _, osd in opened.image.history}
        return found

    def judge_counts(self, incident, truth):
        """Where everything was seen, numbers are exact."""
        if not self.told.saw_all_of(truth.client.process) or len(self.truths_of(truth.client)) > 1:
            return
        failed = [f for f in truth.world.facts if f.kind == "io_fails" and f.fields["client"] is truth.client]
        if incident["failed_ios"] != len(failed):
            self.say("failed I/Os", "%s failed I/Os, not %d" % (incident["failed_ios"], len(failed)))
        if incident["cause"] == "lost-pings" and not truth.world.secure and incident["lost_pings"] is not None:
            # Those that never were answered, before the fence; at most all that were not by the client's first word of the fence.
            end = max(truth.at, first_refusal(truth.world, truth.client, truth.at)) + SLACK
            sent = [p for opened in truth.opened for p in opened.pings if p[0] <= end]
            least = len([p for p in sent if p[3] is None and truth.at > p[0] + SLACK and p[0] >= min(map(truth.silence, truth.opened)) - SLACK])
            most = len([p for p in sent if p[3] is None or p[3] > truth.at - SLACK or (p[4] and p[3] - p[0] > 2)])
            if not least <= incident["lost_pings"] <= most:
                self.say("lost pings", "%d pings lost, not %d to %d" % (incident["lost_pings"], least, most))

    def judge_failed(self, incident, incidents):
        """How many I/Os failed: those recorded, and those that only the shim's count (`state`) tells of. It counts all of an image until then."""
        client = self.clients.get(incident["client"]["address"])
        if not client or len(self.truths_of(client)) != 1 or sum(i["client"]["address"] == client.address for i in incidents) > 1:
            return
        failed = [f for f in client.world.facts if f.kind == "io_fails" and f.fields["client"] is client]
        said = incident["failed_ios"] + incident.get("unrecorded_ios", 0)
        last = {f.fields["opened"]: f.t for f in failed}
        until = {opened: self.told.last_state_of(opened) for opened in client.images}
        if said > len(failed) and incident.get("unrecorded_ios"):  # else QEMU's lines may be counted, which name no drive
            self.say("failed I/Os", "%d I/Os of %s failed, not %d" % (len(failed), client.address, said))
        elif said < len(failed) and all(t <= until[opened] for opened, t in last.items()):
            self.say("failed I/Os", "%d I/Os of %s failed, as the shim counted until after the last; told are %d" % (len(failed), client.address, said))

    def judge_near_miss(self, miss):
        """A command that was told as refused, and that fenced."""
        client = self.clients.get(miss["client"]["address"])
        if miss["kind"] != "fence-refused" or not client:
            return
        sent = [f for each in self.stories for f in each.world.fences if client in f.targets]
        if not any(f.denied for f in sent):
            self.say("near miss", "a fence of %s is told as refused, and none was" % client.address)

    def judge_entry(self, incident):
        """How a command came in is told only where it is known, proven or not."""
        entry = (incident["blocklist"] or {}).get("entry")
        entries = {t.fence.entry for t in self.truths if t.client.address == incident["client"]["address"]}
        # The monitors' log does not tell a call of the API from the command, nor of which cluster a range is.
        if "blocklist-api" in entries or self.is_covered(incident["client"]["address"] or ""):
            entries.add("monitor-command")
        # One whose sender gave up is named as what may have been it: then nobody says that the monitors took it.
        taken = any(link["link"] == "fence" and link["status"] == "seen" for link in incident["chain"])
        gave_up = (incident["blocklist"] or {}).get("result") == -110 and not taken
        if entry and entries and entry not in entries and not gave_up:
            self.say("entry", "the entry of %s is %s, not %s" % (incident["client"]["address"], entry, ", ".join(sorted(entries))))

    def judge_lines(self, incident):
        """QEMU's word for a failed I/O is cited of the drive whose trace has it, not of another that failed at other times."""
        client = self.clients.get(incident["client"]["address"])
        others = [c for c in client.process.clients if c is not client] if client else []
        if not others or not self.told.has_whole_trace_of(client.process):
            return
        failed = [f for f in client.world.facts if f.kind == "io_fails" and f.place is client.process]
        for line in incident["evidence"]:
            offset = QEMU_SAYS.search(line["text"])
            if not offset or not line["ts_ns"]:
                continue
            moments = self.moments(line["ts_ns"], client.process.host)
            own = [f for f in failed if f.fields["client"] is client and near(f.t, moments, 2)]
            if not own and any(f.fields["offset"] == int(offset[1]) and near(f.t, moments, SLACK) for f in failed):
                self.say("line", "%s is told by a line of another drive: %s" % (client.address, line["text"][:120]))

    def moments(self, ts_ns, host):
        """When that was, truly, for a host whose clock fenceline moved or not; it may have moved its logs alone. It may have been set."""
        at, step = self.told.moment(ts_ns, host), self.told.clocks[host].step
        return [each - by for each in (at, at - self.moved.get(host.name, 0)) for by in ((0, step[1]) if step else (0,))]

    def judge_error(self, incident, truth):
        """The error that a lost watch is proven by came before the fence: the fence's own is no cause."""
        errors = [f for f in truth.world.facts if f.kind == "watch_error" and f.fields["client"] is truth.client]
        silence = next((link for link in incident["chain"] if link["link"] == "silence"), None)
        for number in silence["evidence"] if silence else ():
            said = incident["evidence"][number - 1]
            if not said["ts_ns"] or not WATCH_ENDED.match(said["text"]):
                continue
            moments = self.moments(said["ts_ns"], truth.client.process.host)
            named = [f.t for f in errors if near(f.t, moments, SLACK)]
            if named and min(named) > truth.at + SLACK:
                self.say("error", "%s is told to have lost its watch at %.3f, after the fence of %.3f" %
                         (truth.client.address, min(named), truth.at))

    def fenced_before(self, truth):
        """It was fenced already: what comes then fences nobody."""
        return any(t is not truth and t.at < truth.at and not t.fence.lifted(truth.at) for t in self.truths_of(truth.client))

    def truths_of(self, client):
        return [t for t in self.truths if t.client is client]

    def judge_where(self, incident, where):
        """On which side the pings of this client were really lost."""
        client = self.clients.get(incident["client"]["address"])
        truths = [t for t in self.truths if t.client is client]
        if not client or not truths:
            return
        sides = set()
        for truth in truths:
            for opened in truth.opened:
                end = max(truth.at, first_refusal(truth.world, truth.client, truth.at)) + SLACK
                for p in (p for p in truth.recent(opened) if p[0] <= end and (p[3] is None or p[3] > truth.at - SLACK or p[4])):
                    osd = p[5]
                    sides |= self.sides_of(client, osd, p, opened)
        if where["side"] not in sides:
            self.say("where " + where["side"], "the pings were lost at %s, not at %s" % (", ".join(sorted(sides)) or "no side", where["side"]))

    def sides_of(self, client, osd, ping, opened):
        sides, sent = set(), ping[0]
        host = client.process.host
        for cut in client.world.cuts:
            if cut.host is host and cut.begin - SLACK <= sent < cut.end + SLACK:
                sides.add("path")
                if cut.osd is None:
                    sides.add("client-host")
        for begin, end, clients in osd.silent:
            if begin - SLACK <= sent < end + SLACK and client in clients:
                sides.add("osd")
        for begin, end in osd.slow:
            if begin - SLACK <= sent < end + SLACK:
                sides.add("osd")
        for image, begin, end in client.world.stuck:
            if image is opened.image and begin - SLACK <= sent < end + SLACK:
                sides.add("osd")
        return sides


# ---- Text, and other forms of the same ----

RESTART = re.compile(r"needs a full stop and start")


def judge_text(story, answer, text):
    """Advice must not ask for the restart of a VM that runs again, or was shut down."""
    wrong = []
    flat = re.sub(r"\s+", " ", text)
    for incident in answer["incidents"]:
        address = incident["client"]["address"]
        if incident["cause"] not in flat:
            wrong.append(("text", "the text does not say %s" % incident["cause"]))
        if address and not incident["vm"] and address not in flat:
            wrong.append(("text", "the text does not name %s" % address))
        vm = (incident["vm"] or {}).get("name")
        if not vm or len(answer["incidents"]) > 1:
            continue
        true = next((v for v in story.vms if v.get("successor_of") and v["name"] == vm and incident["vm"].get("uuid") in (None, v["uuid"])), None)
        if true and true["process"] and true["process"].ended is None and story.successor_seen(true) and RESTART.search(flat):
            wrong.append(("restart", "a restart is asked for %s, whose successor runs" % vm))
    return wrong


# ---- What must have been proven ----

def was_refused(truth):
    return any(f.t >= truth.at and f.fields.get("client") is truth.client and (f.kind == "io_fails" or f.fields.get("result") == -108)
               for f in truth.world.facts)


def why_not_whole(truth):
    """What no recorder could have told of this fence; None: all was there to be told."""
    process, ends = truth.client.process, ends_of(truth)
    if truth.client.kernel:
        return KERNEL
    if not truth.fence.by.process.traced:
        return UNRECORDED
    if truth.gone and truth.client.shut is None and not process.reason:
        return HOST_DIED
    if not was_refused(truth) and any(cut.host is process.host and cut.osd is None and cut.end >= truth.world.end for cut in truth.world.cuts):
        return CUT_OFF
    return ENDED_FIRST if ends and min(ends) >= truth.at and not was_refused(truth) else None


def ends_of(truth):
    return [t for t in (truth.client.process.ended, truth.client.shut) if t is not None]


def why_not_proven(judge, truth):
    if not truth.causes:
        return "no cause of the list is true"
    if truth.gone and not judge.told.end_is_told(truth):
        return "nobody told of its end"
    if truth.gone:
        near = truth.at - min(ends_of(truth)) <= 1.0 + SLACK
        return "its end and the command are a second apart" if near else "its end and the command are told by two clocks"
    if any(each is not truth and each.client is truth.client and each.fence.by is truth.fence.by and abs(each.at - truth.at) < 20
           for each in judge.truths):
        return "several of its locks were wanted at once, and nothing tells which command was for which"
    if truth.world.secure:
        return "secure mode: no ping is seen on the wire"
    return "?" if was_refused(truth) else "nothing was refused"


def reasons_not_proven(judge, answer):
    """For each fence of a story whose recorders are whole: None if it is proven, else why not, as far as the world can tell; and
    whether it counts: what nobody could have told of does not."""
    found = []
    for truth in judge.truths:
        if judge.fenced_before(truth):
            continue  # it belongs to the fence before it
        incidents = [i for i in answer["incidents"] if i["client"]["address"] == truth.client.address]
        missing = why_not_whole(truth)
        if any(i["confidence"] == "proven" for i in incidents):
            found.append((truth, None, not missing))
            continue
        told = ", ".join("%s %s" % (i["cause"], i["confidence"]) for i in incidents) or "nothing told"
        why = missing or why_not_proven(judge, truth)
        found.append((truth, "%s: %s, true %s" % (why, told, "/".join(sorted(truth.causes)) or "-"), not missing))
    return found
