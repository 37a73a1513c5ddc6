# SPDX-License-Identifier: MIT
"""The world of a story: hosts, processes, librados clients, OSDs and monitors, and what happens between them, by Ceph's own physics.

Times are true seconds from the story's begin; nobody in the world can read them (recorders have clocks). What happens is noted as
facts, (time, kind, place, fields): `place` is the process, OSD or monitor that could witness it. Sources: Ceph's Objecter, Watch,
PrimaryLogPG and librbd's ManagedLock, and recordings of Ceph 14 to 20."""
import collections
import heapq

from monitors import Monitors
from network import Network
from sampler import Sampler

TICK = 5.0  # objecter_tick_interval
NOTIFY = 5.0  # a notify, such as a request for the lock, waits this long for an answer
GIVE_UP = 30.0  # rbd_request_timed_out_seconds
ENOENT, EACCES, EINVAL, ENOTCONN, ESHUTDOWN, ETIMEDOUT = -2, -13, -22, -107, -108, -110

Fact = collections.namedtuple("Fact", "t kind place fields")


class Host:
    def __init__(self, name, ip):
        self.name, self.ip = name, ip
        self.dead_at = None


class Process:
    def __init__(self, host, pid, name, vm=None, uuid=None, traced=True):
        self.host, self.pid, self.name, self.vm, self.uuid, self.traced = host, pid, name, vm, uuid, traced
        self.reason = None  # of its end, as libvirt has it; None: nobody is left to tell
        self.stops = []  # [(begin, end)]: nothing of it runs
        self.starved = []  # [(begin, end)]: only the sampler's thread does not run
        self.ended = None
        self.clients = []
        self.actions = 0
        self.began = 0.0

    def wakes(self, t):
        """When something that is due at t runs; None: never."""
        for begin, end in self.stops:
            if begin <= t < end:
                t = end
        return t if self.ended is None or t < self.ended else None

    def next_action(self):
        self.actions += 1
        return self.actions


class Image:
    def __init__(self, name, image_id, pool, primary):
        self.name, self.id, self.pool, self.primary = name, image_id, pool, primary
        self.oid = "rbd_header." + image_id
        self.locker = None  # (client, cookie as it was when the lock was taken)
        self.watches = {}  # (address, cookie): Watch, as the primary knows them
        self.history = [(0.0, primary)]  # who served the header, since when


class Watch:
    """A watch as the OSD knows it."""

    def __init__(self, client, cookie, t):
        self.client, self.cookie = client, cookie
        self.last = t  # the last ping processed, registration or reconnect
        self.timer = 0  # number of the timer that counts
        self.connected = True


class Opened:
    """An image that a client has open, with its watch as the client knows it."""

    def __init__(self, client, image, serial, cookie):
        self.client, self.image, self.serial, self.cookie = client, image, serial, cookie
        self.registered = False
        self.error = 0
        self.gen = 0
        self.acked = None  # send time of the last acknowledged ping
        self.last_processed = None
        self.pings = []  # [sent, OSD's address, processed at or None, answered at or None, result]
        self.owner = False
        self.closed, self.closed_at = False, None
        self.ios = self.errors = self.eshutdowns = 0
        self.inflight = 0
        self.waiting = 0
        self.stopped = False  # its guest runs elsewhere now
        self.summed, self.summing = 0, False  # what the last summary told
        self.sampled = None  # what the sampler knows
        self.opened = 0.0
        self.told_overdue = None


class Client:
    def __init__(self, world, process, gid, nonce, entity, version):
        self.world = world
        self.process, self.gid, self.nonce, self.entity, self.version = process, gid, nonce, entity, version
        self.address = "%s:0/%d" % (process.host.ip, nonce)
        self.images = []
        self.connected = False
        self.shut = None
        self.fenced_map = None  # when its own map told it
        self.kernel = False  # krbd
        process.clients.append(self)


class Osd:
    def __init__(self, number, address, host):
        self.number, self.address, self.host = number, address, host
        self.fenced = {}  # address: since when this OSD's map has it
        self.slow = []  # [(begin, end)]: what arrives is processed at the end
        self.silent = []  # [(begin, end, clients)]: of these nothing is heard until the end
        self.reset = []

    def hears(self, t, client):
        for begin, end, clients in self.silent:
            if begin <= t < end and client in clients:
                t = end
        return t


class World(Network, Monitors, Sampler):
    def __init__(self, dice, release, timeout, secure, end):
        self.dice, self.release, self.timeout, self.secure, self.end = dice, release, timeout, secure, end
        self.now, self.queue, self.count = 0.0, [], 0
        self.facts, self.hosts, self.osds, self.processes, self.cuts, self.fences = [], [], [], [], [], []
        self.paused = []  # [(begin, end)]: pauserd, pausewr
        self.lines = {}  # (client, osd, way): when the last message arrives: TCP keeps order
        self.stuck = []  # [(image, begin, end)]: the header's placement group does nothing, its watches' timers neither
        self.commit = (0.05, 0.8)
        self.complaint = dice.choice((30.0, 30.0, 5.0))  # osd_op_complaint_time
        self.listed = {}  # addresses on the blocklist now: expiry

    # ---- Time ----

    def at(self, t, what, *args):
        self.count += 1
        heapq.heappush(self.queue, (t, self.count, what, args))

    def at_process(self, process, t, what, *args):
        """As soon as the process runs at t or later, if it ever does."""
        def woken():
            t2 = process.wakes(self.now)
            if t2 is None:
                return
            if t2 > self.now:
                self.at(t2 + self.dice.uniform(0, 0.002), woken)
            else:
                what(*args)
        self.at(t, woken)

    def at_process_of(self, vm, t, what):
        """The same of a VM that has not booted yet."""
        self.at(t, lambda: vm["process"] and self.at_process(vm["process"], self.now, what))

    def note(self, kind, place, **fields):
        self.facts.append(Fact(self.now, kind, place, fields))

    def run(self):
        while self.queue and self.queue[0][0] <= self.end:
            self.now, _, what, args = heapq.heappop(self.queue)
            what(*args)
        self.now = self.end

    # ---- Clients ----

    def connect(self, client):
        client.connected = True
        self.note("client_connect", client.process, client=client)

    def open_image(self, client, image, serial=1, read_only=False, then=None):
        """Opens an image: registers its watch, then `then(opened)`."""
        opened = Opened(client, image, serial, self.dice.randrange(0x5500_0000_0000, 0x7fff_0000_0000) & ~0xf)
        opened.opened = self.now
        client.images.append(opened)

        def is_open(result):
            if result:
                return
            self.note("image_open", client.process, client=client, opened=opened)
            self.sample_from(opened)
            if then:
                then(opened)
        self.register(opened, is_open)
        return opened

    def register(self, opened, then=None, first=True):
        client, image = opened.client, opened.image
        begin, cookie = self.now, opened.cookie

        def there():
            if self.is_fenced(image.primary, client):
                return ESHUTDOWN
            watch = Watch(client, cookie, self.now)
            image.watches[client.address, cookie] = watch
            opened.last_processed = self.now
            self.arm(image, watch)
            self.note("osd_registered", image.primary, image=image, client=client, cookie=cookie)
            return 0

        def back(result):
            if opened.closed:
                return
            self.note("watch_registered", client.process, client=client, opened=opened, cookie=cookie, result=result,
                      latency=self.now - begin)
            if result == 0:
                opened.registered, opened.error, opened.gen = True, 0, opened.gen + 1
                opened.acked = begin  # watch_check counts from here
                opened.sampled = opened.told_overdue = None  # the shim's sampler has not looked at this one yet
                if first:
                    self.at_process(client.process, self.now + TICK, self.tick, opened, opened.cookie)
                else:
                    self.at_process(client.process, self.now + self.dice.uniform(0.5, TICK), self.tick, opened, opened.cookie)
            if then:
                then(result)
        self.ask(client, image.primary, there, back, image)

    def tick(self, opened, cookie):
        """Objecter's tick: a ping for each watch that has no error."""
        client = opened.client
        if opened.closed or client.shut is not None or cookie != opened.cookie:
            return
        if opened.registered and not opened.error and not self.paused_at(self.now):
            self.ping(opened)
        self.at_process(client.process, self.now + TICK + self.dice.uniform(0, 0.004), self.tick, opened, cookie)

    def paused_at(self, t):
        return any(begin <= t < end for begin, end in self.paused)

    def ping(self, opened):
        client, image = opened.client, opened.image
        osd, sent, cookie, gen = image.primary, self.now, opened.cookie, opened.gen
        ping = [sent, osd.address, None, None, None, osd]
        opened.pings.append(ping)
        self.note("ping_sent", client.process, client=client, opened=opened, cookie=cookie, gen=gen, osd=osd, sent=sent)

        def there():
            if osd is not image.primary:
                return None  # not its any more: the client sends anew, to the new one
            if self.is_fenced(osd, client):
                self.note("osd_refused", osd, client=client, image=image)
                return ESHUTDOWN
            self.note("osd_ping", osd, client=client, image=image, cookie=cookie)
            watch = image.watches.get((client.address, cookie))
            if not watch:
                return ENOTCONN
            if not watch.connected:
                return ETIMEDOUT
            ping[2] = self.now
            watch.last = opened.last_processed = self.now
            self.arm(image, watch)
            self.note("osd_found_watch", osd, client=client, image=image, cookie=cookie)
            return 0

        def back(result):
            ping[3], ping[4] = self.now, result
            self.note("ping_reply", client.process, client=client, opened=opened, cookie=cookie, gen=gen, osd=osd, sent=sent, result=result)
            if cookie != opened.cookie or opened.closed:
                return
            if result == 0:
                opened.acked = max(opened.acked or 0, sent)
            elif not opened.error:
                self.watch_fails(opened, ENOTCONN if result == ETIMEDOUT else result)
        self.ask(client, osd, there, back, image, again=False, words="%s:head [watch ping cookie %d gen %d]" % (image.oid, cookie, gen))

    def watch_fails(self, opened, result):
        """handle_error, and librbd's new registration, with another handle or, now and then, the same."""
        opened.error = result
        client = opened.client
        self.note("watch_error", client.process, client=client, opened=opened, cookie=opened.cookie, result=result)
        self.at_process(client.process, self.now + self.dice.uniform(0.0002, 0.01), self.watch_again, opened)

    def watch_again(self, opened):
        if opened.closed or opened.client.shut is not None:
            return
        self.note("watch_unregistered", opened.client.process, client=opened.client, opened=opened, cookie=opened.cookie)
        opened.registered = False
        if opened.client.fenced_map is not None or self.is_fenced(opened.image.primary, opened.client) and self.dice.random() < 0.7:
            return  # RewatchRequest: client blocklisted
        if self.dice.random() > 0.1:
            opened.cookie = opened.cookie + 16 * self.dice.randrange(1, 1 << 20)

        def again(result):
            if result == ESHUTDOWN:
                opened.error = result
            elif opened.owner and opened.image.locker and opened.image.locker[0] is opened.client:
                opened.image.locker = (opened.client, opened.cookie)
        self.at_process(opened.client.process, self.now + self.dice.uniform(0.001, 0.3), self.register, opened, again, False)

    def arm(self, image, watch):
        watch.timer += 1
        self.at(watch.last + self.timeout, self.timer, image, watch, watch.timer)

    def timer(self, image, watch, number):
        """HandleWatchTimeout, unless a later ping began it anew; it waits for its placement group."""
        if number != watch.timer or image.watches.get((watch.client.address, watch.cookie)) is not watch:
            return
        for stuck, begin, end in self.stuck:
            if stuck is image and begin <= self.now < end:
                self.at(end + self.dice.uniform(0, 0.06), self.timer, image, watch, number)
                return
        osd = image.primary
        self.note("osd_timeout", osd, image=image, client=watch.client, cookie=watch.cookie)
        self.drop(image, watch)

    def drop(self, image, watch):
        """The OSD forgets a watch and says so to the client, if that can be reached."""
        osd, client = image.primary, watch.client
        image.watches.pop((client.address, watch.cookie), None)
        opened = next((each for each in client.images if each.image is image and each.cookie == watch.cookie), None)
        if not opened or client.shut is not None:
            return
        back = self.travel(self.now, client, osd, "from")

        def told():
            if opened.cookie == watch.cookie and not opened.error and not opened.closed:
                self.watch_fails(opened, ENOTCONN)
        if back is not None:
            self.at_process(client.process, back, told)

    def move_primary(self, image, osd):
        """A new primary starts the timers anew; clients reconnect as soon as they have the map."""
        image.primary = osd
        image.history.append((self.now, osd))
        self.note("moved", osd, image=image)
        for watch in list(image.watches.values()):
            watch.last = self.now
            self.arm(image, watch)
            opened = next((each for each in watch.client.images if each.image is image and each.cookie == watch.cookie), None)
            if opened:
                self.at_process(watch.client.process, self.now + self.dice.uniform(0.05, 1.5), self.reconnect, opened, watch.cookie)

    def reconnect(self, opened, cookie):
        """Watch op 5; not an event of the shim."""
        client, image = opened.client, opened.image
        if opened.closed or client.shut is not None or opened.cookie != cookie or opened.error:
            return
        osd = image.primary

        def there():
            if self.is_fenced(osd, client):
                return ESHUTDOWN
            watch = image.watches.get((client.address, cookie))
            if not watch:
                return ENOTCONN
            watch.last = opened.last_processed = self.now
            self.arm(image, watch)
            self.note("osd_reconnected", osd, image=image, client=client, cookie=cookie)
            return 0

        def back(result):
            if result and not opened.error and opened.cookie == cookie:
                self.watch_fails(opened, result)
        self.ask(client, osd, there, back, image)

    def cut_ends(self, cut):
        """A connection that ended loses what was on its way; the client comes back with its watches."""
        for process in self.processes:
            if process.host is not cut.host and cut.host:
                continue
            for client in process.clients:
                for opened in client.images:
                    if cut.osd in (None, opened.image.primary) and opened.registered:
                        self.at_process(process, self.now + self.dice.uniform(0.1, 2.0), self.reconnect, opened, opened.cookie)

    # ---- I/O of the guest ----

    def write_for_ever(self, opened, pause, give_up=12):
        """Writes of 4 KiB, each to an OSD of the pool; after some failures the guest gives up."""
        client = opened.client
        if opened.closed or opened.stopped or client.shut is not None or opened.errors >= give_up:
            return
        if self.release < 15 and not client.kernel and (opened.error or client.fenced_map is not None) and opened.eshutdowns == 0:
            opened.waiting += 1  # Nautilus: watcher not registered, the request is delayed for ever
            opened.inflight += 1
            return
        osd, begin, offset = self.dice.choice(self.osds), self.now, 4096 * self.dice.randrange(1 << 18)
        opened.inflight += 1

        def there():
            if self.is_fenced(osd, client):
                self.note("osd_refused", osd, client=client, image=opened.image)
                return ESHUTDOWN
            return 0

        def back(result):
            if opened.closed:
                return
            opened.inflight -= 1
            opened.ios += 1
            if result:
                opened.errors += 1
                opened.eshutdowns += 1
                self.note("io_fails", client.process, client=client, opened=opened, offset=offset, length=4096, result=result,
                          latency=self.now - begin)
            self.at_process(client.process, self.now + pause * self.dice.uniform(0.5, 1.5), self.write_for_ever, opened, pause, give_up)
        self.ask(client, osd, there, back, words="rbd_data.%s.%016x:head [write 0~4096]" % (opened.image.id, offset >> 22))

    # ---- Ends ----

    def kill(self, process, reason="crashed"):
        """SIGKILL, a crash, or (reason None) its host's end: no last word. Its connections are reset; the watches stay until they time out."""
        if process.ended is None:
            process.ended, process.reason = self.now, reason

    def close(self, opened, then=None):
        client, image = opened.client, opened.image
        if opened.closed:
            return
        self.note("watch_unregistered", client.process, client=client, opened=opened, cookie=opened.cookie)
        opened.registered, opened.closed, opened.closed_at = False, True, self.now
        image.watches.pop((client.address, opened.cookie), None)
        if image.locker and image.locker[0] is client:
            image.locker = None
        self.note("image_close", client.process, client=client, opened=opened, inflight=0)
        if then:
            then()

    def shutdown(self, client):
        for opened in client.images:
            self.close(opened)
        client.shut = self.now
        self.note("client_shutdown", client.process, client=client)
